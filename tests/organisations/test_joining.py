"""An organisation registers itself and fills its profile in."""

from __future__ import annotations

import pytest

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import attachments, coding
from matchhub.domain.models import Organisation
from matchhub.domain.models import OrganisationState as S
from matchhub.domain.roles import Role
from matchhub.features.organisations import documents, service
from tests import factories as make
from tests.organisations.conftest import PASSWORD, fresh, picture, profile, registration


def only() -> Organisation:
    return db.session.query(Organisation).one()


def test_an_organisation_registers_and_is_signed_in(app):
    client = app.test_client()
    answer = client.post("/register", data=registration(uscc="5231 0107-mj5260185t"))
    assert (answer.status_code, answer.location) == (303, "/my/org")
    org = only()
    assert (org.state, org.uscc, org.ref) == (S.DRAFT, "52310107MJ5260185T", "JG-2026-001")
    admin = org.people[0]
    assert (admin.roles, admin.employer, admin.must_set_password) == ({Role.ORG_ADMIN}, org.name, False)
    assert "还没有提交入驻申请" in client.get("/my/org").text
    again = app.test_client().post("/login", data={"login": "13800138000", "password": PASSWORD})
    assert again.status_code == 303


CODE = "52310107MJ5260185T"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (CODE[:-1], "是 18 位，您填了 17 位"),
        (CODE + "1", "是 18 位，您填了 19 位"),
        ("5231O107MJ5260185T", "第 5 位“O”不会出现在代码里，很可能是“0”看错了"),
        ("5231I107MJ5260185T", "第 5 位“I”不会出现在代码里，很可能是“1”看错了"),
        ("52310107MJ52601@5T", "第 16 位“@”不会出现在代码里"),
        ("B2310107MJ5260185T", "第 1 位“B”不是登记管理部门的代码"),
        ("58310107MJ5260185T", "第 2 位“8”不是这个登记部门的机构类别"),
        ("52X10107MJ5260185T", "第 3 位“X”应是数字"),
        ("52310107MJ5260186T", "第 9 到 17 位（主体标识码）对不上"),
        ("52310107MJ5260185A", "最后一位校验码对不上"),
        ("", "请填写统一社会信用代码"),
    ],
)
def test_a_wrong_code_is_told_where_it_is_wrong(app, code, says):
    answer = app.test_client().post("/register", data=registration(uscc=code))
    assert answer.status_code == 422
    assert says in answer.text
    assert "和睦邻里社会工作服务中心" in answer.text
    assert db.session.query(Organisation).count() == 0


def test_a_code_a_name_an_email_and_a_phone_belong_to_one(app):
    known = make.organisation(name="源园助老服务社", uscc=CODE)
    make.user(email="taken@example.org", phone="13900139000")
    for change, says in (
        ({"uscc": CODE}, "已经注册过了"),
        ({"name": known.name}, "已有同名机构"),
        ({"email": "Taken@example.org"}, "已有账号使用这个邮箱"),
        ({"phone": "139 0013 9000"}, "已有账号使用这个手机号"),
    ):
        answer = app.test_client().post("/register", data=registration(**change))
        assert (answer.status_code, says in answer.text) == (422, True), says
    assert db.session.query(Organisation).count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [({"password": "短"}, "至少 12 个字符"), ({"password": "和睦邻里社会工作服务中心顾明"}, "常见词"), ({"agreed": ""}, "请勾选确认"),
     ({"type": "nonsense"}, "请从列出的选项里选择"), ({"person": ""}, "请填写您的姓名")],
)  # fmt: skip
def test_what_is_missing_at_registration_is_told(app, change, says):
    answer = app.test_client().post("/register", data=registration(**change))
    assert answer.status_code == 422
    assert says in answer.text


def test_an_address_registers_only_so_often(app):
    make.organisation(uscc=CODE)
    for _ in range(service.REGISTRATIONS_PER_ADDRESS):
        assert app.test_client().post("/register", data=registration(uscc=CODE)).status_code == 422
    limited = app.test_client().post("/register", data=registration())
    assert limited.status_code == 429
    assert "之后再试" in limited.text


