"""Where an operator's token comes from: never from the command line, which others can read and shells remember."""

import sys

from rich.console import Console

from bot.ops.vendors.base import ChannelError


def read_token(console: Console, *, from_stdin: bool) -> str:
    """A token from standard input, or typed without being shown; raises ChannelError for none."""
    if from_stdin:
        token = sys.stdin.readline().strip()
    elif sys.stdin.isatty():
        token = console.input("Token (it is not shown): ", password=True).strip()
    else:
        raise ChannelError("There is no terminal to ask for the token at: hand it over with --token-stdin.")
    if not token or not token.isascii() or not token.isprintable():
        raise ChannelError("That is no token. Nothing was changed.")
    return token
