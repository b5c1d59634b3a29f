"""The command line: each command is a few lines over the module that does its work, loaded when called."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli_reviews import reviews
from bot.cli_staff import staff
from bot.cli_templates import templates
from bot.cli_turns import turns
from bot.errors import JawabError

FORESEEN_ERROR = 2

app = typer.Typer(
    name="jawab",
    help="Jawab (جواب): a citizen-service assistant. `jawab up` starts everything.",
    epilog="Examples:  jawab up  ·  jawab doctor  ·  jawab chat  ·  jawab catalogue check data/catalogue",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
catalogue = typer.Typer(
    help="Bring the catalogue in, out, or check its files.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(catalogue, name="catalogue")
channels = typer.Typer(
    help="Connect Telegram bots and WhatsApp numbers, and look after them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(channels, name="channels")
channels.add_typer(templates, name="templates")
deadletters = typer.Typer(
    help="Messages that did not leave: look, send again, discard.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(deadletters, name="deadletters")
app.add_typer(turns, name="turns")
app.add_typer(staff, name="staff")
app.add_typer(reviews, name="reviews")

Files = Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.", exists=True)]
Sender = Annotated[str, typer.Argument(help="channel/name, or the name alone where only one sender has it.")]
MaybeSender = Annotated[str | None, typer.Argument(help="channel/name, or a name; all senders without.")]
Messages = typer.Argument(help="Numbers from the list.", min=1, max=2**63 - 1)
TokenStdin = Annotated[bool, typer.Option("--token-stdin", help="Read the token from standard input, do not ask.")]


def main() -> None:
    """Run a command; an error that we foresaw is told without a traceback and exits with 2."""
    try:
        app(prog_name="jawab")
    except JawabError as error:
        typer.echo(str(error), err=True)
        sys.exit(FORESEEN_ERROR)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command(epilog="Example:  JAWAB_PORT=9000 jawab up")
def up() -> None:
    """Start everything (database, language model, web) and stop it all with Ctrl-C."""
    from rich.console import Console

    from bot.logs import configure_logs
    from bot.ops.up import up as run
    from bot.settings import load_settings

    settings = load_settings()
    configure_logs(settings)
    run(settings, Console())


@app.command(epilog="Example:  jawab doctor && jawab up")
def doctor() -> None:
    """Say what is ready, what is wrong, and what to do about it."""
    from rich.console import Console

    from bot.ops.doctor import examine

    raise typer.Exit(examine(Console()))


@app.command(epilog="Example:  jawab migrate")
def migrate() -> None:
    """Bring the database's tables to the newest form."""
    from bot.db.migrate import upgrade
    from bot.ops.embedded import database_at_hand
    from bot.settings import load_settings

    settings = load_settings()
    with database_at_hand(settings):
        upgrade(settings.database_url)
    typer.echo("The tables are up to date.")


@app.command(hidden=True)
def prepare() -> None:
    """Make the databases and tables, and bring in the shipped catalogue (a step of `jawab up`)."""
    from rich.console import Console

    from bot.ops.prepare import prepare as run
    from bot.settings import load_settings

    run(load_settings(), Console())


@app.command(epilog="Examples:  jawab train  ·  jawab train --if-stale")
def train(
    if_stale: Annotated[bool, typer.Option("--if-stale", help="Only when its sources changed.")] = False,
) -> None:
    """Train the language model."""
    from rich.console import Console

    from bot.ops import train as training
    from bot.settings import load_settings

    settings, console = load_settings(), Console()
    run = training.train_if_stale if if_stale else training.train
    run(settings.root, settings.var / "log", console)


@app.command(epilog='Examples:  jawab chat  ·  jawab chat "بشحال لاكارط؟" "et le délai ?"')
def chat(
    questions: Annotated[list[str] | None, typer.Argument(help="Ask these and leave.")] = None,
) -> None:
    """Talk to the running system as a citizen does."""
    from rich.console import Console

    from bot.ops.chat import converse
    from bot.settings import load_settings

    converse(load_settings(), questions or [], Console())


