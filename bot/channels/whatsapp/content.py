"""Choices to press and templates, as Twilio's Content API wants them: made once for each text, then sent by their id.

Choices go not by variables, although there are some: their values must not hold line breaks (error 21656).
"""

import hashlib
import json
from typing import Any

from bot.channels.splitting import shorten, utf16_units
from bot.channels.whatsapp.limits import LONGEST_ITEM_DESCRIPTION, LONGEST_ITEM_TITLE
from bot.channels.whatsapp.render import Style, WhatsAppPart
from bot.channels.whatsapp.words import words_of
from bot.conversations.schemas import Button
from bot.senders.schemas import TemplateText


def content_of(part: WhatsAppPart, language: str) -> dict[str, Any]:
    """The body for the Content API: choices in their style, and the text alone for where they cannot be shown."""
    words = words_of(language)
    types: dict[str, Any] = {"twilio/text": {"body": part.body}}
    if part.style is Style.QUICK_REPLIES:
        actions = [{"type": "QUICK_REPLY", "title": one.title.strip(), "id": one.payload} for one in part.choices]
        types["twilio/quick-reply"] = {"body": part.body, "actions": actions}
    elif part.style is Style.LIST:
        items = [_item(button, str(number)) for number, button in enumerate(part.choices, part.first)]
        items += [_item(Button(words["more"], part.more), str(part.first + len(items)))] if part.more else []
        types["twilio/list-picker"] = {"body": part.body, "button": words["choose"], "items": items}
    content = {"language": words["language"], "variables": {}, "types": types}
    return {"friendly_name": f"jawab {content_key(content)[:16]}", **content}


def template_content(template: TemplateText) -> dict[str, Any]:
    """The body for the Content API of a template: its text with examples of its values."""
    return {
        "friendly_name": f"{template.name} {template.language.value}",
        "language": template.language.value,
        "variables": dict(template.samples),
        "types": {"twilio/text": {"body": template.body}},
    }


def content_key(content: dict[str, Any]) -> str:
    """The same for the same content, whatever it is called."""
    named = {name: value for name, value in content.items() if name != "friendly_name"}
    return hashlib.sha256(json.dumps(named, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _item(button: Button, note: str) -> dict[str, str]:
    """A line of a list; a title that is too long is cut, and stands whole below."""
    title = button.title.strip()
    shown = shorten(title, LONGEST_ITEM_TITLE, utf16_units)
    # The description must not be empty: else the choice's number in the menu stands there.
    description = note if shown == title else shorten(title, LONGEST_ITEM_DESCRIPTION, utf16_units)
    return {"id": button.payload, "item": shown, "description": description}
