"""The commands `jawab staff …`; see bot.cli."""

from typing import Annotated, Literal

import typer

staff = typer.Typer(
    help="Accounts of staff: make, list, shut out, hand out links to set a password.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]
RoleName = Literal["agent", "supervisor", "editor", "broadcaster", "analyst", "admin", "auditor"]


@staff.command("create", epilog='Example:  jawab staff create agent@example.ma --name "Agent 1" --role agent')
def staff_create(
    email: Email,
    name: Annotated[str, typer.Option(help="How colleagues know them.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "agent",
    language: Annotated[Literal["ar", "fr", "en"], typer.Option(help="The language of their desk.")] = "ar",
) -> None:
    """Make an account, and print the link by which its owner sets a password."""
    from bot.ops.staff import staff_room

    with staff_room() as room:
        room.create(email, name, role, language)


@staff.command("list", epilog="Example:  jawab staff list")
def staff_list() -> None:
    """Show all accounts."""
    from bot.ops.staff import staff_room

    with staff_room() as room:
        room.show()


@staff.command("disable", epilog="Example:  jawab staff disable agent@example.ma")
def staff_disable(email: Email) -> None:
    """Shut somebody out at once."""
    from bot.ops.staff import staff_room

    with staff_room() as room:
        room.disable(email)


@staff.command("reset-password", epilog="Example:  jawab staff reset-password agent@example.ma --without-second-step")
def staff_reset_password(
    email: Email,
    without_second_step: Annotated[
        bool, typer.Option("--without-second-step", help="Their authenticator is lost too: remove it.")
    ] = False,
) -> None:
    """Sign somebody out everywhere, and print a link by which they set a new password."""
    from bot.ops.staff import staff_room

    with staff_room() as room:
        room.reset_password(email, without_second_step=without_second_step)


@staff.command("link", epilog="Example:  jawab staff link")
def staff_link() -> None:
    """Print a new link for the first admin, as long as there is none."""
    from bot.ops.staff import staff_room

    with staff_room() as room:
        room.first_link()