@app.command("eval", epilog="Example:  jawab eval --json results.json")
def evaluate(
    utterances: Annotated[Path | None, typer.Option(help="Tab-separated single messages.", exists=True)] = None,
    dialogues: Annotated[Path | None, typer.Option(help="YAML of whole dialogues.", exists=True)] = None,
    json: Annotated[Path | None, typer.Option(help="Write all numbers and rows here.")] = None,
) -> None:
    """Measure understanding and answers; without options on the development set."""
    from rich.console import Console

    from bot.ops.evaluate import run
    from bot.settings import load_settings

    raise typer.Exit(run(load_settings(), utterances, dialogues, json, Console()))


@app.command(epilog="Examples:  jawab robustness  ·  jawab robustness --sample 100")
def robustness(
    utterances: Annotated[Path | None, typer.Option(help="Tab-separated single messages.", exists=True)] = None,
    sample: Annotated[int | None, typer.Option(help="Only so many messages, drawn by chance.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="The same number makes the same changes.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Write all numbers and misses here.")] = None,
) -> None:
    """Measure how often the same message, typed by another hand, gets the same answer."""
    from rich.console import Console

    from bot.ops.evaluate_robustness import measure
    from bot.settings import load_settings

    measure(load_settings(), utterances, sample, seed, json, Console())


@app.command(epilog="Example:  jawab safety --json results.json")
def safety(
    cases: Annotated[Path | None, typer.Option(help="YAML of messages with their right ways out.", exists=True)] = None,
    json: Annotated[Path | None, typer.Option(help="Write all numbers and faults here.")] = None,
) -> None:
    """Send hostile and odd messages: no crash, no leak, no wrong fact; exits with 1 when anything is wrong."""
    from rich.console import Console

    from bot.ops.evaluate_safety import measure
    from bot.settings import load_settings

    raise typer.Exit(1 if measure(load_settings(), cases, json, Console())["faults"] else 0)


@app.command(epilog="Examples:  jawab bench --quick  ·  jawab bench ours search --write")
def bench(
    parts: Annotated[
        list[str] | None, typer.Argument(help="ours, stock, search, scaling, channels, soak; all without.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few turns: tries the bench, tells little.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put tables and pictures into docs/.")] = False,
) -> None:
    """Measure speed and memory in an installation of its own, with a stock Rasa of the same data beside it."""
    from rich.console import Console

    from bot.ops.bench.command import run
    from bot.settings import load_settings

    run(load_settings(), parts or [], quick=quick, write=write, console=Console())


@app.command(epilog="Example:  jawab compare")
def compare() -> None:
    """Compare classifiers of acts by cross-validation, and write table and pictures into docs (an hour or more)."""
    from rich.console import Console

    from bot.ops.compare import run
    from bot.settings import load_settings

    run(load_settings(), Console())


@app.command(epilog="Example:  jawab worker")
def worker() -> None:
    """Do the durable work (turns, deliveries, schedules) in a process of its own."""
    from bot.jobs.worker import run
    from bot.settings import load_settings

    run(load_settings())


@catalogue.command("import", epilog="Example:  jawab catalogue import data/catalogue")
def catalogue_import(files: Files) -> None:
    """Take files into the catalogue: all of them, or none if anything in them is wrong."""
    from rich.console import Console

    from bot.ops.prepare import import_catalogue
    from bot.settings import load_settings

    import_catalogue(load_settings(), files, Console())


@catalogue.command("export", epilog="Example:  jawab catalogue export catalogue.yaml")
def catalogue_export(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the whole catalogue, drafts too, into a file that imports to the same state."""
    from bot.ops.prepare import export_catalogue
    from bot.settings import load_settings

    typer.echo(f"{export_catalogue(load_settings(), file)} entries written to {file}.")


@catalogue.command("check", epilog="Example:  jawab catalogue check data/catalogue")
def catalogue_check(files: Files) -> None:
    """Name every fault in catalogue files, without a database."""
    from bot.catalogue.files import read_bundle

    bundle = read_bundle(files)
    for note in bundle.notes:
        typer.echo(f"Note: {note}")
    counts = ", ".join(f"{len(entries)} {kind}" for kind, entries in bundle.entries.items() if entries)
    typer.echo(f"Nothing wrong: {counts or 'no entries'}.")


@channels.command("list", epilog="Example:  jawab channels list")
def channels_list() -> None:
    """Show all senders, how messages reach them, and what of theirs waits or is stuck."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.show()


@channels.command(
    "add",
    epilog="Examples:  jawab channels add telegram main  ·  "
    "jawab channels add whatsapp main --account AC… --address +212600000000 --token-stdin < token",
)
def channels_add(
    channel: Annotated[Literal["telegram", "whatsapp"], typer.Argument(help="The channel.")],
    name: Annotated[str, typer.Argument(help="A name of your own for the sender.")],
    account: Annotated[str, typer.Option(help="WhatsApp: Twilio's Account SID.")] = "",
    address: Annotated[str, typer.Option(help="WhatsApp: the sender's number.")] = "",
    token_stdin: TokenStdin = False,
) -> None:
    """Add a sender: asks for its token, tries it out, and keeps it encrypted."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.add(channel, name, account, address, from_stdin=token_stdin)


@channels.command("rotate", epilog="Example:  jawab channels rotate whatsapp/main")
def channels_rotate(sender: Sender, token_stdin: TokenStdin = False) -> None:
    """Give a sender a new token; what the vendor signed with the old one is still taken."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.rotate(sender, from_stdin=token_stdin)


@channels.command("pause", epilog='Example:  jawab channels pause telegram/main --reason "wrong prices"')
def channels_pause(sender: Sender, reason: Annotated[str, typer.Option(help="Why; it is shown.")]) -> None:
    """Send nothing from a sender until it is resumed."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.pause(sender, reason)


@channels.command("resume", epilog="Example:  jawab channels resume telegram/main")
def channels_resume(sender: Sender) -> None:
    """Send from a sender again."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.resume(sender)


@channels.command("set-webhook", epilog="Example:  jawab channels set-webhook")
def channels_set_webhook(sender: MaybeSender = None) -> None:
    """Have messages brought to us: sets it at Telegram, prints what to enter in Twilio's console."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        raise typer.Exit(0 if board.set_webhook(sender) else 1)


@channels.command("status", epilog="Example:  jawab channels status telegram/main")
def channels_status(sender: MaybeSender = None) -> None:
    """Ask the vendors, and say what is wrong and what to do; exits with 1 when something is."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        raise typer.Exit(0 if board.status(sender) else 1)


@channels.command("send-test", epilog="Example:  jawab channels send-test whatsapp/main +212600000000")
def channels_send_test(
    sender: Sender, address: Annotated[str, typer.Argument(help="A chat's number, or a telephone number.")]
) -> None:
    """Send one short text at once, and tell the vendor's id for it or the fault."""
    from bot.ops.channels import switchboard

    with switchboard() as board:
        board.send_test(sender, address)


@deadletters.command("list", epilog="Example:  jawab deadletters list")
def deadletters_list() -> None:
    """Show what did not leave, and why."""
    from rich.console import Console

    from bot.ops.deadletters import show

    show(Console())


@deadletters.command("retry", epilog="Examples:  jawab deadletters retry 17 18  ·  jawab deadletters retry --all")
def deadletters_retry(
    messages: Annotated[list[int] | None, Messages] = None,
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Send dead letters again."""
    from rich.console import Console

    from bot.ops.deadletters import retry

    retry(messages or [], Console(), all_of_them=everything)


@deadletters.command("discard", epilog="Example:  jawab deadletters discard 17 18")
def deadletters_discard(messages: Annotated[list[int], Messages]) -> None:
    """Forget dead letters; their messages stay in the record as failed."""
    from rich.console import Console

    from bot.ops.deadletters import discard

    discard(messages, Console())


if __name__ == "__main__":
    main()
