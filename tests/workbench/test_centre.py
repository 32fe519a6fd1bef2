"""The service centre is offered what it may do, and nothing else."""

from __future__ import annotations

from matchhub.domain import todo
from matchhub.domain.models import OrganisationState, Role
from tests import factories as make


def test_the_centre_looks_through_papers_and_may_send_them_back_only(client_as, app):
    waiting = make.organisation(OrganisationState.PENDING)
    centre, staff = make.user(Role.CENTRE_STAFF), make.staff()
    words = {user.id: [(one.kind, one.verb) for one in todo.gather(user) if one.subject_ref == waiting.ref]
             for user in (centre, staff)}  # fmt: skip
    assert words[centre.id] == [("核对入驻资料", "去核对")]
    assert words[staff.id] == [("核验机构", "去核验")]
    page = client_as(centre).get(f"/staff/orgs/{waiting.ref}").text
    assert "action=return" in page and "action=admit" not in page and "action=refuse" not in page
    assert client_as(centre).get(f"/staff/orgs/{waiting.ref}/decide?action=admit").status_code == 403
