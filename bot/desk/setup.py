"""What the pages by which a desk is set up share: forms that come back as typed, and what is wrong in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from bot.cases.errors import Wrong
from bot.desk.pages import render
from bot.desk.security import Viewer
from bot.nlu.languages import Language
from bot.nlu.text import clean

LONGEST = 12_000
VARIETIES = tuple(one.value for one in Language)


@dataclass(frozen=True)
class Form:
    """What was typed, storable and without blanks around it; a name may come more than once."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """The value of a field; nothing where it was not sent."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        """All values of a field, in order."""
        return self.values.get(name, ())

    def has(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))


async def _read(request: Request) -> Form:
    form = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        values.setdefault(name, []).append(clean(str(value), LONGEST).replace("\r\n", "\n"))
    return Form(values)


Typed = Annotated[Form, Depends(_read)]


def show_form(
    request: Request, viewer: Viewer, template: str, context: Mapping[str, Any], wrongs: Sequence[Wrong] = ()
) -> Response:
    """A form, with the first thing that is wrong beside each field."""
    by_field = {one.name: one for one in reversed(wrongs)}
    return render(request, viewer, template, {"wrongs": by_field, **context}, status=422 if wrongs else 200)


def name_of(names: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """What something is called in a reader's language, or the nearest that there is."""
    return names.get(language) or names.get("fr") or next(iter(names.values()), otherwise)
