"""The report of a run that broke a promise: what happened, what is kept, what was logged."""

from pathlib import Path

from tests.crash.records import Records, Row
from tests.crash.town import Town

LOG_LINES = 25
SHOWN = 40


def report(town: Town, folder: Path, records: Records | None = None) -> str:
    """Everything that helps to understand it, the latest last."""
    _tell_of_webhooks(town)
    _tell_of_messages(town)
    rows = [_line(row) for row in records.rows] if records else []
    logs = [f"{path.name}:\n{_end_of(path)}" for path in sorted(folder.glob("*.log"))]
    return "\n".join([f"What happened ({_summary(town)}):", str(town.story), "What is kept:", *rows, *logs])


def _tell_of_webhooks(town: Town) -> None:
    for update in town.telegram.courier.deliveries:
        town.story.tell(f"  our answer to update {update.update_id}: {update.status or 'none'}", update.at)
    for attempt in town.twilio.courier.attempts:
        what = f"{attempt.form['MessageSid']} {attempt.form.get('MessageStatus', '')}".strip()
        town.story.tell(f"  our answer to {what}: {attempt.status or attempt.failure}", attempt.at)


def _tell_of_messages(town: Town) -> None:
    for one in town.telegram.sent:
        town.story.tell(f"telegram {one.chat_id} gets {one.text[:SHOWN]!r}", one.at)
    for message in town.twilio.sent:
        town.story.tell(f"{message.to} gets {message.body[:SHOWN]!r} ({_reference(message.form)})", message.at)


def _line(row: Row) -> str:
    """One message as it is kept, with what it answers and how its delivery stands."""
    if row.direction == "in":
        return f"  {row.id} in   {row.body[:SHOWN]!r} ({row.vendor_id}): {row.outcome}"
    parts = f"{row.parts_sent} of {row.parts_total} parts, {row.repeats} repeats, {row.fault or 'no fault'}"
    return f"  {row.id} out  to {row.answers_id}: {row.body[:SHOWN]!r}: {row.state}, {parts} {row.reason or ''}"


def _reference(form: dict[str, str]) -> str:
    return form.get("StatusCallback", "").partition("?")[2].partition("#")[0]


def _summary(town: Town) -> str:
    plan = town.plan
    worker = "a worker beside" if plan.has_worker else "no worker beside"
    return (
        f"seed {plan.seed}, {len(plan.lines)} lines, {len(plan.citizens)} citizens, {worker}, {plan.statuses} statuses"
    )


def _end_of(path: Path) -> str:
    return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-LOG_LINES:])
