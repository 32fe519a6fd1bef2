"""Signing the standing declarations of an organisation."""

from __future__ import annotations

from collections.abc import Sequence

from matchhub.core.db import command
from matchhub.domain import application_form as form
from matchhub.domain import declarations, lifecycle
from matchhub.domain.models import Organisation, User
from matchhub.features.organisations.rules import require_admin


@command
def sign(actor: User, organisation: Organisation, kinds: Sequence[str], signed_name: str) -> int:
    """Sign declarations for the period of the settings; how many. Raises Refused, NotYours."""
    require_admin(actor, organisation)
    count = declarations.sign(organisation, actor, kinds, signed_name, form.signers(organisation))
    lifecycle.record(actor, organisation, "sign_declarations", {"kinds": sorted(set(kinds))})
    return count
