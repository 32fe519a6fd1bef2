"""Who may change a profile, and when."""

from __future__ import annotations

from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain.models import Organisation, OrganisationState, User
from matchhub.domain.parties import Party, parties

S = OrganisationState
# While the street verifies, what it looks at must stand still; a refused or departed organisation is history.
EDITABLE = {S.DRAFT, S.RETURNED, S.ADMITTED, S.SUSPENDED}


def require_admin(actor: User, organisation: Organisation) -> None:
    """Raises NotYours for anybody but an admin of this organisation."""
    if Party.OWNER_ADMIN not in parties(actor, organisation):
        raise NotYours(_("只有本机构负责人可以办理。"))


def require_editable(organisation: Organisation) -> None:
    """Raises NotNow while the profile must stand still."""
    if organisation.state is S.PENDING:
        raise NotNow(_("资料正在核验，核验期间不能修改。如填错了，请联系街道退回。"))
    if organisation.state not in EDITABLE:
        raise NotNow(_("机构已不在平台上，资料不能再修改。"))
