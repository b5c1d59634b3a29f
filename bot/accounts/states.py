"""How far somebody has come in signing in, what one-time links are for, and why something is refused."""

from enum import StrEnum

from bot.errors import JawabError


class Switch(StrEnum):
    """What somebody's desk does or does not do."""

    KEYS = "keys"  # Shortcuts by single keys.
    SOUND = "sound"
    NOTICES = "notices"  # Of the machine, while the page is hidden.


# Of a new member of staff.
SWITCHED_ON = frozenset({Switch.KEYS})


class Stage(StrEnum):
    """A session is worth nothing before its last step."""

    SECOND_STEP = "second_step"
    SIGNED_IN = "signed_in"


class Purpose(StrEnum):
    """What its holder may do with a one-time link."""

    FIRST_ADMIN = "first_admin"
    SET_PASSWORD = "set_password"  # noqa: S105 (the name of a purpose)


class Fault(StrEnum):
    """Why something is refused; the desk has words for each."""

    WRONG_CREDENTIALS = "wrong_credentials"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    WRONG_CODE = "wrong_code"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    LINK_INVALID = "link_invalid"
    EMAIL_INVALID = "email_invalid"
    EMAIL_TAKEN = "email_taken"
    NAME_MISSING = "name_missing"
    PASSWORD_SHORT = "password_short"  # noqa: S105
    PASSWORD_LONG = "password_long"  # noqa: S105
    PASSWORD_EASY = "password_easy"  # noqa: S105
    LAST_ADMIN = "last_admin"
    NOT_YOURSELF = "not_yourself"
    NOBODY = "nobody"
    CAPACITY = "capacity"
    OIDC_FAILED = "oidc_failed"


class AccountError(JawabError):
    """Nothing was done; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value.replace("_", " ").capitalize() + ".")
        self.fault = fault
