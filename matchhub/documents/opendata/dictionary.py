"""The data dictionary: every path that the files may hold, in words, and where its content comes from."""

from __future__ import annotations

from typing import NamedTuple

from matchhub.core.i18n import _l


class Part(NamedTuple):
    """A section of the dictionary: its title, the anchor on the page, and (path, meaning) in the order of the file."""

    title: str
    anchor: str
    rows: tuple[tuple[str, str], ...]


PACKAGE = (
    ("uri", _l("这个文件的地址")),
    ("version", _l("标准的版本")),
    ("publishedDate", _l("内容最后一次变动的时间")),
    ("publisher/name", _l("发布单位：网站的主办单位")),
    ("publisher/uri", _l("网站地址")),
    ("publisher/scheme", _l("机构代码的体系，固定为 CN-USCI（统一社会信用代码）；设置里没有填代码时不出现")),
    ("publisher/uid", _l("发布单位的统一社会信用代码；设置里没有填代码时不出现")),
    ("license", _l("许可协议的地址")),
    ("publicationPolicy", _l("本页地址")),
    ("links/next", _l("下一批发布记录的地址，只在 ocds-releases.json 里，没有下一批时不出现")),
)
RELEASE = (
    ("ocid", _l("过程编号：前缀加需求编号，一条需求从发布到结项不变")),
    ("id", _l("发布编号：过程编号加操作记录的序号；汇总的一条加最后变动的时间")),
    ("date", _l("公开的时间")),
    ("tag", _l("这一条公开了什么，见下面的代码表")),
    ("initiationType", _l("固定为 tender（公开征集）")),
    ("language", _l("内容的语言，固定为 zh")),
    ("buyer/id", _l("街道的编号：CN-USCI 加统一社会信用代码，没有填代码时为 street")),
    ("buyer/name", _l("街道名称")),
    ("planning/rationale", _l("需求的背景与问题")),
    ("planning/budget/description", _l("资金来源")),
    ("planning/budget/amount/amount", _l("预算上限，单位元；预算不公开的需求没有")),
    ("planning/budget/amount/currency", _l("币种，固定为 CNY")),
    (
        "parties/id",
        _l("机构编号：CN-USCI 加统一社会信用代码；科室为 section 加代码；网站上查不到的机构为 name 加名称的摘要"),
    ),
    ("parties/name", _l("机构名称")),
    ("parties/roles", _l("角色：buyer 街道，procuringEntity 科室，tenderer 申报机构，supplier 承接机构")),
    ("parties/identifier/scheme", _l("机构代码的体系，固定为 CN-USCI（统一社会信用代码）")),
    ("parties/identifier/id", _l("统一社会信用代码")),
    ("parties/identifier/legalName", _l("登记的名称")),
)
TENDER = (
    ("tender/id", _l("需求编号")),
    ("tender/title", _l("需求标题")),
    ("tender/description", _l("需求摘要")),
    ("tender/status", _l("征集状态，见下面的代码表")),
    ("tender/procurementMethod", _l("定向委托为 direct，其余为 open（所有入驻机构都可以申报）")),
    ("tender/procurementMethodDetails", _l("街道填写的采购方式")),
    ("tender/mainProcurementCategory", _l("固定为 services（服务）")),
    ("tender/awardCriteria", _l("固定为 ratedCriteria（按量表打分）")),
    ("tender/submissionMethod", _l("固定为 electronicSubmission（网上申报）")),
    ("tender/eligibilityCriteria", _l("必备条件，用分号隔开")),
    ("tender/value/amount", _l("预算上限，单位元；预算不公开的需求没有")),
    ("tender/value/currency", _l("币种，固定为 CNY")),
    ("tender/procuringEntity/id", _l("发布科室的编号")),
    ("tender/procuringEntity/name", _l("发布科室的名称")),
    ("tender/items/id", _l("固定为 1：一条需求是一项服务")),
    ("tender/items/description", _l("需求标题")),
    ("tender/items/additionalClassifications/scheme", _l("分类：服务领域、服务对象或者社区")),
    ("tender/items/additionalClassifications/id", _l("分类的代码")),
    ("tender/items/additionalClassifications/description", _l("分类的名称")),
    ("tender/tenderPeriod/startDate", _l("需求发布的时间")),
    ("tender/tenderPeriod/endDate", _l("申报截止的时间；有过更正的，更正以前的发布记录里是原来的时间")),
    ("tender/enquiryPeriod/startDate", _l("可以提问的开始时间")),
    ("tender/enquiryPeriod/endDate", _l("提问截止的时间")),
    ("tender/contractPeriod/startDate", _l("要求的实施开始日期")),
    ("tender/contractPeriod/endDate", _l("要求的实施结束日期")),
    ("tender/standstillPeriod/startDate", _l("立项公示开始的时间（这个字段取自标准的下一版）")),
    ("tender/standstillPeriod/endDate", _l("立项公示结束的时间（这个字段取自标准的下一版）")),
    ("tender/numberOfTenderers", _l("公示里列出的申报机构数；公示以前没有")),
    ("tender/tenderers/id", _l("公示里列出的申报机构编号；公示以前没有")),
    ("tender/tenderers/name", _l("公示里列出的申报机构名称；公示以前没有")),
    ("tender/amendments/id", _l("需求更正的序号")),
    ("tender/amendments/date", _l("更正的时间")),
    ("tender/amendments/description", _l("更正的内容")),
)
AWARDS = (
    ("awards/id", _l("立项决定的编号：第一份立项公示的编号")),
    ("awards/title", _l("公示标题")),
    ("awards/status", _l("立项状态，见下面的代码表")),
    ("awards/date", _l("公示期间为公示发布的时间，立项以后为立项的时间")),
    ("awards/value/amount", _l("拟立项或者立项的金额，单位元")),
    ("awards/value/currency", _l("币种，固定为 CNY")),
    ("awards/suppliers/id", _l("拟立项或者立项的机构编号")),
    ("awards/suppliers/name", _l("拟立项或者立项的机构名称")),
)
CONTRACTS = (
    ("contracts/id", _l("项目编号")),
    ("contracts/awardID", _l("对应的立项决定的编号")),
    ("contracts/title", _l("项目名称")),
    ("contracts/description", _l("项目简介")),
    ("contracts/status", _l("协议状态，见下面的代码表")),
    ("contracts/value/amount", _l("协议金额，单位元")),
    ("contracts/value/currency", _l("币种，固定为 CNY")),
    ("contracts/dateSigned", _l("签订协议的日期")),
    ("contracts/period/startDate", _l("实施开始日期")),
    ("contracts/period/endDate", _l("实施结束日期")),
    ("contracts/milestones/id", _l("活动计划的序号")),
    ("contracts/milestones/title", _l("活动计划的名称")),
    ("contracts/milestones/type", _l("固定为 delivery（提供服务）")),
    ("contracts/milestones/dueDate", _l("计划完成的最后一天")),
    ("contracts/milestones/status", _l("活动计划的完成情况，见下面的代码表")),
    ("contracts/milestones/dateMet", _l("办满约定场次的日期")),
)


