"""From Telegram's updates to messages in our shape. Telegram's names end here."""

from typing import Any, cast

from pydantic import ValidationError

from bot.channels.telegram.schemas import Contact, File, Membership, Message, Press, Update, User
from bot.conversations.schemas import Inbound, Kind, Media, MediaKind, Presence
from bot.nlu.text import clean

NAME = "telegram"
LANGUAGES = frozenset({"ar", "fr", "en"})
REACHABLE = {"kicked": False, "member": True}

_PRESS = ":cb:"
# An animation is repeated as a document for old clients: it must be seen first.
_FILES = {
    "voice": (MediaKind.VOICE, "audio/ogg"),
    "audio": (MediaKind.AUDIO, ""),
    "video": (MediaKind.VIDEO, ""),
    "video_note": (MediaKind.VIDEO, "video/mp4"),
    "animation": (MediaKind.VIDEO, "video/mp4"),
    "sticker": (MediaKind.STICKER, ""),
    "document": (MediaKind.DOCUMENT, ""),
}


def parse(update: dict[str, Any], *, sender_id: str) -> Inbound | Presence | None:
    """What a citizen did, in our shape; None for what we do not understand or what does not come from one citizen.

    Never raises, whatever the update holds: one that we refused would block its chat's queue for a day.
    """
    try:
        found = Update.model_validate(update)
    except (ValidationError, RecursionError):
        return None
    if found.my_chat_member:
        return _presence(found.my_chat_member, sender_id)
    if found.callback_query:
        return _press(found.callback_query, sender_id)
    if found.edited_message:
        return _edit(found.edited_message, sender_id)
    return _message(found.message, sender_id) if found.message else None


def find_callback_id(inbound: Inbound) -> str | None:
    """The id by which the press of a button is acknowledged; None for what is no press."""
    _, separator, query_id = inbound.vendor_id.rpartition(_PRESS)
    return query_id if separator else None


def _presence(change: Membership, sender_id: str) -> Presence | None:
    is_reachable = REACHABLE.get(change.new_chat_member.status)
    if change.chat.type != "private" or is_reachable is None:
        return None
    return Presence(NAME, str(change.chat.id), sender_id, is_reachable)


def _press(press: Press, sender_id: str) -> Inbound | None:
    chat = press.message.chat
    if chat.type != "private" or not press.data:
        return None
    keys = (key for row in press.message.reply_markup.inline_keyboard for key in row)
    return Inbound(
        channel=NAME,
        vendor_id=f"{sender_id}{_PRESS}{press.id}",
        address=str(chat.id),
        address_kind="chat",
        sender_id=sender_id,
        language=_language(press.sender),
        kind=Kind.BUTTON,
        text=next((key.text for key in keys if key.callback_data == press.data), ""),
        payload=press.data,
    )


def _edit(message: Message, sender_id: str) -> Inbound | None:
    # Nobody edits a location: it moves by itself, every few seconds.
    if message.location or message.edit_date is None:
        return None
    return _message(message, sender_id)


def _message(message: Message, sender_id: str) -> Inbound | None:
    is_from_bot = message.sender is not None and message.sender.is_bot
    content = _content(message)
    if message.chat.type != "private" or is_from_bot or content is None:
        return None
    ids = [sender_id, message.chat.id, message.message_id, message.edit_date]
    return Inbound(
        channel=NAME,
        vendor_id=":".join(str(one) for one in ids if one is not None),
        address=str(message.chat.id),
        address_kind="chat",
        sender_id=sender_id,
        language=_language(message.sender),
        is_edit=message.edit_date is not None,
        **content,
    )


def _content(message: Message) -> dict[str, Any] | None:
    if message.location:
        venue = message.venue
        named = ", ".join(name for name in (venue.title, venue.address) if name) if venue else ""
        point = {"latitude": message.location.latitude, "longitude": message.location.longitude}
        return {"kind": Kind.LOCATION, "text": clean(named), **point}
    if message.contact:
        return {"kind": Kind.CONTACT, "text": _card(message.contact)}
    if media := _media(message):
        return {"kind": Kind.MEDIA, "text": message.caption, "media": media}
    return {"kind": Kind.TEXT, "text": message.text} if message.text else None


def _card(contact: Contact) -> str:
    parts = (contact.first_name, contact.last_name, contact.phone_number)
    return clean(" ".join(part for part in parts if part))


def _media(message: Message) -> Media | None:
    if message.photo:
        largest = max(message.photo, key=lambda one: (one.width * one.height, one.file_size))
        return _file(largest, MediaKind.PHOTO, "image/jpeg")
    for name, (kind, usual_type) in _FILES.items():
        if file := cast(File | None, getattr(message, name)):
            return _file(file, kind, usual_type if kind is not MediaKind.STICKER else _sticker_type(file))
    return None


def _file(file: File, kind: MediaKind, usual_type: str) -> Media:
    return Media(kind, file.file_id, file.mime_type or usual_type, file.file_size, file.file_name)


def _sticker_type(file: File) -> str:
    if file.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if file.is_video else "image/webp"


def _language(user: User | None) -> str | None:
    code = user.language_code.replace("_", "-").partition("-")[0].lower() if user else ""
    return code if code in LANGUAGES else None
