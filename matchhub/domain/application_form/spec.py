"""The application form (申报书) as data: its parts, their fields in order, and the sentence for each empty one.

From these rows come the pages that people fill in, the checks at submission, and the read-only print for reviewers.
The names are the keys of `ApplicationBody.document` and never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchhub.core.i18n import _l


class Kind(StrEnum):
    TEXT = "text"
    LONG = "long"
    WHOLE = "whole"
    MONEY = "money"
    DAY = "day"
    MONTH = "month"
    CHOICE = "choice"
    TICK = "tick"
    TEXTS = "texts"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `needed` is the sentence for an empty answer at submission, empty for an optional one.

    `limit` counts characters of texts and is the largest number of numbers; `options` names the list of a choice;
    `columns` are the fields of each row; `width` is the column's width in a table of rows; `person` marks a name that
    a name-blind review does not show.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    limit: int = 200
    needed: str = ""
    hint: str = ""
    options: str = ""
    columns: tuple[Field, ...] = ()
    width: str = ""
    person: bool = False
    add: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One task of the list, with its own page."""

    code: str
    title: str
    lead: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Raises KeyError for a name that the part does not have."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


MOST_ROWS = 60
SOURCES: dict[str, str] = {"applied": _l("申请"), "matched": _l("配套"), "own": _l("自筹")}

ORGANISATION = Part(
    "organisation",
    _l("机构信息"),
    _l("联系人和经验取自机构档案和过去的项目，请核对后补充。"),
    (
        Field("contact_name", _l("联系人"), limit=60, needed=_l("请填写联系人"), person=True),
        Field("contact_phone", _l("联系电话"), limit=20, needed=_l("请填写联系电话"), person=True,
              hint=_l("街道审查和签约时使用，不对外公开")),
        Field("experience", _l("做过的类似项目"), Kind.LONG, 2000, hint=_l("写明时间、地点、服务了多少人、结果怎样；没有可以不填")),
        Field("joint", _l("联合申报机构"), Kind.ROWS, add=_l("增加一家机构"),
              hint=_l("需求允许联合申报时填写。已入驻的机构从提示里选全称，提交前由对方在自己的账号里确认；"
                      "没有入驻的写全称，并在“附件”里上传对方盖章的合作意向书"),
              columns=(
                  Field("name", _l("机构名称"), limit=100, needed=_l("请填写联合机构的名称"), width="wide"),
                  Field("work", _l("承担的工作"), Kind.LONG, 300, needed=_l("请填写联合机构承担的工作"), width="wide"),
                  Field("share", _l("工作占比（%）"), Kind.WHOLE, 99, _l("请填写联合机构的工作占比，1 到 99"), width="num"),
                  Field("amount_fen", _l("分得经费（元）"), Kind.MONEY, 100_000_000_00, width="num"),
              )),
    ),
)  # fmt: skip

PROJECT = Part(
    "project",
    _l("项目基本情况"),
    _l("写清为谁做、做什么、怎样算做好。"),
    (
        Field("title", _l("项目名称"), limit=40, needed=_l("请填写项目名称"),
              hint=_l("不超过 40 个字，写清服务对象和内容，例如“源园居民区高龄老人陪伴服务”")),
        Field("summary", _l("项目简介"), Kind.LONG, 500, _l("请填写项目简介"), _l("不超过 500 字；立项后向社会公开")),
        Field("analysis", _l("需求分析与依据"), Kind.LONG, 3000, _l("请填写需求分析与依据"),
              _l("调研了谁、多少人、发现了什么；调研材料在“附件”里上传")),
        Field("goals", _l("目标"), Kind.ROWS, needed=_l("请至少填写一个目标"), add=_l("增加一个目标"),
              hint=_l("每个目标都要有指标、现状、目标值和测量方法"),
              columns=(
                  Field("indicator", _l("指标"), limit=100, needed=_l("请填写指标"), width="wide"),
                  Field("baseline", _l("现状"), limit=60, needed=_l("请填写现状，没有基础的填 0"), width="short"),
                  Field("target", _l("目标值"), limit=60, needed=_l("请填写目标值"), width="short"),
                  Field("measure", _l("怎样测量"), limit=200, needed=_l("请填写怎样测量"), width="wide"),
              )),
        Field("beneficiaries", _l("服务对象"), needed=_l("请填写服务对象"), hint=_l("例如“独居和高龄老人及其照护者”")),
        Field("beneficiary_count", _l("服务人数"), Kind.WHOLE, 1_000_000, _l("请填写服务人数，至少 1 人"),
              _l("按人计算，同一个人来多次只算一人")),
        Field("places", _l("实施地点"), needed=_l("请填写实施地点"), hint=_l("写到居民区或活动室")),
        Field("approach", _l("服务内容与方法"), Kind.LONG, 3000, _l("请填写服务内容与方法")),
        Field("participation", _l("居民参与和自治团队培育"), Kind.LONG, 2000),
        Field("sustainability", _l("可持续与推广"), Kind.LONG, 2000, hint=_l("经费结束以后，什么会留下来、由谁接着做")),
        Field("innovation", _l("创新点"), Kind.LONG, 1000),
        Field("party_building", _l("党建结合"), Kind.LONG, 1000),
    ),
)  # fmt: skip

