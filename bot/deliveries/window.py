"""What may be said when a citizen has not written for a day: what the vendor approved, in the nearest language."""

import datetime as dt

import structlog
from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.conversations import service as conversations
from bot.conversations.schemas import ApprovedText
from bot.deliveries.models import DeliveryRow
from bot.senders import templates

log = structlog.get_logger()

# Free text is not begun in the last minute of the window.
MARGIN = dt.timedelta(seconds=60)


def is_open(address: Address, now: dt.datetime) -> bool:
    """Whether free text may be sent to an address."""
    return address.window_expires_at is not None and address.window_expires_at - MARGIN > now


def is_approved(session: Session, row: DeliveryRow) -> bool:
    """Whether a delivery may go as a template."""
    return _find_approved(session, row) is not None


def go_as_template(session: Session, row: DeliveryRow) -> bool:
    """Have a delivery go as the template that its message names; gives whether it may."""
    approved = _find_approved(session, row)
    if approved is None:
        return False
    conversations.note_sent_as(session, row.message_id, approved)
    row.template_language = approved.language
    log.info("template_taken", message_id=row.message_id, language=approved.language)
    return True


def go_as_written(session: Session, row: DeliveryRow) -> None:
    """Have a delivery go as its message says, even if it was to go as a template before."""
    if row.template_language is not None:
        conversations.note_sent_as(session, row.message_id, None)
        row.template_language = None


def note_refused(session: Session, row: DeliveryRow, reason: str) -> None:
    """The vendor did not let a delivery through; if it went as a template, that one is not sent for now."""
    use, _ = conversations.template_of(session, row.message_id)
    if use is not None and row.template_language is not None:
        templates.note_refused(session, row.sender_id, use.name, row.template_language, reason)
        log.warning("template_refused", sender=row.sender_id, template=use.name, language=row.template_language)


def _find_approved(session: Session, row: DeliveryRow) -> ApprovedText | None:
    if row.parts_sent:  # The rest of a text that began as itself ends as itself.
        return None
    use, language = conversations.template_of(session, row.message_id)
    return templates.find_approved(session, sender_id=row.sender_id, use=use, language=language) if use else None
