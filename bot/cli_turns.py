"""The commands `jawab turns …`; see bot.cli."""

from typing import Annotated

import typer

turns = typer.Typer(
    help="Messages whose turn broke: look, answer after all, give up.", no_args_is_help=True, rich_markup_mode=None
)

Turns = typer.Argument(help="Names from the list.")


@turns.command("list", epilog="Example:  jawab turns list")
def turns_list() -> None:
    """Show which turns broke, and by what kind of error."""
    from rich.console import Console

    from bot.ops.turns import show

    show(Console())


@turns.command("retry", epilog="Examples:  jawab turns retry telegram:0a1b2c:42:7  ·  jawab turns retry --all")
def turns_retry(
    names: Annotated[list[str] | None, Turns] = None,
    everything: Annotated[bool, typer.Option("--all", help="All broken turns.")] = False,
) -> None:
    """Take turns up again from their beginning."""
    from rich.console import Console

    from bot.ops.turns import retry

    retry(names or [], Console(), all_of_them=everything)


@turns.command("discard", epilog="Example:  jawab turns discard telegram:0a1b2c:42:7")
def turns_discard(names: Annotated[list[str], Turns]) -> None:
    """Give turns up; nobody answers them any more."""
    from rich.console import Console

    from bot.ops.turns import discard

    discard(names, Console())
