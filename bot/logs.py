"""One way to log: a constant event name with fields, for people (console) or machines (JSON).

No field holds words, names, numbers or addresses of citizens; one that slips in under a usual name
is masked.
"""

import logging
import logging.config
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import Settings

# Where citizens' words and addresses, or keys, would most likely slip in.
PRIVATE = frozenset(
    "address body email from_ message_text password payload phone reply text token".split()  # noqa: SIM905
)
MASK = "[private]"
# At INFO these write addresses with tokens in them, or a line for each heartbeat.
QUIET = ("httpx", "httpx2", "httpcore", "httpcore2", "telegram", "twilio", "asyncio", "urllib3")


def configure_logs(settings: Settings) -> None:
    """Send structlog's and the standard library's records to stderr, in the format of the settings."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_private,
    ]
    logging.config.dictConfig(_standard_library(settings, shared))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def mask_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask the fields that would hold what a citizen wrote or is."""
    for name in PRIVATE.intersection(event):
        event[name] = MASK
    return event


def _renderers(settings: Settings) -> Iterable[Processor]:
    if settings.log_format == "json":
        # Names rather than values of local variables: a traceback must not hold a citizen's words.
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        json = structlog.processors.JSONRenderer(ensure_ascii=False)
        return (structlog.processors.ExceptionRenderer(tracebacks), json)
    plain = structlog.dev.plain_traceback
    return (structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain, pad_event_to=30),)


def _standard_library(settings: Settings, shared: list[Processor]) -> dict[str, object]:
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(settings)],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "jawab", "stream": "ext://sys.stderr"}
    # Uvicorn brings handlers of its own: take them off and let its records rise to ours.
    loggers: dict[str, dict[str, object]] = {name: {"level": "WARNING"} for name in QUIET}
    loggers |= {name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error")}
    loggers["uvicorn.access"] = {"handlers": [], "propagate": True, "level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"jawab": formatter},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": settings.log_level},
        "loggers": loggers,
    }
