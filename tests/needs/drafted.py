"""A need as its section types it."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import sheets
from matchhub.domain.models import Need

FORM = {
    "title": "六层老楼加装电梯协商", "section_code": "zzb", "summary": "陪 12 个楼组走完征询", "background": "没有电梯。",
    "problem": "support", "urgency": "high", "source": "hotline", "communities": ["yuanyuan", "guiyang"],
    "target_groups": ["older"], "target_count": "360", "fields": ["lift"], "outcomes-0-indicator": "楼组",
    "outcomes-0-baseline": "3", "outcomes-0-target": "12", "outcomes-1-indicator": "", "requirements": "每周到场。",
    "essential-0-text": "有经验", "essential-1-text": "", "essential-2-text": " 有两名专职 ",
    "preferred-0-text": "有调解员", "starts_on": "2026年12月1日", "ends_on": "2027-06-30",
    "budget_fen": "168,000", "budget_public": "y", "funding": "street", "procurement": "comparison", "collect_days": "15",
    "review_mode": "both", "notice_days": "5", "contact_name": "王岚", "contact_phone": "021-0000 0122", "suggested": "安阶",
}  # fmt: skip


def form(**over):
    return FORM | {"rubric_id": str(sheets.newest_rubric("A").id)} | over


def the_need() -> Need:
    return db.session.scalars(sa.select(Need).order_by(Need.id.desc())).first()
