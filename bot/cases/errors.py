"""What may stand in the way of staff; each error says what to do about it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one field of a form: the desk says `wrong_<word>`, its gaps filled."""

    name: str
    word: str
    gaps: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{gap} {value}" for gap, value in self.gaps.items())
        return f"{self.name}: {self.word.replace('_', ' ')}{f' ({told})' if told else ''}"


class WrongError(JawabError):
    """Nothing was kept; `wrongs` tell why, field by field."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__("; ".join(str(one) for one in wrongs))
        self.wrongs = wrongs
