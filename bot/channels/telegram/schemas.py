"""What we read of Telegram's updates (https://core.telegram.org/bots/api#update): strict, and nothing more."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.nlu.text import clean


def _cleaned(value: Any) -> Any:
    # Before the type is checked, as a lone surrogate would make the whole update fail there.
    return clean(value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_cleaned)]
Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Size = Annotated[int, Field(ge=0, lt=2**63)]
Token = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[\x21-\x7e]+$")]


class Shape(BaseModel):
    """A piece of an update; fields that we do not name are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class User(Shape):
    """Who wrote."""

    is_bot: bool = False
    language_code: Words = ""


class Chat(Shape):
    """Where it was written."""

    id: Id
    type: Words


class Place(Shape):
    """A point on the map."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Venue(Shape):
    """A place with a name; its point also stands in the message's own location."""

    location: Place
    title: Words = ""
    address: Words = ""


class Contact(Shape):
    """A person's card."""

    phone_number: Words
    first_name: Words = ""
    last_name: Words = ""


class File(Shape):
    """Any file; photos come in several sizes of one picture."""

    file_id: Token
    file_size: Size = 0
    mime_type: Words = ""
    file_name: Words = ""
    width: Size = 0
    height: Size = 0
    is_animated: bool = False
    is_video: bool = False


class Key(Shape):
    """A button under a message."""

    text: Words = ""
    callback_data: Words = ""


class Keyboard(Shape):
    """The buttons under a message, by rows."""

    inline_keyboard: list[list[Key]] = []


class Message(Shape):
    """One message; of its contents at most one is there, but a venue repeats its location and an animation its file."""

    message_id: Annotated[int, Field(ge=0, lt=2**63)]
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    edit_date: Size | None = None
    text: Words = ""
    caption: Words = ""
    location: Place | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    photo: list[File] = []
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    sticker: File | None = None
    document: File | None = None
    reply_markup: Keyboard = Keyboard()


class Press(Shape):
    """A pressed button; without a message (pressed under an inline result) nobody could be answered."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    sender: User = Field(alias="from")
    message: Message
    data: Words


class Member(Shape):
    """What we are in a chat now."""

    status: Words


class Membership(Shape):
    """A change of what we are in a chat."""

    chat: Chat
    new_chat_member: Member


class Update(Shape):
    """One event; at most one of these is there, all other kinds are not ours."""

    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    my_chat_member: Membership | None = None
