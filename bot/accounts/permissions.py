"""Who may do what: roles and their permissions, in this one table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """Something that not everybody may do."""

    SEE_DESK = "see_desk"
    TAKE_CASES = "take_cases"
    ASSIGN_CASES = "assign_cases"
    SEE_ALL_CASES = "see_all_cases"
    REVEAL_ADDRESS = "reveal_address"
    BLOCK_CITIZEN = "block_citizen"
    EDIT_CATALOGUE = "edit_catalogue"
    PUBLISH = "publish"
    EDIT_CANNED = "edit_canned"
    SEND_CAMPAIGN = "send_campaign"
    SEE_INSIGHTS = "see_insights"
    EXPORT = "export"
    MANAGE_STAFF = "manage_staff"
    MANAGE_TEAMS = "manage_teams"
    SEE_AUDIT = "see_audit"
    MANAGE_SETTINGS = "manage_settings"


class Role(StrEnum):
    """What a member of staff is there for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    BROADCASTER = "broadcaster"
    ANALYST = "analyst"
    ADMIN = "admin"
    AUDITOR = "auditor"


_ANSWERING = frozenset({Permission.SEE_DESK, Permission.TAKE_CASES, Permission.REVEAL_ADDRESS})
_LEADING = frozenset(
    {
        Permission.ASSIGN_CASES,
        Permission.SEE_ALL_CASES,
        Permission.BLOCK_CITIZEN,
        Permission.EDIT_CANNED,
        Permission.SEE_INSIGHTS,
        Permission.EXPORT,
        Permission.MANAGE_TEAMS,
    }
)

# An admin of a small commune is often its only member of staff: that role may do everything.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.AGENT: _ANSWERING,
        Role.SUPERVISOR: _ANSWERING | _LEADING,
        Role.EDITOR: frozenset(
            {Permission.SEE_DESK, Permission.EDIT_CATALOGUE, Permission.PUBLISH, Permission.EDIT_CANNED}
        ),
        Role.BROADCASTER: frozenset({Permission.SEE_DESK, Permission.SEND_CAMPAIGN}),
        Role.ANALYST: frozenset({Permission.SEE_DESK, Permission.SEE_INSIGHTS, Permission.EXPORT}),
        Role.ADMIN: frozenset(Permission),
        Role.AUDITOR: frozenset({Permission.SEE_DESK, Permission.SEE_AUDIT, Permission.SEE_INSIGHTS}),
    }
)