@pytest.fixture
def draft(app):
    return make.org_admin(make.organisation(S.DRAFT, name="新芽亲子服务站", intro="", address=""), name="苗苗")


def test_the_profile_is_filled_in(app, draft, client_as):
    org = draft.organisation
    assert client_as(draft).post("/my/org/edit", data=profile(org)).status_code == 303
    org = fresh(org)
    assert (org.intro, org.abilities, org.board) == ("陪老人过好每一天。", ["楼组协商", "个案服务"], ["方静", "顾明"])
    assert (org.is_charity, org.may_raise_funds, org.capacity) == (True, False, 4)
    assert coding.codes_of(org) == {
        "field": ["elderly", "mediation"],
        "target_group": ["older"],
        "community": ["yuanyuan"],
    }
    row = db.session.query(LedgerEntry).filter_by(deed="organisation.save_profile").one()
    assert "intro" in row.details["fields"]
    assert "陪老人" not in row.data
    shown = client_as(draft).get("/my/org/edit").text
    assert "楼组协商\n个案服务" in shown


@pytest.mark.parametrize(
    ("change", "says"),
    [({"fields": []}, "请至少选择一个服务领域"), ({"fields": ["nonsense"]}, "请从列出的选项里选择"),
     ({"registered_on": "去年"}, "请按“年-月-日”填写日期"), ({"social_workers": "8"}, "不能超过专职和兼职人数之和（7 人）"),
     ({"grade_until": "2023-01-01"}, "不能早于评定日期"), ({"contact_phone": "打给我"}, "请填完整的手机号"),
     ({"uscc": "5231"}, "是 18 位，您填了 4 位"), ({"intro": "长" * 1001}, "请删去 1 字")],
)  # fmt: skip
def test_a_profile_that_cannot_be_is_refused_with_what_was_typed(app, draft, client_as, change, says):
    answer = client_as(draft).post("/my/org/edit", data=profile(draft.organisation, **change))
    assert answer.status_code == 422
    assert says in answer.text
    assert "021-62570000" in answer.text
    assert fresh(draft.organisation).intro == ""


@pytest.mark.parametrize("phone", ["13800138000", "021-62570000", "+86 21 6257 0000", "021-62570000 转 8012"])
def test_a_telephone_may_be_a_landline_with_an_extension(app, draft, client_as, phone):
    data = profile(draft.organisation, contact_phone=phone)
    assert client_as(draft).post("/my/org/edit", data=data).status_code == 303
    assert fresh(draft.organisation).contact_phone == phone


def test_two_people_do_not_overwrite_each_other(app, draft, client_as):
    old = profile(draft.organisation, version=draft.organisation.version)
    service.save_profile(draft, draft.organisation, {"intro": "先存的一份"})
    answer = client_as(draft).post("/my/org/edit", data=old)
    assert answer.status_code == 422
    assert "别人改过这条记录" in answer.text
    assert fresh(draft.organisation).intro == "先存的一份"


def test_no_other_column_can_be_written_through_the_profile(app, draft, client_as):
    more = {"state": "admitted", "is_hub": "y", "in_bad_standing": "", "annual_check_passed": "y", "barred_until": "2030-01-01",
            "credit_note": "很好", "incubation_note": "x", "ref": "JG-1", "id": "1"}  # fmt: skip
    before = {name: getattr(draft.organisation, name) for name in (*more, "admitted_at")}
    assert client_as(draft).post("/my/org/edit", data=profile(draft.organisation, **more)).status_code == 303
    org = fresh(draft.organisation)
    assert {name: getattr(org, name) for name in before} == before


