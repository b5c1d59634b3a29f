"""Keep what citizens asked for and did not get."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.db.base import utc_now
from bot.insights.models import Gap
from bot.nlu.languages import Language
from bot.nlu.text import normalise

LONGEST_TEXT = 500


def record_gap(
    session: Session,
    text: str,
    *,
    language: Language,
    intent: str,
    topic_id: str | None,
    closest: str | None,
) -> None:
    """Count a question without an answer; the same words in the same language are one gap."""
    folded = normalise(text)[:LONGEST_TEXT]
    if not folded:
        return
    values = {
        "text": text[:LONGEST_TEXT],
        "folded": folded,
        "language": language.value,
        "intent": intent,
        "topic_id": topic_id,
        "closest": closest,
    }
    session.execute(
        insert(Gap)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["folded", "language"], set_={"count": Gap.count + 1, "last_at": utc_now()}
        )
    )