def _documents(path: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{path}/id", _l("文件对应的编号")),
        (f"{path}/documentType", _l("文件种类：征集公告、立项公示、项目页面或者测评结果")),
        (f"{path}/title", _l("文件标题")),
        (f"{path}/url", _l("网站上的地址")),
        (f"{path}/format", _l("固定为 text/html（网页）")),
        (f"{path}/language", _l("内容的语言，固定为 zh")),
    )


PUBLISHED = _l("文件公开的时间")
GRANT = (
    ("id", _l("资助编号：前缀加项目编号")),
    ("title", _l("项目名称")),
    ("description", _l("项目简介")),
    ("currency", _l("币种，固定为 CNY")),
    ("amountAwarded", _l("立项金额，单位元")),
    ("awardDate", _l("立项的日期")),
    ("url", _l("项目页面的地址")),
    ("recipientOrganization/id", _l("承接机构的编号：CN-USCI 加统一社会信用代码")),
    ("recipientOrganization/name", _l("承接机构的名称")),
    ("recipientOrganization/url", _l("承接机构页面的地址")),
    ("fundingOrganization/id", _l("街道的编号：CN-USCI 加统一社会信用代码，没有填代码时为 street")),
    ("fundingOrganization/name", _l("街道名称")),
    ("fundingOrganization/department", _l("发布科室的名称")),
    ("grantProgramme/code", _l("需求编号")),
    ("grantProgramme/title", _l("需求标题")),
    ("grantProgramme/url", _l("需求页面的地址")),
    ("fromOpenCall", _l("定向委托为 No，公开征集为 Yes")),
    ("plannedDates/startDate", _l("协议约定的开始日期")),
    ("plannedDates/endDate", _l("协议约定的结束日期")),
    ("actualDates/startDate", _l("项目启动的日期")),
    ("actualDates/endDate", _l("项目归档或者终止的日期")),
    ("beneficiaryLocation/id", _l("涉及社区的代码")),
    ("beneficiaryLocation/name", _l("涉及社区的名称")),
    ("beneficiaryLocation/countryCode", _l("固定为 CN")),
    ("fundingType/vocabulary", _l("分类表：本站的资金来源")),
    ("fundingType/code", _l("资金来源的代码")),
    ("fundingType/title", _l("资金来源")),
    ("classifications/vocabulary", _l("分类表：本站的服务领域或者服务对象")),
    ("classifications/code", _l("分类的代码")),
    ("classifications/title", _l("分类的名称")),
    ("dateModified", _l("最后一次公开变动的时间")),
    ("dataSource", _l("本页地址")),
)
GRANT_PACKAGE = (
    ("version", _l("标准的版本")),
    ("title", _l("文件标题")),
    ("identifier", _l("这个文件的地址")),
    ("publisher/name", _l("发布单位：网站的主办单位")),
    ("publisher/website", _l("网站地址")),
    ("publisher/identifier", _l("发布单位的编号；设置里没有填代码时不出现")),
    ("issued", _l("内容最后一次变动的时间")),
    ("modified", _l("内容最后一次变动的时间")),
    ("downloadURL", _l("这个文件的地址")),
    ("accessURL", _l("本页地址")),
    ("license", _l("许可协议的地址")),
)
PARTS = (
    Part(_l("OCDS：文件头"), "ocds-package", PACKAGE),
    Part(_l("OCDS：每条发布记录"), "ocds-release", RELEASE),
    Part(_l("OCDS：需求和征集（tender）"), "ocds-tender",
         TENDER + _documents("tender/documents") + (("tender/documents/datePublished", PUBLISHED),)),
    Part(_l("OCDS：公示和立项（awards）"), "ocds-awards",
         AWARDS + _documents("awards/documents") + (("awards/documents/datePublished", PUBLISHED),)),
    Part(_l("OCDS：协议和活动计划（contracts）"), "ocds-contracts",
         CONTRACTS + _documents("contracts/documents") + _documents("contracts/implementation/documents")
         + (("contracts/implementation/documents/datePublished", PUBLISHED),)),
    Part(_l("360Giving：文件头"), "giving-package", GRANT_PACKAGE),
    Part(_l("360Giving：每个项目"), "giving-grant", GRANT),
)  # fmt: skip

