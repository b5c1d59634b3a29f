"""The commands `jawab channels templates …`; see bot.cli."""

from typing import Annotated, Literal

import typer

templates = typer.Typer(
    help="Texts that WhatsApp approves, by which we may write to citizens who have not written for a day.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Sender = Annotated[str, typer.Argument(help="The WhatsApp sender: channel/name, or the name alone.")]
MaybeSender = Annotated[str | None, typer.Argument(help="A WhatsApp sender; all of them without.")]
Name = Annotated[str, typer.Argument(help="The template's name.")]
Code = Literal["ar", "ary", "ary-latn", "fr", "en"]
MaybeLanguage = Annotated[Code | None, typer.Option("--language", help="Only this one; all languages without.")]
Samples = Annotated[list[str] | None, typer.Option("--sample", help="An example for {{1}}; again for {{2}} and so on.")]


@templates.command("list", epilog="Example:  jawab channels templates list whatsapp/main")
def templates_list(sender: MaybeSender = None) -> None:
    """Show the templates, and what WhatsApp said of each."""
    from bot.ops.templates import template_board

    with template_board() as board:
        board.show(sender)


@templates.command(
    "add",
    epilog="Example:  jawab channels templates add whatsapp/main renewal --language fr "
    '--text "Bonjour, votre {{1}} expire le {{2}}. Écrivez-nous pour la suite." --sample carte --sample "3 mai"',
)
def templates_add(
    sender: Sender,
    name: Name,
    language: Annotated[Code, typer.Option(help="WhatsApp knows ar, fr and en.")],
    text: Annotated[str, typer.Option(help="With {{1}}, {{2}} … where values go; not at its beginning or end.")],
    sample: Samples = None,
    category: Annotated[
        Literal["utility", "marketing"], typer.Option(help="utility: what the citizen asked for; else marketing.")
    ] = "utility",
) -> None:
    """Write a template; its text is checked against WhatsApp's rules at once."""
    from bot.nlu.languages import Language
    from bot.ops.templates import template_board, template_text
    from bot.senders.states import Category

    template = template_text(name, Language(language), Category(category), text, sample or [])
    with template_board() as board:
        board.add(sender, template)


@templates.command("submit", epilog="Example:  jawab channels templates submit whatsapp/main renewal")
def templates_submit(sender: Sender, name: Name, language: MaybeLanguage = None) -> None:
    """Have WhatsApp look at the drafts of a name; it takes minutes or days."""
    from bot.nlu.languages import Language
    from bot.ops.templates import template_board

    with template_board() as board:
        board.submit(sender, name, Language(language) if language else None)


@templates.command("refresh", epilog="Example:  jawab channels templates refresh")
def templates_refresh(sender: MaybeSender = None) -> None:
    """Ask what WhatsApp says now; a running Jawab asks by itself every ten minutes."""
    from bot.ops.templates import template_board

    with template_board() as board:
        board.refresh(sender)


@templates.command("remove", epilog="Example:  jawab channels templates remove whatsapp/main renewal --language fr")
def templates_remove(sender: Sender, name: Name, language: MaybeLanguage = None) -> None:
    """Delete templates of a name, at WhatsApp too."""
    from bot.nlu.languages import Language
    from bot.ops.templates import template_board

    with template_board() as board:
        board.remove(sender, name, Language(language) if language else None)
