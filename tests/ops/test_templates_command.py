"""`jawab channels templates`: written, checked, looked at by WhatsApp, asked about, removed."""

import pytest

from bot.db.session import Database
from bot.ops import channels, templates
from bot.settings import Settings
from tests.fakes.twilio_api import TwilioApi
from tests.fakes.vendors import twilio
from tests.ops.commands import Done, Installation, jawab

__all__ = ["twilio"]

pytestmark = pytest.mark.slow

TEXT = "Bonjour, votre {{1}} expire le {{2}}. Écrivez-nous pour la suite."
SAMPLES = ("--sample", "carte", "--sample", "3 mai")
COMMANDS = ("list", "add", "submit", "refresh", "remove")


@pytest.fixture
def ours(settings: Settings, database: Database, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> Installation:
    changed = settings.model_copy(update={"twilio_api_url": twilio.api_url})
    for module in (templates, channels):
        monkeypatch.setattr(module, "load_settings", lambda: changed)
    found = Installation(changed, database)
    found.add("whatsapp", "town", account=twilio.account_sid, token=twilio.courier.token)
    return found


def run(*arguments: str) -> Done:
    return jawab("channels", "templates", *arguments)


def add(language: str = "fr", *more: str, text: str = TEXT) -> Done:
    return run("add", "town", "renewal", "--language", language, "--text", text, *SAMPLES, *more)


def row(*words: str) -> bool:
    """Whether the list has a line with all these."""
    return any(all(word in line for word in words) for line in run("list").output.splitlines())


def test_a_template_goes_its_way_from_draft_to_approval(ours: Installation, twilio: TwilioApi) -> None:
    assert "whatsapp/town renewal" in add().output
    assert row("renewal", "fr", "utility", "draft")
    assert "renewal (fr) is pending" in run("submit", "town", "renewal").output
    (content_sid,) = twilio.contents
    assert twilio.contents[content_sid]["variables"] == {"1": "carte", "2": "3 mai"}
    assert twilio.approvals[content_sid]["name"] == "renewal"
    twilio.approve(content_sid)
    assert "renewal (fr) is approved" in run("refresh").output
    assert row("renewal", "approved")
    assert "0 changed" in run("refresh", "town").output


def test_a_rejection_is_told_with_its_reason_and_is_not_submitted_again(ours: Installation, twilio: TwilioApi) -> None:
    add()
    run("submit", "town", "renewal")
    twilio.decide(next(iter(twilio.contents)), "rejected", "INVALID_FORMAT")
    assert "renewal (fr) is rejected: INVALID_FORMAT" in run("refresh").output
    assert "template renewal (fr) is rejected: INVALID_FORMAT" in jawab("channels", "status").output
    assert row("rejected", "INVALID_FORMAT")
    again = run("submit", "town", "renewal")
    assert (again.code, "fr is rejected. Another text needs another name" in again.output) == (1, True)


def test_all_languages_of_a_name_are_submitted_or_one(ours: Installation, twilio: TwilioApi) -> None:
    for language in ("fr", "ar", "en"):
        add(language)
    assert run("submit", "town", "renewal", "--language", "ar").output.count("pending") == 1
    assert run("submit", "town", "renewal").output.count("pending") == 2
    assert {one["language"] for one in twilio.contents.values()} == {"ar", "en", "fr"}


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("fr", "Bonjour {{1}}, votre carte expire le {{2}}", "it ends with a variable"),
        ("fr", "Votre carte {{1}} {{2}} expire dans quelques jours.", "two variables stand side by side"),
        ("fr", "Bonjour, votre {{1}} expire le {{2}} " + "x" * 1024, "longer than 1024 characters"),
        ("ary", TEXT, "WhatsApp knows no ary"),
    ],
)
def test_what_whatsapp_would_reject_is_told_before_it_waits_for_days(
    ours: Installation, twilio: TwilioApi, language: str, text: str, words: str
) -> None:
    done = add(language, text=text)
    assert (done.code, words in done.output) == (1, True)
    assert "No template yet" in run("list").output


def test_a_template_is_there_once_for_each_language(ours: Installation) -> None:
    add()
    done = add()
    assert (done.code, "There is a template renewal in fr already" in done.output) == (1, True)


def test_what_is_removed_is_gone_at_twilio_too(ours: Installation, twilio: TwilioApi) -> None:
    for language in ("fr", "ar"):
        add(language)
    run("submit", "town", "renewal")
    run("remove", "town", "renewal", "--language", "fr")
    assert [one["language"] for one in twilio.contents.values()] == ["ar"]
    twilio.contents.clear()
    assert "renewal (ar) is removed" in run("remove", "town", "renewal").output
    assert "No template yet" in run("list").output


def test_a_submission_that_twilio_cuts_short_is_taken_up_where_it_ended(ours: Installation, twilio: TwilioApi) -> None:
    add()
    twilio.content_faults.append(503)
    assert run("submit", "town", "renewal").code == 1
    assert row("renewal", "draft")
    assert "pending" in run("submit", "town", "renewal").output
    assert len(twilio.contents) == 1


def test_a_name_that_is_not_there_or_a_sender_without_a_window_is_told(ours: Installation) -> None:
    ours.add("telegram", "main")
    assert "whatsapp/town has no template nothing" in run("submit", "town", "nothing").output
    assert "telegram/main needs no templates" in run("list", "main").output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    assert f"jawab channels templates {command}" in run(command, "--help").output.split("Example", 1)[1]
