"""`jawab channels`: our accounts at vendors, in an operator's hands.

A token is tried out before it is kept, and never shown.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import func, select

from bot.channels.base import DeliveryError
from bot.channels.telegram.parse import NAME as TELEGRAM
from bot.channels.whatsapp.parse import NAME as WHATSAPP
from bot.conversations.schemas import Outbound
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import State
from bot.jobs.services import FROM_SETTINGS
from bot.ops.embedded import tables_at_hand
from bot.ops.findings import Finding, Level
from bot.ops.vendors.base import ChannelError, Vendor, explain, plainly, title
from bot.ops.vendors.telegram import Telegram
from bot.ops.vendors.tokens import read_token
from bot.ops.vendors.twilio import Twilio
from bot.senders.service import Account, SenderBook
from bot.senders.service import State as SenderState
from bot.senders.states import Approval
from bot.senders.templates import list_templates
from bot.settings import Settings, load_settings

COUNTED = (State.WAITING, State.PARKED, State.UNKNOWN, State.DEAD)
UNUSABLE = (Approval.REJECTED, Approval.PAUSED)
TEST_WORDS = "Jawab ✓ test · essai · تجربة"
NAME = re.compile(r"[\w.-]{1,64}")
HOW_TO_ADD = """No sender yet. Add one, and give its token when asked for it:
  jawab channels add telegram main
  jawab channels add whatsapp main --account AC… --address +212600000000
