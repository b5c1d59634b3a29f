"""The web process behind a real server in a thread of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.main import create_app
from bot.settings import Settings
from tests.fakes.serving import listening


@contextmanager
def serving(settings: Settings, *, certificate: Path | None = None) -> Iterator[str]:
    """Serve the application on the port of its public address if it has one, else on a free one; gives its address."""
    given = settings.given_public_url
    with listening(create_app(settings), int(given.rpartition(":")[2]) if given else 0, certificate) as address:
        yield given or address
