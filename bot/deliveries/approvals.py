"""What a vendor says of our templates, and what that means for messages that were parked for want of one."""

from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.deliveries import queries
from bot.senders import templates
from bot.senders.schemas import Held, Verdict
from bot.senders.states import Approval

log = structlog.get_logger()


def refresh(database: Database, sender_id: str, ask: Callable[[str], Verdict | None]) -> list[Held]:
    """Ask the vendor about each template that it has; gives those that stand elsewhere now. `ask` may raise."""
    changed = templates.refresh(database, sender_id, ask)
    for held in changed:
        with database.transaction() as session:
            release(session, held)
    return changed


def note_verdict(session: Session, held: Held, verdict: Verdict) -> None:
    """Keep what the vendor says of one template."""
    if templates.note_verdict(session, held, verdict):
        release(session, templates.get(session, held))


def release(session: Session, held: Held) -> int:
    """Let go what waits for a template that is approved now; gives how many messages.

    Whether it can really be sent to each (language, values) is looked at when it is its turn; else it is parked again.
    """
    if held.verdict.state is not Approval.APPROVED:
        return 0
    count = queries.release_for_template(session, sender_id=held.sender_id, name=held.text.name)
    if count:
        log.info("parked_released", sender=held.sender_id, template=held.text.name, count=count)
    return count