Or set TELEGRAM_BOT_TOKEN, or the three TWILIO_… settings, in .env, and start Jawab again."""
STYLES = {Level.OK: "green", Level.NOTE: "yellow", Level.FAIL: "bold red"}


@contextmanager
def switchboard() -> Iterator["Switchboard"]:
    """All that can be done to senders, for one command."""
    settings = load_settings()
    with tables_at_hand(settings) as database:
        yield Switchboard(settings, database, Console())


class Switchboard:
    """What an operator does to senders; each raises ChannelError with what to do instead."""

    def __init__(self, settings: Settings, database: Database, console: Console) -> None:
        self._database, self._console = database, console
        self._book = SenderBook(encryption_key=settings.encryption_key.get_secret_value())
        self._vendors: dict[str, Vendor] = {TELEGRAM: Telegram(settings), WHATSAPP: Twilio(settings, database)}

    def show(self) -> None:
        """Show all senders, and how much of each is stuck."""
        accounts, counts = self._accounts(), self._counts()
        if not accounts:
            self._say(HOW_TO_ADD)
            return
        table = Table()
        for column in ("channel", "name", "address", "state", "webhook"):
            table.add_column(column, overflow="fold")
        for state in COUNTED:
            table.add_column(state.value, justify="right", no_wrap=True)
        for one in accounts:
            words = (one.channel, one.name, one.address or "–", _state_of(one), self._vendor(one).webhook(one))
            numbers = (str(counts.get((one.id, state), 0)) for state in COUNTED)
            table.add_row(*map(Text, (*words, *numbers)))
        self._console.print(table)

    def add(self, channel: str, name: str, account: str, address: str, *, from_stdin: bool) -> None:
        """Ask for a token, try it out, and keep the sender."""
        vendor = self._vendors[channel]
        account, address = vendor.check(account, address)
        self._check_name(channel, name)
        token = read_token(self._console, from_stdin=from_stdin)
        with plainly(vendor, token):
            account, address = vendor.try_out(account, address, token)
        with self._database.transaction() as session:
            _check_new(self._book.list(session), channel, account, address)
            added = self._book.add(session, channel=channel, name=name, account=account, address=address, token=token)
        self._say(f"✓ {title(added)} is added as {address}. A running Jawab takes it up by itself.")
        if channel == WHATSAPP:
            self._say(f"Now run: jawab channels set-webhook {title(added)}")

    def rotate(self, name: str, *, from_stdin: bool) -> None:
        """Ask for a new token, try it out, and send with it; the old one still counts."""
        known = self._find(name)
        vendor = self._vendor(known)
        token = read_token(self._console, from_stdin=from_stdin)
        with plainly(vendor, token):
            account, address = vendor.try_out(known.account, known.address, token)
        if account != known.account:
            raise ChannelError(f"This token belongs to {address}; {title(known)} is another. Nothing was changed.")
        with self._database.transaction() as session:
            self._book.rotate(session, known.id, token)
        self._say(f"✓ {title(known)} sends with the new token. What was signed with the old one is still taken.")
        if known.name == FROM_SETTINGS:
            self._say("Put the new token into the settings (.env) too, or the next start goes back to the old one.")
        if known.state is SenderState.PAUSED:
            self._say(f"It is still paused; run: jawab channels resume {title(known)}")

    def pause(self, name: str, reason: str) -> None:
        """Send nothing until it is resumed."""
        known = self._find(name)
        with self._database.transaction() as session:
            self._book.pause(session, known.id, reason)
        self._say(f"✓ {title(known)} sends nothing until you resume it. What citizens write is still taken.")

    def resume(self, name: str) -> None:
        """Send again."""
        known = self._find(name)
        with self._database.transaction() as session:
            self._book.resume(session, known.id)
        self._say(f"✓ {title(known)} sends again.")

    def set_webhook(self, name: str | None) -> bool:
        """Have messages of one sender, or of all, brought to us; gives whether all went well."""
        is_well = True
        for one in self._chosen(name):
            self._say(f"{title(one)}:", style="bold")
            try:
                lines = self._vendor(one).set_webhook(one)
            except DeliveryError as error:
                is_well, lines = False, list(explain(self._vendor(one), error, one.token))
            for line in lines:
                self._say(line)
        return is_well

    def status(self, name: str | None) -> bool:
        """Ask the vendors, and say what is wrong and what to do; gives whether nothing is."""
        counts = self._counts()
        found: list[Finding] = []
        for one in self._chosen(name):
            found += self._vendor(one).look(one) + _own_findings(one, counts.get((one.id, State.DEAD), 0))
            found += self._template_findings(one)
        for finding in found:
            words = f"{finding.level.value} {finding.subject}: {finding.words}"
            self._say(words, style=STYLES[finding.level])
            if finding.advice:
                self._say(f"    {finding.advice}")
        return not any(finding.level is Level.FAIL for finding in found)

    def send_test(self, name: str, address: str) -> None:
        """Send one short text now, past all that waits."""
        known = self._find(name)
        vendor = self._vendor(known)
        gateway, outbound = vendor.gateway(known), Outbound(0, vendor.address(address), TEST_WORDS)
        with plainly(vendor, known.token):
            ids = [gateway.send(outbound, part) or "–" for part in gateway.parts(outbound)]
        # Before a colon stands our own id of the message, which has none.
        ids = [one.rpartition(":")[2] for one in ids]
        self._say(f"✓ {vendor.name} took it as {', '.join(ids)}.{vendor.after_test}")

    def _template_findings(self, account: Account) -> list[Finding]:
        with self._database.transaction() as session:
            held = list_templates(session, sender_id=account.id)
        advice = "Look: jawab channels templates list"
        return [
            Finding(
                Level.NOTE,
                title(account),
                f"template {one.text.name} ({one.text.language.value}) is {one.verdict.state.value}"
                + (f": {one.verdict.reason}" if one.verdict.reason else ""),
                advice,
            )
            for one in held
            if one.verdict.state in UNUSABLE
        ]

    def _say(self, words: str, style: str = "") -> None:
        self._console.print(Text(words, style=style), soft_wrap=True)

    def _vendor(self, account: Account) -> Vendor:
        if account.channel not in self._vendors:
            raise ChannelError(f"{title(account)} is on a channel that this version does not know.")
        return self._vendors[account.channel]

    def _accounts(self) -> Sequence[Account]:
        with self._database.transaction() as session:
            return self._book.list(session)

    def _find(self, name: str) -> Account:
        return pick(self._accounts(), name)

    def _chosen(self, name: str | None) -> Sequence[Account]:
        accounts = self._accounts()
        if not accounts:
            raise ChannelError(HOW_TO_ADD)
        return accounts if name is None else [pick(accounts, name)]

    def _check_name(self, channel: str, name: str) -> None:
        if not NAME.fullmatch(name):
            raise ChannelError("A name has 1 to 64 letters, digits, dots, - or _.")
        if name == FROM_SETTINGS:
            raise ChannelError(f"The name {name!r} is kept for the sender of .env: take another.")
        if any((one.channel, one.name) == (channel, name) for one in self._accounts()):
            raise ChannelError(f"There is {channel}/{name} already; `jawab channels rotate` changes its token.")

    def _counts(self) -> dict[tuple[str, str], int]:
        query = (
            select(DeliveryRow.sender_id, DeliveryRow.state, func.count())
            .where(DeliveryRow.state.in_(COUNTED))
            .group_by(DeliveryRow.sender_id, DeliveryRow.state)
        )
        with self._database.transaction() as session:
            return {(sender_id, state): count for sender_id, state, count in session.execute(query)}


def pick(accounts: Sequence[Account], name: str) -> Account:
    """The sender of that name, alone or after its channel; raises ChannelError that names those that there are."""
    found = [one for one in accounts if name in (one.name, title(one))]
    if len(found) == 1:
        return found[0]
    if found:
        raise ChannelError(f"{name} may be {' or '.join(map(title, found))}: write one of these.")
    known = ", ".join(map(title, accounts))
    raise ChannelError(f"There is no sender {name}. There are: {known}." if known else HOW_TO_ADD)


def _check_new(accounts: Sequence[Account], channel: str, account: str, address: str) -> None:
    """One account under two names would be polled twice, or take the webhook from itself."""
    for one in accounts:
        # A bot is an account; an account at Twilio has any number of numbers.
        if (one.channel, one.account) == (channel, account) and (channel == TELEGRAM or one.address == address):
            raise ChannelError(f"{address} is here already, as {title(one)}. Nothing was changed.")


def _state_of(account: Account) -> str:
    return f"{account.state}: {account.paused_reason}" if account.paused_reason else account.state.value


def _own_findings(account: Account, dead: int) -> list[Finding]:
    found: list[Finding] = []
    if account.state is SenderState.PAUSED:
        advice = f"Once that is settled, run: jawab channels resume {title(account)}"
        found.append(Finding(Level.NOTE, title(account), f"paused: {account.paused_reason}", advice))
    if dead:
        found.append(Finding(Level.NOTE, title(account), f"dead letters: {dead}", "Look: jawab deadletters list"))
    return found
