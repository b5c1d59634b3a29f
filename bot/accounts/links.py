"""Links that work once: how a member of staff gets a first password, or a new one."""

import datetime as dt
import uuid

from sqlalchemy.orm import Session

from bot.accounts import queries
from bot.accounts.models import StaffLink
from bot.accounts.sessions import KEY_SHAPE, hash_key, new_key
from bot.accounts.states import AccountError, Fault, Purpose
from bot.db.base import utc_now
from bot.settings import Settings

LIFETIME = dt.timedelta(hours=48)


def make_link(session: Session, purpose: Purpose, staff_id: uuid.UUID | None) -> str:
    """The key of a new link; those that its holder had before work no more."""
    key, now = new_key(), utc_now()
    queries.delete_links(session, purpose, staff_id)
    session.add(StaffLink(key_hash=hash_key(key), purpose=purpose, staff_id=staff_id, expires_at=now + LIFETIME))
    session.flush()
    return key


def link_url(settings: Settings, key: str) -> str:
    """The address to hand over."""
    return f"{settings.public_url}/desk/link/{key}"


def get_link(session: Session, key: str) -> StaffLink:
    """A link that still works; raises AccountError. Looking does not use it up: mail programs look too."""
    link = queries.find_link(session, hash_key(key)) if KEY_SHAPE.fullmatch(key) else None
    if link is None:
        raise AccountError(Fault.LINK_INVALID)
    return link


def use_link(session: Session, key: str) -> None:
    """Use a link up; raises AccountError when somebody was faster."""
    if not queries.take_link(session, hash_key(key)):
        raise AccountError(Fault.LINK_INVALID)