# Code lists: (path, ((code, what it stands for here), …)).
CODES = (
    ("tag", (
        ("tender", _l("需求发布")), ("tenderUpdate", _l("需求更正，或者流标")),
        ("tenderCancellation", _l("需求撤回或者取消")), ("award", _l("立项公示发布")),
        ("awardUpdate", _l("公示更正，或者公示结束后立项")), ("awardCancellation", _l("公示撤销，或者异议成立后重新评审")),
        ("contract", _l("协议签订")), ("contractUpdate", _l("项目启动")), ("implementation", _l("测评定级")),
        ("contractTermination", _l("项目归档或者终止")), ("compiled", _l("到现在为止的汇总")),
    )),
    ("tender/status", (
        ("active", _l("征集、评审或者公示中")), ("complete", _l("已立项")), ("unsuccessful", _l("流标")),
        ("cancelled", _l("已取消")), ("withdrawn", _l("已撤回")),
    )),
    ("awards/status", (
        ("pending", _l("拟立项，公示中")), ("active", _l("已立项")), ("cancelled", _l("不再有效，不列机构和金额")),
    )),
    ("contracts/status", (
        ("pending", _l("已签订，待启动")), ("active", _l("实施、暂停或者结项中")),
        ("terminated", _l("已归档或者已终止")), ("cancelled", _l("启动以前终止")),
    )),
    ("contracts/milestones/status", (
        ("scheduled", _l("还没有到期")), ("met", _l("办满了约定的场次")),
        ("partiallyMet", _l("到期时只办了一部分")), ("notMet", _l("到期时一场也没有办")),
    )),
)  # fmt: skip
