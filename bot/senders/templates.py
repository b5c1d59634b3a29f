"""Texts that a vendor approves: added, asked about, and found when free text may not be sent."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.schemas import ApprovedText, TemplateUse
from bot.db.session import Database
from bot.errors import JawabError
from bot.formats import isolate
from bot.nlu.languages import FALLBACKS, Language
from bot.senders.models import Template
from bot.senders.schemas import PLACE, Held, TemplateText, Verdict, filled
from bot.senders.states import Approval, Category

# With the values put in, in UTF-16 units.
LONGEST_TEXT = 1024
GONE = "It is not at the vendor's any more."


class TemplateError(JawabError):
    """There is no such template, or one of that name and language already."""


def add(session: Session, sender_id: str, text: TemplateText) -> Held:
    """Keep a template that nobody was asked about yet; raises TemplateError when it is there already."""
    if session.get(Template, (sender_id, text.name, text.language.value)):
        raise TemplateError(f"There is a template {text.name} in {text.language.value} already: remove it first.")
    row = Template(sender_id=sender_id, name=text.name, language=text.language.value, category=text.category.value)
    row.body, row.samples = text.body, dict(text.samples)
    session.add(row)
    session.flush()
    return _held(row)


def list_templates(session: Session, *, sender_id: str, name: str | None = None) -> Sequence[Held]:
    """A sender's templates by name and language; all, or those of one name."""
    query = select(Template).where(Template.sender_id == sender_id).order_by(Template.name, Template.language)
    return [_held(row) for row in session.scalars(query if name is None else query.where(Template.name == name))]


def get(session: Session, held: Held) -> Held:
    """A template as it is kept now; raises TemplateError when it is there no more."""
    return _held(_row(session, held))


def remove(session: Session, held: Held) -> None:
    """Forget a template."""
    session.delete(_row(session, held))


def note_made(session: Session, held: Held, vendor_id: str) -> None:
    """The vendor has the text; it is not asked to approve it yet."""
    _row(session, held).vendor_id = vendor_id


def note_verdict(session: Session, held: Held, verdict: Verdict) -> bool:
    """Keep what the vendor says; tells whether that is news."""
    row = _row(session, held)
    category = (verdict.category or Category(row.category)).value
    is_news = (row.state, row.category) != (verdict.state, category)
    row.state, row.reason, row.category = verdict.state.value, verdict.reason[:200] or None, category
    return is_news


def note_refused(session: Session, sender_id: str, name: str, language: str, reason: str) -> None:
    """The vendor refused to send a template: it is not used until the vendor is asked again."""
    row = session.get(Template, (sender_id, name, language), with_for_update=True)
    if row is not None and row.state == Approval.APPROVED:
        row.state, row.reason = Approval.PAUSED.value, reason[:200]


def refresh(database: Database, sender_id: str, ask: Callable[[str], Verdict | None]) -> list[Held]:
    """Ask the vendor about each template that it has; gives those that stand elsewhere now. `ask` may raise."""
    with database.transaction() as session:
        asked = [one for one in list_templates(session, sender_id=sender_id) if one.vendor_id]
    changed: list[Held] = []
    for held in asked:
        verdict = ask(held.vendor_id)
        with database.transaction() as session:
            if session.get(Template, _key(held)) is None:
                continue
            if verdict is None:
                note_made(session, held, "")
                verdict = Verdict(Approval.DRAFT, GONE)
            if note_verdict(session, held, verdict):
                changed.append(_held(_row(session, held)))
    return changed


def find_approved(session: Session, *, sender_id: str, use: TemplateUse, language: str | None) -> ApprovedText | None:
    """The template in a language or the nearest that is approved, with its values; None when none can be sent."""
    wanted = Language(language) if language in set(Language) else Language.ARABIC
    for one in (wanted, *FALLBACKS[wanted]):
        row = session.get(Template, (sender_id, use.name, one.value))
        if row is not None and row.state == Approval.APPROVED and row.vendor_id:
            return _ready(row, use.values)
    return None


def _ready(row: Template, given: Mapping[str, str]) -> ApprovedText | None:
    """None when a value is missing, or the whole becomes too long."""
    language = Language(row.language)
    # A value is one line.
    values = {name: " ".join(given.get(name, "").split()) for name in PLACE.findall(row.body)}
    if not all(values.values()):
        return None
    values = {name: isolate(value, language) for name, value in values.items()}
    text = filled(row.body, values)
    is_short = len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    return ApprovedText(row.vendor_id or "", values, text, row.language) if is_short else None


def _row(session: Session, held: Held) -> Template:
    row = session.get(Template, _key(held), with_for_update=True)
    if row is None:
        raise TemplateError(f"There is no template {held.text.name} in {held.text.language.value}.")
    return row


def _key(held: Held) -> tuple[str, str, str]:
    return held.sender_id, held.text.name, held.text.language.value


def _held(row: Template) -> Held:
    text = TemplateText(row.name, Language(row.language), Category(row.category), row.body, row.samples)
    return Held(row.sender_id, text, Verdict(Approval(row.state), row.reason or ""), row.vendor_id or "")
