"""Templates of a sender: what is approved is found in the nearest language, with its values; nothing else is."""

from collections.abc import Mapping

import pytest
from cryptography.fernet import Fernet

from bot.conversations.schemas import ApprovedText, TemplateUse
from bot.db.session import Database
from bot.nlu.languages import Language
from bot.senders import templates
from bot.senders.schemas import Held, TemplateText, Verdict
from bot.senders.service import SenderBook
from bot.senders.states import Approval, Category
from bot.senders.templates import TemplateError

pytestmark = pytest.mark.slow

BOOK = SenderBook(encryption_key=Fernet.generate_key().decode())
VALUES = {"1": "passeport", "2": "3 mai"}


@pytest.fixture
def sender(database: Database) -> str:
    with database.transaction() as session:
        return BOOK.add(session, channel="whatsapp", name="one", account="AC", address="whatsapp:+1", token="t").id


def text(language: Language = Language.FRENCH, body: str = "Votre {{1}} expire le {{2}} ici.") -> TemplateText:
    return TemplateText("renewal", language, Category.UTILITY, body, VALUES)


def held(database: Database, sender: str, state: Approval, language: Language = Language.FRENCH, **more: str) -> Held:
    """A template that stands there."""
    with database.transaction() as session:
        found = templates.add(session, sender, text(language, **more))
        templates.note_made(session, found, f"HX{language.value}")
        templates.note_verdict(session, found, Verdict(state))
    return found


def found(
    database: Database, sender: str, language: str | None = "fr", values: Mapping[str, str] = VALUES
) -> ApprovedText | None:
    with database.transaction() as session:
        use = TemplateUse("renewal", values)
        return templates.find_approved(session, sender_id=sender, use=use, language=language)


@pytest.mark.parametrize("state", Approval)
def test_only_what_is_approved_is_sent(database: Database, sender: str, state: Approval) -> None:
    held(database, sender, state)
    assert (found(database, sender) is not None) is (state is Approval.APPROVED)


def test_it_comes_with_its_values_in_place(database: Database, sender: str) -> None:
    held(database, sender, Approval.APPROVED)
    assert found(database, sender) == ApprovedText("HXfr", VALUES, "Votre passeport expire le 3 mai ici.", "fr")


@pytest.mark.parametrize(("wanted", "taken"), [("ar", "ar"), ("ary", "ar"), ("ary-latn", "fr"), ("en", "fr")])
def test_a_language_without_its_own_gets_the_nearest(database: Database, sender: str, wanted: str, taken: str) -> None:
    for language in (Language.ARABIC, Language.FRENCH):
        held(database, sender, Approval.APPROVED, language)
    nearest = found(database, sender, wanted)
    assert nearest is not None
    assert nearest.language == taken


@pytest.mark.parametrize(
    "values", [{"1": "passeport"}, {"1": "passeport", "2": " \n "}, {"1": "x" * 1000, "2": "y" * 99}]
)
def test_without_all_values_or_with_too_long_ones_it_is_not_sent(
    database: Database, sender: str, values: dict[str, str]
) -> None:
    held(database, sender, Approval.APPROVED)
    assert found(database, sender, values=values) is None


def test_values_become_one_plain_line(database: Database, sender: str) -> None:
    held(database, sender, Approval.APPROVED)
    ready = found(database, sender, values={"1": "passe\n\tport", "2": "3      mai"})
    assert ready is not None
    assert ready.values == {"1": "passe port", "2": "3 mai"}


def test_of_another_sender_nothing_is_found(database: Database, sender: str) -> None:
    held(database, sender, Approval.APPROVED)
    assert found(database, "another") is None


def test_one_name_has_each_language_once(database: Database, sender: str) -> None:
    held(database, sender, Approval.DRAFT)
    held(database, sender, Approval.DRAFT, Language.ARABIC)
    with pytest.raises(TemplateError, match="already"), database.transaction() as session:
        templates.add(session, sender, text())


def test_what_the_vendor_says_is_kept_and_what_it_lost_is_a_draft_again(database: Database, sender: str) -> None:
    held(database, sender, Approval.PENDING)
    held(database, sender, Approval.PENDING, Language.ARABIC)
    verdicts = {"HXfr": Verdict(Approval.REJECTED, "INVALID_FORMAT", Category.MARKETING), "HXar": None}
    changed = templates.refresh(database, sender, verdicts.__getitem__)
    assert [(one.text.language, one.verdict.state, one.vendor_id) for one in changed] == [
        (Language.ARABIC, Approval.DRAFT, ""),
        (Language.FRENCH, Approval.REJECTED, "HXfr"),
    ]
    assert changed[1].verdict.reason == "INVALID_FORMAT"
    assert changed[1].text.category is Category.MARKETING
    assert templates.refresh(database, sender, verdicts.__getitem__) == []


def test_what_the_vendor_refused_to_send_rests_until_it_is_asked_again(database: Database, sender: str) -> None:
    held(database, sender, Approval.APPROVED)
    with database.transaction() as session:
        templates.note_refused(session, sender, "renewal", "fr", "63041: paused")
    assert found(database, sender) is None
    templates.refresh(database, sender, lambda _: Verdict(Approval.APPROVED))
    assert found(database, sender) is not None
