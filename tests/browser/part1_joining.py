"""The clerk gets an account; two organisations register and are admitted by the street."""

from __future__ import annotations

from matchhub.domain import uscc
from tests.browser.person import Person
from tests.browser.story import PASSWORD, Story, paper

ORGANISATIONS = {
    "org1": ("曹杨邻里社会工作服务中心（虚构）", "方静", "MJ000001"),
    "org2": ("桂巷社区发展促进中心（虚构）", "周宁", "MJ000002"),
}


def play(story: Story) -> None:
    clerk_gets_an_account(story)
    for key in ORGANISATIONS:
        register(story, key)
        fill_profile(story, key)
        admit(story, key)
        declare(story, key)
    add_a_member(story)
    stay(story)


def clerk_gets_an_account(story: Story) -> None:
    """The administrator makes the account; its owner replaces the initial password at the first sign-in."""
    admin = story["sysadmin"].go("/admin/users/new")
    admin.write({"姓名": "王岚", "邮箱": "clerk@example.org", "角色": "街道经办", "所属科室": "社区自治办"})
    admin.press("建立账号")
    clerk = story["clerk"]
    clerk.password = admin.page.locator("main code").first.inner_text().strip()
    clerk.go("/workbench")
    clerk.reads("设置自己的密码")
    clerk.write({"新密码": PASSWORD, "再填一次新密码": PASSWORD})
    clerk.press("保存密码")
    clerk.password = PASSWORD
    clerk.go("/workbench").reads("王岚")


def declare(story: Story, key: str) -> None:
    """What every application needs is declared once, by the organisation's head."""
    head = story[key].go("/my/org/declarations")
    head.write({"签名": ORGANISATIONS[key][1]})
    head.press("签署声明")
    head.told("已签署 4 项声明")


def register(story: Story, key: str) -> None:
    name, person, body = ORGANISATIONS[key]
    code = uscc.compose("5", "2", "310107", body)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    visitor = story[key].go("/register")
    visitor.write({"机构名称": name, "统一社会信用代码": wrong, "您的姓名": person, "邮箱": f"{key}@example.org"})
    visitor.choose("机构类型", "社会服务机构")
    visitor.write({"手机号": f"1990000{body[-4:]}", "登录密码": PASSWORD})
    visitor.write({"我代表本机构注册，所填内容真实，同意按隐私政策处理联系信息。": True})
    visitor.press("注册并继续")
    _repairs_the_code(visitor, code)
    visitor.told("注册成功")


def _repairs_the_code(visitor: Person, code: str) -> None:
    """A wrong check character is named; what was typed stays, only passwords are typed again."""
    visitor.reads("有 1 处需要修改", "校验")
    visitor.write({"统一社会信用代码": code, "登录密码": PASSWORD})
    visitor.press("注册并继续")


def fill_profile(story: Story, key: str) -> None:
    _name, person, _body = ORGANISATIONS[key]
    admin = story[key].go("/my/org/edit")
    admin.write(
        {"成立日期": "2019-05-01", "法定代表人": person, "住所": "兰溪路 1 号", "最近一次年检结论": "2025 年度：合格",
         "机构简介": "在曹杨新村做楼组协商和为老服务。", "专职人数": "6", "兼职人数": "2", "持证社工人数": "4",
         "联系人": person, "联系电话": "021-0000 1234", "一年最多能承接的项目数": "3", "理事、监事": "方静\n周宁\n李平"}
    )  # fmt: skip
    admin.choose("服务领域", "加装电梯", "居民自治与协商")
    admin.choose("覆盖社区", "桂杨园（曹杨二村）")
    admin.press("保存资料")
    admin.told("机构资料已保存")
    admin.go("/my/org/documents")
    admin.choose("文件种类", "登记证书")
    admin.write({"文件": [paper("登记证书.pdf")], "有效期至": "2029-05-01"})
    admin.press("上传")
    admin.reads("登记证书.pdf")
    admin.go("/my/org")
    admin.follow("提交入驻申请")
    admin.write({"以上资料真实有效，如有变化会及时更新。": True})
    admin.press("提交入驻申请")
    admin.reads("街道正在核验")


def admit(story: Story, key: str) -> None:
    name = ORGANISATIONS[key][0]
    clerk = story["clerk"].go("/staff/orgs")
    clerk.follow(name)
    story.refs[key] = clerk.ref
    clerk.follow("登记")
    clerk.write({"年检合格": True})
    clerk.press("保存")
    clerk.follow("同意入驻")
    clerk.press("同意入驻")
    story["resident"].go("/orgs").reads(name)


def add_a_member(story: Story) -> None:
    """The organisation's admin hands the initial password over; it is shown once."""
    owner = story["org1"].go("/my/org/members")
    owner.write({"姓名": "李平", "邮箱": "member@example.org"})
    owner.choose("身份", "成员：填写申报、台账和月报")
    owner.press("添加成员")
    owner.reads("李平", "初始密码")


def stay(story: Story) -> None:
    """Leaving says what it means before anything is done."""
    story["org2"].go(f"/my/org/{story.refs['org2']}/leave").reads("退出后不能恢复")
