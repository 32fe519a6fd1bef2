"""What the tests of organisations type and upload."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from werkzeug.datastructures import MultiDict

from matchhub.core.db import db
from matchhub.domain.models import Organisation
from tests import factories as make

PASSWORD = "梧桐树下 卖栀子花 的 阿婆"


def registration(**over: str) -> dict[str, str]:
    return {
        "name": "和睦邻里社会工作服务中心", "uscc": make.code(), "type": "service", "person": "顾明",
        "email": "gu@example.org", "phone": "13800138000", "password": PASSWORD, "agreed": "y",
    } | over  # fmt: skip


def profile(org: Organisation, **over: object) -> MultiDict:
    """A whole profile as the form sends it."""
    data = {
        "version": org.version, "name": org.name, "uscc": org.uscc, "type": org.type, "org_class": "life", "origin": "local",
        "registrar": "普陀区民政局", "registered_on": "2019-05-01", "legal_representative": "方静", "address": "兰溪路 1 号",
        "grade": "3A", "grade_on": "2024-05-01", "grade_until": "2029-05-01", "annual_check": "2025 年度：合格",
        "is_charity": "y", "fields": ["elderly", "mediation"], "groups": ["older"], "communities": ["yuanyuan"],
        "abilities": "楼组协商\n个案服务\n楼组协商", "staff_full": "5", "staff_part": "2", "social_workers": "3",
        "capacity": "4", "intro": "陪老人过好每一天。", "contact_name": "顾明", "contact_phone": "021-62570000",
        "board": "方静\n顾明\n", "bank_account": "6222 0000 0000",
    } | over  # fmt: skip
    return MultiDict(
        (key, one) for key, value in data.items() for one in (value if isinstance(value, list) else [value])
    )


def picture(name: str = "登记证书.png") -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (40, 60), "#e4f0ef").save(content, "PNG")
    content.seek(0)
    return content, name


def fresh(org: Organisation) -> Organisation:
    db.session.expire_all()
    return db.session.get(Organisation, org.id)


@pytest.fixture
def staff(app):
    return make.staff(name="于清和")
