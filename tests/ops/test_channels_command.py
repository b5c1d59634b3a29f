"""`jawab channels`: tokens are tried out and never shown, faults are told in plain words."""

from io import StringIO

import pytest
from rich.console import Console

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.delivery import CALLBACK_OVERRIDES
from bot.db.session import Database
from bot.deliveries.states import State
from bot.ops import channels
from bot.ops.channels import TEST_WORDS
from bot.ops.vendors.base import MEANINGS
from bot.ops.vendors.tokens import read_token
from bot.settings import Settings
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.fakes.vendors import telegram, twilio
from tests.ops.commands import Installation, jawab

__all__ = ["telegram", "twilio"]

pytestmark = pytest.mark.slow

WRONG = "7000000001:AAwrong_token_of_35_characters_0000"
PUBLIC = "https://jawab.example"
CHAT, PHONE = 4242, "+212600000001"
ADD_BOT = ("channels", "add", "telegram", "main", "--token-stdin")
COMMANDS = ("list", "add", "rotate", "pause", "resume", "set-webhook", "status", "send-test")


@pytest.fixture
def ours(
    settings: Settings, database: Database, telegram: TelegramApi, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    changes = {
        "telegram_api_url": telegram.api_url,
        "twilio_api_url": twilio.api_url,
        "given_public_url": PUBLIC,
    }
    changed = settings.model_copy(update=changes)
    monkeypatch.setattr(channels, "load_settings", lambda: changed)
    return Installation(changed, database)


@pytest.fixture
def unreachable(ours: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = ours.settings.model_copy(update={"given_public_url": None})
    monkeypatch.setattr(channels, "load_settings", lambda: hidden)


@pytest.fixture
def bot(ours: Installation, telegram: TelegramApi) -> str:
    return ours.add(account="7000000001", token=telegram.token).id


@pytest.fixture
def number(ours: Installation, twilio: TwilioApi) -> str:
    return ours.add("whatsapp", "town", account=twilio.account_sid, token=twilio.courier.token).id


def add_number(twilio: TwilioApi, *more: str, token: str) -> tuple[str, int]:
    address = twilio.sender.removeprefix("whatsapp:")
    options = ("--account", twilio.account_sid, "--address", address, "--token-stdin", *more)
    done = jawab("channels", "add", "whatsapp", "town", *options, given=token)
    return done.output, done.code


def test_a_bot_is_kept_under_its_own_name(ours: Installation, telegram: TelegramApi) -> None:
    done = jawab(*ADD_BOT, given=f"{telegram.token}\n")
    (kept,) = ours.senders()
    assert (kept.account, kept.address, kept.token) == ("7000000001", "@jawab_bot", telegram.token)
    assert "telegram/main is added as @jawab_bot" in done.output
    assert telegram.token not in done.output


def test_a_number_is_kept_with_its_account(ours: Installation, twilio: TwilioApi) -> None:
    output, code = add_number(twilio, token=twilio.courier.token)
    (kept,) = ours.senders()
    assert (kept.account, kept.address, code) == (twilio.account_sid, twilio.sender, 0)
    assert twilio.courier.token not in output
    assert "jawab channels set-webhook whatsapp/town" in output


def test_a_wrong_token_of_a_bot_is_refused_and_nothing_is_kept(ours: Installation) -> None:
    done = jawab(*ADD_BOT, given=WRONG)
    assert "Telegram does not accept our account or token" in done.output
    assert (ours.senders(), done.code) == ([], 1)
    assert WRONG not in done.output


def test_a_wrong_token_of_twilio_is_refused_and_nothing_is_kept(ours: Installation, twilio: TwilioApi) -> None:
    output, code = add_number(twilio, token="secret and wrong")
    assert "Twilio does not accept our account or token (the key or token is wrong, code 20003)" in output
    assert (ours.senders(), code) == ([], 1)
    assert "secret and wrong" not in output


@pytest.mark.parametrize("token", ["", "\n", "no token", "7000000001:\x00", "توكن"])
def test_what_is_no_token_never_leaves(ours: Installation, telegram: TelegramApi, token: str) -> None:
    assert jawab(*ADD_BOT, given=token).code == 1
    assert (ours.senders(), telegram.calls) == ([], [])


def test_a_vendor_that_is_away_is_told_apart_from_a_wrong_token(ours: Installation, telegram: TelegramApi) -> None:
    telegram.fail_next(status=429)
    assert "Telegram is busy or cannot be reached now" in jawab(*ADD_BOT, given=telegram.token).output
    assert ours.senders() == []


@pytest.mark.parametrize(("option", "value"), [("--account", "AC1"), ("--address", "0612")])
def test_a_malformed_account_or_number_is_named(ours: Installation, twilio: TwilioApi, option: str, value: str) -> None:
    output, _ = add_number(twilio, option, value, token=twilio.courier.token)
    assert f"{option} should be" in output
    assert ours.senders() == []


def test_one_bot_is_not_added_under_two_names(ours: Installation, bot: str, telegram: TelegramApi) -> None:
    done = jawab("channels", "add", "telegram", "other", "--token-stdin", given=telegram.token)
    assert "is here already, as telegram/main" in done.output
    assert len(ours.senders()) == 1


@pytest.mark.parametrize("name", ["main", "settings", "a/b", ""])
def test_a_name_that_is_taken_or_malformed_is_refused(ours: Installation, bot: str, name: str) -> None:
    assert jawab("channels", "add", "telegram", name, "--token-stdin", given=WRONG).code == 1
    assert len(ours.senders()) == 1


def test_without_a_terminal_nobody_is_asked_for_a_token(ours: Installation) -> None:
    assert "--token-stdin" in jawab("channels", "add", "telegram", "main", given=WRONG).output
    assert ours.senders() == []


def test_a_token_is_typed_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, shown = StringIO(), StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: f" {WRONG} ")
    assert read_token(Console(file=shown), from_stdin=False) == WRONG
    assert WRONG not in shown.getvalue()


def test_after_a_rotation_the_old_token_still_counts(ours: Installation, telegram: TelegramApi) -> None:
    ours.add(account="7000000001", token="7000000001:old")
    done = jawab("channels", "rotate", "main", "--token-stdin", given=telegram.token)
    assert ours.senders()[0].secrets.tokens == (telegram.token, "7000000001:old")
    assert telegram.token not in done.output


@pytest.mark.parametrize("token", [WRONG, TOKEN])
def test_a_refused_token_or_another_bots_changes_nothing(ours: Installation, token: str) -> None:
    ours.add(account="1", token="1:a")
    assert jawab("channels", "rotate", "main", "--token-stdin", given=token).code == 1
    assert ours.senders()[0].secrets.tokens == ("1:a",)


def test_rotating_the_settings_sender_reminds_of_the_settings(ours: Installation, telegram: TelegramApi) -> None:
    ours.add(name="settings", account="7000000001", token="7000000001:old")
    assert ".env" in jawab("channels", "rotate", "settings", "--token-stdin", given=telegram.token).output


def test_a_pause_is_listed_with_its_reason_until_it_ends(ours: Installation, bot: str) -> None:
    jawab("channels", "pause", "main", "--reason", "wrong prices")
    assert "paused: wrong prices" in jawab("channels", "list").output
    jawab("channels", "resume", "telegram/main")
    assert "active" in jawab("channels", "list").output


def test_without_senders_the_list_says_how_to_add_one(ours: Installation) -> None:
    assert "jawab channels add telegram main" in jawab("channels", "list").output


def test_the_list_counts_what_waits_and_what_is_stuck(ours: Installation, bot: str) -> None:
    for state, count in ((State.WAITING, 1), (State.PARKED, 2), (State.UNKNOWN, 3), (State.DEAD, 4), (State.DONE, 5)):
        for _ in range(count):
            ours.letter(bot, state)
    line = next(line for line in jawab("channels", "list").output.splitlines() if "main" in line)
    assert [cell.strip() for cell in line.split("│")][-5:-1] == ["1", "2", "3", "4"]


def test_a_webhook_is_set_with_its_secret(ours: Installation, bot: str, telegram: TelegramApi) -> None:
    assert "no webhook is set" in jawab("channels", "list").output
    done = jawab("channels", "set-webhook", "main")
    (kept,) = ours.senders()
    hook = telegram.courier.webhook
    assert (hook.url, hook.secret) == (f"{PUBLIC}/webhooks/telegram/{kept.secrets.path}", kept.secrets.webhook_secret)
    assert "✓ the webhook leads here" in done.output
    assert kept.secrets.webhook_secret not in done.output


def test_twilios_console_is_told_in_two_addresses(ours: Installation, number: str) -> None:
    lines = jawab("channels", "set-webhook").output.splitlines()
    address = f"{PUBLIC}/webhooks/whatsapp/{ours.senders()[0].secrets.path}"
    assert lines[-2].endswith(f" {address}{CALLBACK_OVERRIDES}")
    assert lines[-1].endswith(f" {address}/status{CALLBACK_OVERRIDES}")
    assert CALLBACK_OVERRIDES == "#ct=2000&rt=5000&tt=15000&rc=5&rp=all"


def test_without_a_public_address_no_webhook_is_set(ours: Installation, bot: str, unreachable: None) -> None:
    done = jawab("channels", "set-webhook")
    assert "JAWAB_PUBLIC_URL is not set" in done.output
    assert done.code == 1


def test_status_finds_nothing_wrong_where_nothing_is(
    ours: Installation, bot: str, number: str, telegram: TelegramApi
) -> None:
    jawab("channels", "set-webhook")
    done = jawab("channels", "status")
    assert (done.code, "✗" in done.output) == (0, False)
    assert "@jawab_bot answers" in done.output
    assert "0 updates wait" in done.output


def test_status_tells_the_last_error_and_what_to_do(ours: Installation, bot: str, telegram: TelegramApi) -> None:
    jawab("channels", "set-webhook")
    telegram.courier.webhook.last_error, telegram.courier.webhook.last_error_at = "Wrong response: 403 Forbidden", 1
    assert "ago: Wrong response: 403" in jawab("channels", "status").output
    telegram.courier._complain("Wrong response from the webhook: 403 Forbidden")
    assert "Run: jawab channels set-webhook" in jawab("channels", "status").output


def test_a_bot_without_a_public_address_is_polled(ours: Installation, bot: str, unreachable: None) -> None:
    done = jawab("channels", "status", "main")
    assert (done.code, "polled while Jawab runs" in done.output) == (0, True)


def test_a_number_without_a_public_address_is_wrong(ours: Installation, number: str, unreachable: None) -> None:
    done = jawab("channels", "status")
    assert (done.code, "✗ whatsapp/town: JAWAB_PUBLIC_URL is not set" in done.output) == (1, True)


def test_status_tells_of_refused_tokens_pauses_and_dead_letters(ours: Installation) -> None:
    sender = ours.add(token=WRONG, account="7000000001")
    ours.letter(sender.id)
    jawab("channels", "pause", "main", "--reason", "the token is refused")
    done = jawab("channels", "status")
    for words in ("✗ telegram/main: Telegram does not accept", "paused: the token is refused", "dead letters: 1"):
        assert words in done.output
    assert (done.code, WRONG in done.output) == (1, False)


def test_a_test_text_arrives_and_its_id_is_told(
    ours: Installation, bot: str, number: str, telegram: TelegramApi, twilio: TwilioApi
) -> None:
    telegram.chats[CHAT] = "open"
    assert "Telegram took it as 1." in jawab("channels", "send-test", "main", str(CHAT)).output
    assert "Twilio took it as SM" in jawab("channels", "send-test", "town", PHONE).output
    assert [telegram.sent[0].text, twilio.sent[0].body] == [TEST_WORDS, TEST_WORDS]


def test_a_test_text_to_nobody_says_so(ours: Installation, bot: str, number: str, twilio: TwilioApi) -> None:
    twilio.unknown.add(PHONE)
    for sender, address in (("main", "1"), ("town", PHONE)):
        done = jawab("channels", "send-test", sender, address)
        assert (done.code, "reaches nobody at that address" in done.output) == (1, True)


def test_a_name_that_several_have_or_nobody_is_told_with_those_that_there_are(ours: Installation) -> None:
    ours.add("telegram", "town")
    ours.add("whatsapp", "town")
    assert "town may be telegram/town or whatsapp/town" in jawab("channels", "resume", "town").output
    assert "There are: telegram/town, whatsapp/town" in jawab("channels", "resume", "city").output
    assert jawab("channels", "resume", "whatsapp/town").code == 0


def test_every_fault_has_its_sentence() -> None:
    assert set(MEANINGS) == set(Fault)
    assert all(advice.endswith(".") for _, advice in MEANINGS.values())
    assert DeliveryError("busy").fault in MEANINGS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    done = jawab("channels", command, "--help")
    assert f"jawab channels {command}" in done.output.split("Example", 1)[1]
