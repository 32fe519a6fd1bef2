"""The kinds of account (docs/roles.md). A person may hold several, each with a scope and a period."""

from __future__ import annotations

from enum import StrEnum

from matchhub.core.i18n import _l


class Role(StrEnum):
    STREET_STAFF = "street_staff"
    STREET_APPROVER = "street_approver"
    CENTRE_STAFF = "centre_staff"
    ORG_ADMIN = "org_admin"
    ORG_MEMBER = "org_member"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    FOUNDATION = "foundation"
    NEIGHBOURHOOD = "neighbourhood"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


WORDS: dict[Role, str] = {
    Role.STREET_STAFF: _l("街道经办"),
    Role.STREET_APPROVER: _l("街道审批"),
    Role.CENTRE_STAFF: _l("服务中心工作人员"),
    Role.ORG_ADMIN: _l("机构负责人"),
    Role.ORG_MEMBER: _l("机构成员"),
    Role.REVIEWER: _l("评审人"),
    Role.SUPERVISOR: _l("督导"),
    Role.FOUNDATION: _l("基金会"),
    Role.NEIGHBOURHOOD: _l("居民区"),
    Role.AUDITOR: _l("监督审计"),
    Role.SYSADMIN: _l("系统管理员"),
}

# For `@access`: sets of role codes.
STAFF = frozenset({Role.STREET_STAFF.value})
APPROVER = frozenset({Role.STREET_APPROVER.value})
STREET = STAFF | APPROVER
CENTRE = frozenset({Role.CENTRE_STAFF.value})
OFFICE = STREET | CENTRE
AUDITOR = frozenset({Role.AUDITOR.value})
INSIDE = OFFICE | AUDITOR
ORGANISATION = frozenset({Role.ORG_ADMIN.value, Role.ORG_MEMBER.value})
ORG_ADMIN = frozenset({Role.ORG_ADMIN.value})
REVIEWER = frozenset({Role.REVIEWER.value})
SUPERVISOR = frozenset({Role.SUPERVISOR.value})
FOUNDATION = frozenset({Role.FOUNDATION.value})
NEIGHBOURHOOD = frozenset({Role.NEIGHBOURHOOD.value})
SYSADMIN = frozenset({Role.SYSADMIN.value})

# Roles that belong to an organisation's own people and cannot be combined with judging others.
BY_OTHERS = frozenset({Role.ORG_ADMIN, Role.ORG_MEMBER})
