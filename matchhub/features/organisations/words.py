"""Sentences and words about organisations."""

from __future__ import annotations

from matchhub.core.i18n import _, _l
from matchhub.domain.uscc import Problem, ProblemCode

# Documents of the profile, in the order of the page; only the first must be there.
PURPOSES: dict[str, str] = {
    "certificate": _l("登记证书"),
    "charter": _l("章程"),
    "annual_report": _l("年报"),
    "declaration": _l("无违法记录声明"),
}

# Deeds of the ledger that are no moves of the life-cycle.
DEEDS: dict[str, str] = {
    "register": _l("注册"),
    "save_profile": _l("修改资料"),
    "add_document": _l("上传文件"),
    "remove_document": _l("删除文件"),
    "set_standing": _l("登记信用、年检等情况"),
}


def uscc_sentence(problem: Problem) -> str:
    """What is wrong with a unified social credit code, and where to look."""
    match problem.code:
        case ProblemCode.length:
            return _("统一社会信用代码是 18 位，您填了 %(n)s 位。请对照登记证书补齐。", n=problem.position)
        case ProblemCode.letter:
            return _letter(problem)
        case ProblemCode.department:
            return _("第 1 位“%(c)s”不是登记管理部门的代码。社会组织通常是 5，企业通常是 9。", c=problem.character)
        case ProblemCode.organisation_class:
            return _(
                "第 2 位“%(c)s”不是这个登记部门的机构类别。社会团体是 1，社会服务机构是 2，基金会是 3。",
                c=problem.character,
            )
        case ProblemCode.region:
            return _(
                "第 %(n)s 位“%(c)s”应是数字：第 3 到 8 位是登记地的行政区划代码，普陀区是 310107。",
                n=problem.position,
                c=problem.character,
            )
        case ProblemCode.body_check:
            return _("第 9 到 17 位（主体标识码）对不上：第 17 位是校验码。请对照登记证书核对这 9 位。")
    return _("最后一位校验码对不上，说明前面有一位抄错了或两位颠倒了。请对照登记证书逐位核对。")


def _letter(problem: Problem) -> str:
    if problem.likely:
        return _(
            "第 %(n)s 位“%(c)s”不会出现在代码里，很可能是“%(likely)s”看错了。",
            n=problem.position,
            c=problem.character,
            likely=problem.likely,
        )
    return _("第 %(n)s 位“%(c)s”不会出现在代码里，请对照登记证书核对。", n=problem.position, c=problem.character)