PLAN = Part(
    "plan",
    _l("计划与进度"),
    _l("立项后活动按这张表开展，月报和督导都与它对照。"),
    (
        Field("starts_on", _l("计划开始日期"), Kind.DAY, needed=_l("请填写计划开始日期")),
        Field("ends_on", _l("计划结束日期"), Kind.DAY, needed=_l("请填写计划结束日期")),
        Field("rows", _l("活动计划"), Kind.ROWS, needed=_l("请至少填写一项活动"), add=_l("增加一项活动"),
              columns=(
                  Field("name", _l("活动名称"), limit=60, needed=_l("请填写活动名称"), width="wide"),
                  Field("form", _l("形式"), Kind.CHOICE, options="activity_form", needed=_l("请选择活动形式"), width="short"),
                  Field("times", _l("次数"), Kind.WHOLE, 10_000, _l("请填写次数，至少 1 次"), width="num"),
                  Field("people_each", _l("每次人次"), Kind.WHOLE, 100_000, _l("请填写每次人次，至少 1 人次"), width="third"),
                  Field("from_month", _l("开始月份"), Kind.MONTH, needed=_l("请填写开始月份"), width="third"),
                  Field("to_month", _l("结束月份"), Kind.MONTH, needed=_l("请填写结束月份"), width="third"),
                  Field("lead", _l("负责人"), limit=60, needed=_l("请填写负责人"), person=True),
                  Field("expected", _l("预期产出"), limit=200, needed=_l("请填写预期产出"), width="wide"),
              )),
    ),
)  # fmt: skip

BUDGET = Part(
    "budget",
    _l("预算"),
    _l("先填申请金额，再逐行列出用在哪里。来源为“申请”的各行合计要等于申请金额。"),
    (
        Field("amount_fen", _l("申请金额"), Kind.MONEY, 100_000_000_00, _l("请填写申请金额"), _l("只填数字，例如 86000")),
        Field("rows", _l("预算明细"), Kind.ROWS, needed=_l("请至少填写一行预算"), add=_l("增加一行预算"),
              columns=(
                  Field("category", _l("类别"), Kind.CHOICE, options="budget_category", needed=_l("请选择类别"), width="short"),
                  Field("item", _l("事项"), limit=100, needed=_l("请填写事项"), width="wide"),
                  Field("unit_price_fen", _l("单价（元）"), Kind.MONEY, 100_000_000_00, _l("请填写单价"), width="num"),
                  Field("quantity", _l("数量"), Kind.WHOLE, 1_000_000, _l("请填写数量，至少 1"), width="num"),
                  Field("source", _l("来源"), Kind.CHOICE, options="source", needed=_l("请选择来源"), width="short"),
                  Field("note", _l("备注"), limit=200),
              )),
        Field("other_resources", _l("其他配套资源"), Kind.LONG, 1000, hint=_l("场地、物资、志愿者等不折成钱的支持")),
    ),
)  # fmt: skip

TEAM = Part(
    "team",
    _l("团队"),
    _l("谁来做、各投入多少时间。"),
    (
        Field("rows", _l("团队成员"), Kind.ROWS, needed=_l("请至少填写一名团队成员"), add=_l("增加一人"),
              columns=(
                  Field("name", _l("姓名"), limit=60, needed=_l("请填写姓名"), person=True),
                  Field("qualification", _l("专业资格"), limit=100, width="wide"),
                  Field("role", _l("角色"), limit=60, needed=_l("请填写角色")),
                  Field("share", _l("投入比例（%）"), Kind.WHOLE, 100, _l("请填写投入比例，1 到 100"), width="num"),
              )),
        Field("volunteers", _l("志愿者安排"), Kind.LONG, 1000),
    ),
)  # fmt: skip

RISKS = Part(
    "risks",
    _l("风险与安全"),
    _l("想在前面，出事时才有办法。"),
    (
        Field("risks", _l("风险与预案"), Kind.LONG, 2000, _l("请填写风险与预案")),
        Field("safety", _l("安全与隐私承诺"), Kind.LONG, 2000, _l("请填写安全与隐私承诺"),
              _l("活动安全怎样保证；照片、签到表和个人信息怎样保管")),
    ),
)  # fmt: skip

DECLARATION = Part(
    "declaration",
    _l("声明"),
    _l("由机构负责人核对并签名。"),
    (
        Field("essential", _l("必备条件"), Kind.TEXTS, hint=_l("本需求列出的条件，请逐条确认贵机构符合")),
        Field("ties", _l("利益关系说明"), Kind.LONG, 1000, _l("请填写利益关系说明，没有请写“无”"),
              _l("与街道工作人员、评审人或督导有任职、亲属、合作等关系的，请写明；没有请写“无”")),
        Field("honest", _l("我声明以上内容真实，如有虚假愿承担责任"), Kind.TICK, needed=_l("请勾选诚信声明")),
        Field("signed_name", _l("签名"), limit=60, needed=_l("请签名：填写机构负责人的姓名"), person=True,
              hint=_l("填写法定代表人或机构负责人账号的姓名，与手写签名同等对待")),
    ),
)  # fmt: skip

PARTS: tuple[Part, ...] = (ORGANISATION, PROJECT, PLAN, BUDGET, TEAM, RISKS, DECLARATION)
BY_CODE: dict[str, Part] = {part.code: part for part in PARTS}
