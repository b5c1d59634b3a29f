"""Why a request to the desk is not answered as it was meant; `bot.desk.failures` makes pages of them."""

from bot.errors import JawabError


class DeskError(JawabError):
    """The request is refused with this status."""

    status = 400


class SignedOutError(DeskError):
    """Nobody is signed in: show the door."""

    status = 401


class UnconfirmedError(DeskError):
    """The act is sensitive, and the password was given long ago: ask for it."""

    status = 401


class ForbiddenError(DeskError):
    """It is not theirs to do, or it was not our page that asked."""

    status = 403


class MissingError(DeskError):
    """What the address names is not there."""

    status = 404


class ExpiredError(DeskError):
    """The form was made for a session that is over."""

    status = 419
