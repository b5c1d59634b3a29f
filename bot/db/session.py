"""One engine a process, one transaction a request: committed here and nowhere else."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from bot.db import news
from bot.db.pool import pool_options


class Database:
    """The process's way to PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: Engine = create_engine(
            url,
            **pool_options(pool_size, overflow=pool_size),
            connect_args={"connect_timeout": 5, "application_name": "jawab"},
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        # Where the news of a transaction go: see `bot.db.news`.
        self.tell: Callable[[Mapping[str, Any]], None] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is kept when the block ends well, and undone when it raises."""
        with self._sessions() as session:
            with session.begin():
                yield session
            told = news.taken(session)
        if self.tell is not None:
            for event in told:
                self.tell(event)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
