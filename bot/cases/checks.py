"""What is wrong with a reply kept ready or a label, looked at before it is kept, field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cases.errors import Wrong
from bot.channels.limits import check_message
from bot.nlu.languages import Language

SHORTCUT = re.compile(r"[a-z0-9_-]{1,32}")
# Whatever stands between braces is meant for a blank, however it is written.
BLANK = re.compile(r"\{([^{}\n]*)\}")
# What a reply kept ready may leave open; the desk fills it in (bot/desk/views/composer.py).
BLANKS = ("agent", "team", "question", "number")
LONGEST_TITLE, LONGEST_LABEL = 120, 40
COLOURS = ("azure", "green", "orange", "red", "purple", "teal", "secondary")


@dataclass(frozen=True)
class ReadyReply:
    """A reply as somebody wants it kept ready; without a team it is everybody's."""

    shortcut: str = ""
    title: str = ""
    bodies: Mapping[Language, str] = field(default_factory=dict)
    team_id: str | None = None


def find_wrongs(reply: ReadyReply) -> list[Wrong]:
    """Why a reply cannot be kept ready; whether its shortcut is taken is for the database to say."""
    found = []
    if not SHORTCUT.fullmatch(reply.shortcut):
        found.append(Wrong("shortcut", "shortcut"))
    if not reply.title.strip():
        found.append(Wrong("title", "title_missing"))
    elif len(reply.title.strip()) > LONGEST_TITLE:
        found.append(Wrong("title", "too_long", {"most": str(LONGEST_TITLE)}))
    if not any(body.strip() for body in reply.bodies.values()):
        found.append(Wrong("bodies", "bodies_missing"))
    for language, body in reply.bodies.items():
        found += _wrongs_in(f"bodies.{language.value}", body) if body.strip() else []
    return found


def _wrongs_in(name: str, body: str) -> list[Wrong]:
    unknown = next((one for one in BLANK.findall(body) if one not in BLANKS), None)
    if unknown is not None:
        return [Wrong(name, "blank_unknown", {"blank": f"{{{unknown}}}"})]
    return [Wrong(name, f"limit_{breach.limit}", {"channel": breach.channel}) for breach in check_message(body)][:1]


def find_label_wrongs(names: Mapping[str, str], colour: str) -> list[Wrong]:
    """Why a label cannot be kept."""
    found = [Wrong(f"name_{language}", "name_missing") for language, name in names.items() if not name]
    found += [
        Wrong(f"name_{language}", "too_long", {"most": str(LONGEST_LABEL)})
        for language, name in names.items()
        if len(name) > LONGEST_LABEL
    ]
    return found if colour in COLOURS else [*found, Wrong("colour", "colour")]
