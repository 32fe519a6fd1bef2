"""Every component in every state: what to look at when the look changes, and the target of accessibility checks."""

from __future__ import annotations

from typing import Any

import segno
from flask import current_app, render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms.validators import ValidationError

from matchhub.core.access import PUBLIC, access
from matchhub.core.forms import (
    BooleanField,
    FieldList,
    FormField,
    MultipleFileField,
    PasswordField,
    PlainForm,
    StringField,
    choice,
    choices,
    day,
    text,
    whole,
    yuan,
)
from matchhub.core.i18n import _, _l
from matchhub.core.web import Page
from matchhub.features.kit import Button
from matchhub.features.site.views import bp

AREAS = (("wucun", _l("曹杨五村")), ("yuanyuan", _l("源园")), ("zgc", _l("中关村公寓")))
WAYS = (("online", _l("网上填写")), ("paper", _l("到窗口办理")))


def _areas() -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in AREAS]


def _ways() -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in WAYS]


class LineForm(PlainForm):
    name = text(_l("支出内容"), 60)
    amount = yuan(_l("金额（元）"))
    on = day(_l("日期"))


class SampleForm(PlainForm):
    """One field of each kind. It has no token, because nobody can send it."""

    title = text(_l("项目名称"), 40, _l("请填写项目名称"), hint=_l("不超过 40 个字"))
    name = text(_l("联系人"), 20, _l("请填写联系人姓名"))
    amount = yuan(_l("申请金额"), hint=_l("只填数字，例如 86000"))
    start = day(_l("开始日期"))
    people = whole(_l("服务人数"))
    area = choice(_l("所在小区"), _areas)
    org = StringField(_l("推荐组织"))
    need = choice(_l("对接的需求"), _areas, radio=True)
    way = choice(_l("提交方式"), _ways, _l("请选择一种提交方式"), radio=True)
    areas = choices(_l("服务的小区"), _areas)
    plan = text(_l("实施计划"), 500, hint=_l("写清楚做什么、谁来做、什么时候做"), long=True)
    files = MultipleFileField(_l("附件"))
    secret = PasswordField(_l("密码"))
    lines = FieldList(FormField(LineForm), min_entries=1)
    promise = BooleanField(_l("我保证以上内容属实"))

    def validate_promise(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("请勾选保证内容属实"))


def _filled() -> SampleForm:
    return SampleForm(
        data={
            "title": _("曹杨五村加装电梯居民协商"), "amount": 86_000_00, "people": 120, "area": "wucun", "need": "yuanyuan",
            "areas": ["wucun", "zgc"], "plan": _("第一步入户征询，第二步楼组协商，第三步方案公示。"),
            "lines": [{"name": _("协商会茶水"), "amount": 600_00}, {"name": _("宣传单印刷"), "amount": 850_00}],
        }
    )  # fmt: skip


def _wrong() -> SampleForm:
    form = SampleForm(MultiDict({"title": "", "name": "", "amount": _("八万六"), "start": _("明天")}))
    form.validate()
    return form


def _moves() -> list[tuple[Button, str | None]]:
    return [
        (Button("publish", _l("发布需求"), "", False, _l("发布后内容和时间公开，不能再修改。")), None),
        (Button("preview", _l("预览"), "/needs", False, ""), None),
        (Button("review", _l("开始评审"), "", False, ""), _("征集还没有截止。")),
        (Button("cancel", _l("取消需求"), "/needs", True, ""), None),
    ]


def _sheet_items() -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    scale = [(4, _("差")), (8, _("较差")), (12, _("一般")), (16, _("好")), (20, _("很好"))]
    anchors = [(_("优"), _("计划全部完成"), 18), (_("良"), _("完成四分之三以上"), 15), (_("中"), _("完成一半以上"), 12)]
    return [
        ({"code": "B1", "title": _("活动按计划开展"), "max": 20, "hint": _("时间、地点、内容与计划一致"), "choices": scale,
          "allow_na": True}, {"value": 16, "na": False, "remark": "", "errors": []}),
        ({"code": "B2", "title": _("居民参与"), "max": 20, "anchors": anchors, "veto": True},
         {"value": None, "na": False, "remark": "", "errors": [_("请给这一项打分，或选“不适用”。")]}),
        ({"code": "B3", "title": _("月报按时"), "max": 10, "computed": True},
         {"value": 10, "na": False, "remark": "", "errors": [], "explanation": _("应报 3 份，按时 3 份")}),
    ]  # fmt: skip


def qr_svg(url: str) -> Markup:
    """A QR code as inline SVG with attributes only, as the content security policy wants it."""
    drawn = segno.make(url, error="m").svg_inline(scale=4, border=4, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno draws it; nothing of it is typed by a person


@bp.get("/styleguide")
@access(PUBLIC)
def styleguide() -> str:
    return render_template(
        "styleguide.html",
        form=_filled(),
        wrong=_wrong(),
        page=Page(rows=[], number=3, size=20, total=180, more=True),
        qr_svg=qr_svg(f"{current_app.config['PUBLIC_URL']}/projects"),
        moves=_moves(),
        move_url=lambda _action: "#",
        sheet_items=_sheet_items(),
    )
