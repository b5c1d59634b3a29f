"""What may stand in the way of staff; each error says what to do about it."""

import uuid

from bot.errors import JawabError


class TakenError(JawabError):
    """Somebody else was first; `staff_id` and `name` tell who (None: it is not open any more)."""

    def __init__(self, staff_id: uuid.UUID | None, name: str | None) -> None:
        super().__init__(f"taken by {staff_id}" if staff_id else "not open any more")
        self.staff_id = staff_id
        self.name = name


class NotYoursError(JawabError):
    """Only who has a case may do this; claim it, or have it assigned."""


class UnseenError(JawabError):
    """The citizen wrote something that the desk had not shown yet: look, then do it again."""


class TooLateError(JawabError):
    """A message is on its way already."""


class NotAwaitedError(JawabError):
    """There is nothing left to retry: the message was sent, or taken back."""
