"""A database that is away for a while: whatever was promised waits for it, and is not lost."""

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tenacity import RetryCallState, retry, retry_if_exception_type, stop_after_delay, wait_exponential

log = structlog.get_logger()

PASSING = (OperationalError, InterfaceError, PoolTimeoutError)
LONGEST_ABSENCE_SECONDS = 3600
LONGEST_WAIT_SECONDS = 10


def _tell(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    log.warning("database_away", attempt=state.attempt_number, reason=type(failure).__name__)


# For a function whose work in the database counts once, however often it is done: done again until the database
# is there, for an hour; then it raises what the database raised.
through_absence = retry(
    retry=retry_if_exception_type(PASSING),
    stop=stop_after_delay(LONGEST_ABSENCE_SECONDS),
    wait=wait_exponential(0.5, max=LONGEST_WAIT_SECONDS, exp_base=1.5),
    before_sleep=_tell,
    reraise=True,
)
