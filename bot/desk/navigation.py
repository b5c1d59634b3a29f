"""The ways through the desk, each with the permission of the page that it leads to."""

from dataclasses import dataclass

from bot.accounts.permissions import Permission


@dataclass(frozen=True)
class Way:
    """An entry of the menu: `word` names it in the locale, `icon` in templates/icons.html; `also` are paths of it."""

    word: str
    path: str
    icon: str
    permission: Permission
    also: tuple[str, ...] = ()


WAYS = (
    Way("nav_home", "/desk", "home", Permission.SEE_DESK),
    Way("nav_inbox", "/desk/inbox", "talks", Permission.TAKE_CASES),
    Way("nav_setup", "/desk/canned", "setup", Permission.EDIT_CANNED, also=("/desk/labels", "/desk/teams")),
    Way("nav_faq", "/desk/faq", "book", Permission.EDIT_CATALOGUE),
    Way("nav_reviews", "/desk/reviews", "flag", Permission.EDIT_CATALOGUE),
    Way("nav_staff", "/desk/staff", "people", Permission.MANAGE_STAFF),
    Way("nav_audit", "/desk/audit", "record", Permission.SEE_AUDIT),
)
