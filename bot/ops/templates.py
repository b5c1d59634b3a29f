"""`jawab channels templates`: texts that WhatsApp approves, by which we may write first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.channels.base import Approver
from bot.channels.limits import check_template
from bot.channels.whatsapp.parse import NAME as WHATSAPP
from bot.db.session import Database
from bot.deliveries import approvals
from bot.nlu.languages import Language
from bot.ops.channels import pick
from bot.ops.embedded import tables_at_hand
from bot.ops.vendors.base import ChannelError, plainly, title
from bot.ops.vendors.twilio import Twilio
from bot.senders import templates
from bot.senders.schemas import Held, TemplateText
from bot.senders.service import Account, SenderBook
from bot.senders.states import Approval, Category
from bot.settings import Settings, load_settings

COLUMNS = ("sender", "name", "language", "category", "state", "reason", "text")
HOW_TO_ADD = """No template yet. Write one, and let WhatsApp look at it:
  jawab channels templates add whatsapp/main renewal --language fr \\
    --text "Bonjour, votre {{1}} expire le {{2}}. Écrivez-nous pour la suite." --sample "carte" --sample "3 mai"
  jawab channels templates submit whatsapp/main renewal"""


@contextmanager
def template_board() -> Iterator["TemplateBoard"]:
    """All that can be done to templates, for one command."""
    settings = load_settings()
    with tables_at_hand(settings) as database:
        yield TemplateBoard(settings, database, Console())


class TemplateBoard:
    """What an operator does to templates; each raises ChannelError or TemplateError with what to do instead."""

    def __init__(self, settings: Settings, database: Database, console: Console) -> None:
        self._database, self._console = database, console
        self._book = SenderBook(encryption_key=settings.encryption_key.get_secret_value())
        self._twilio = Twilio(settings, database)

    def show(self, sender: str | None) -> None:
        """Show the templates of one sender, or of all."""
        table = Table()
        for column in COLUMNS:
            table.add_column(column, overflow="fold")
        for account in self._chosen(sender):
            for held in self._held(account):
                table.add_row(*map(Text, _cells(account, held)))
        if table.row_count:
            self._console.print(table)
        else:
            self._say(HOW_TO_ADD)

    def add(self, sender: str, template: TemplateText) -> None:
        """Keep a template that keeps WhatsApp's rules; WhatsApp is not asked yet."""
        account = self._find(sender)
        _check(template)
        with self._database.transaction() as session:
            templates.add(session, account.id, template)
        self._say(f"✓ {template.name} ({template.language.value}) is a draft of {title(account)}.")
        self._say(f"Have WhatsApp look at it: jawab channels templates submit {title(account)} {template.name}")

    def submit(self, sender: str, name: str, language: Language | None) -> None:
        """Ask WhatsApp to approve the drafts of a name."""
        account = self._find(sender)
        found = self._named(account, name, language)
        drafts = [held for held in found if held.verdict.state is Approval.DRAFT]
        if not drafts:
            states = ", ".join(f"{held.text.language.value} is {held.verdict.state}" for held in found)
            raise ChannelError(f"Only drafts are submitted; of {name}, {states}. Another text needs another name.")
        for held in drafts:
            self._submit(account, held)

    def refresh(self, sender: str | None) -> None:
        """Ask what WhatsApp says now."""
        changed: list[Held] = []
        for account in self._chosen(sender):
            with plainly(self._twilio, account.token):
                changed += approvals.refresh(self._database, account.id, self._approver(account).approval_of)
        for held in changed:
            self._say(_told(held))
        self._say(f"✓ WhatsApp was asked; {len(changed)} changed.")

    def remove(self, sender: str, name: str, language: Language | None) -> None:
        """Delete templates of a name, at WhatsApp too."""
        account = self._find(sender)
        for held in self._named(account, name, language):
            if held.vendor_id:
                with plainly(self._twilio, account.token):
                    self._approver(account).delete_template(held.vendor_id)
            with self._database.transaction() as session:
                templates.remove(session, held)
            self._say(f"✓ {name} ({held.text.language.value}) is removed from {title(account)}.")

    def _submit(self, account: Account, held: Held) -> None:
        approver, vendor_id = self._approver(account), held.vendor_id
        with plainly(self._twilio, account.token):
            if not vendor_id:
                vendor_id = approver.make_template(held.text)
                with self._database.transaction() as session:
                    templates.note_made(session, held, vendor_id)
            verdict = approver.ask_approval(vendor_id, held.text)
        with self._database.transaction() as session:
            approvals.note_verdict(session, held, verdict)
        self._say(_told(Held(account.id, held.text, verdict, vendor_id)))

    def _approver(self, account: Account) -> Approver:
        gateway = self._twilio.gateway(account)
        assert isinstance(gateway, Approver)
        return gateway

    def _held(self, account: Account, name: str | None = None) -> Sequence[Held]:
        with self._database.transaction() as session:
            return templates.list_templates(session, sender_id=account.id, name=name)

    def _named(self, account: Account, name: str, language: Language | None) -> Sequence[Held]:
        found = [held for held in self._held(account, name) if language in (None, held.text.language)]
        if not found:
            where = f" in {language.value}" if language else ""
            raise ChannelError(f"{title(account)} has no template {name}{where}: see jawab channels templates list.")
        return found

    def _chosen(self, sender: str | None) -> Sequence[Account]:
        if sender is not None:
            return [self._find(sender)]
        with self._database.transaction() as session:
            return [one for one in self._book.list(session) if one.channel == WHATSAPP]

    def _find(self, sender: str) -> Account:
        with self._database.transaction() as session:
            account = pick(self._book.list(session), sender)
        if account.channel != WHATSAPP:
            raise ChannelError(f"{title(account)} needs no templates: only WhatsApp has a window.")
        return account

    def _say(self, words: str) -> None:
        self._console.print(Text(words), soft_wrap=True)


def template_text(name: str, language: Language, category: Category, text: str, samples: Sequence[str]) -> TemplateText:
    """A template as it is typed: the examples are for {{1}}, {{2}} … in order."""
    named = {str(number): sample for number, sample in enumerate(samples, start=1)}
    return TemplateText(name, language, category, text.strip(), named)


def _check(template: TemplateText) -> None:
    """Raises ChannelError with everything that is wrong: WhatsApp takes days to tell."""
    if wrong := check_template(template):
        raise ChannelError("\n".join(["WhatsApp would not approve this template:", *(f"  {one}" for one in wrong)]))


def _told(held: Held) -> str:
    reason = f": {held.verdict.reason}" if held.verdict.reason else ""
    return f"{held.text.name} ({held.text.language.value}) is {held.verdict.state.value}{reason}"


def _cells(account: Account, held: Held) -> tuple[str, ...]:
    text, verdict = held.text, held.verdict
    kind = (text.name, text.language.value, text.category.value)
    return (title(account), *kind, verdict.state.value, verdict.reason or "–", text.body)