def test_what_was_verified_cannot_be_changed_by_the_organisation(app, client_as):
    admin = make.org_admin(make.organisation(name="源园助老服务社"))
    org = admin.organisation
    data = profile(org, name="别的名字", uscc=make.code(), type="foundation", intro="新简介")
    assert client_as(admin).post("/my/org/edit", data=data).status_code == 303
    after = fresh(org)
    assert (after.name, after.uscc, after.type, after.intro) == ("源园助老服务社", org.uscc, "service", "新简介")
    assert 'name="uscc"' not in client_as(admin).get("/my/org/edit").text


@pytest.mark.parametrize(
    ("state", "says"), [(S.PENDING, "正在核验"), (S.REFUSED, "已不在平台上"), (S.LEFT, "已不在平台上")]
)
def test_a_profile_stands_still_while_it_is_verified_and_after_the_end(app, client_as, state, says):
    admin = make.org_admin(make.organisation(state))
    with pytest.raises(NotNow, match=says):
        service.save_profile(admin, admin.organisation, {"intro": "x"})
    refused = client_as(admin).post("/my/org/edit", data=profile(admin.organisation))
    assert (refused.status_code, says in refused.text) == (422, True)
    upload = {"purpose": "charter", "files": picture(), "expires_on": ""}
    assert says in client_as(admin).post("/my/org/documents", data=upload).text


def test_a_member_reads_and_only_an_admin_changes(app, client_as):
    org = make.organisation(S.DRAFT)
    member = make.user(Role.ORG_MEMBER, organisation=org)
    client = client_as(member)
    assert client.get("/my/org").status_code == 200
    assert client.get("/my/org/documents").status_code == 200
    for address in ("/my/org/edit", f"/my/org/{org.ref}/submit", f"/my/org/{org.ref}/leave"):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    with pytest.raises(NotYours):
        service.save_profile(member, org, {"intro": "x"})
    with pytest.raises(NotYours):
        service.submit(member, org)


def test_documents_are_uploaded_and_removed(app, draft, client_as):
    client = client_as(draft)
    upload = {
        "purpose": "charter",
        "files": [picture("章程（2024）.png"), picture("第二页.png")],
        "expires_on": "2027-05-31",
    }
    assert client.post("/my/org/documents", data=upload).status_code == 303
    files = attachments.of(draft.organisation, "charter")
    assert [file.name for file in files] == ["章程（2024）.png", "第二页.png"]
    assert {file.expires_on.isoformat() for file in files} == {"2027-05-31"}
    page = client.get("/my/org/documents").text
    assert "章程（2024）.png" in page
    code = files[0].code
    assert client.post(f"/my/org/documents/{code}/remove").status_code == 303
    assert client.post(f"/my/org/documents/{code}/remove").status_code == 409
    assert len(attachments.of(draft.organisation, "charter")) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.html", b"<script>1</script>", "格式不支持"), ("a.svg", b"<svg/>", "格式不支持"), ("a.pdf", b"<html>", "不是 PDF 文件"),
     ("a.jpg", b"GIF89a", "不是能识别的图片"), ("a.pdf", b"", "空文件")],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused(app, draft, client_as, name, content, says):
    import io

    data = {"purpose": "charter", "files": (io.BytesIO(content), name), "expires_on": ""}
    answer = client_as(draft).post("/my/org/documents", data=data)
    assert answer.status_code == 422
    assert says in answer.text
    assert attachments.of(draft.organisation, "charter") == []


def test_somebody_elses_document_cannot_be_removed(app, draft, client_as):
    other = make.paper(make.organisation(), "charter")
    assert client_as(draft).post(f"/my/org/documents/{other.code}/remove").status_code == 409


def test_the_last_certificate_of_an_admitted_organisation_stays(app):
    admin = make.org_admin()
    one = make.paper(admin.organisation, "certificate")
    with pytest.raises(NotNow, match="至少要留一份"):
        documents.remove_document(admin, admin.organisation, one.code)
    make.paper(admin.organisation, "certificate")
    documents.remove_document(admin, admin.organisation, one.code)
    assert len(attachments.of(admin.organisation, "certificate")) == 1
