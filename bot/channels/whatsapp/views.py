"""Twilio's way in: signature over the public address, then the message made durable, then an empty answer."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from bot.channels.headers import only_header
from bot.channels.whatsapp.errors import fault_of
from bot.channels.whatsapp.parse import NAME, Status, belongs, parse, parse_status
from bot.channels.whatsapp.signature import is_signed
from bot.conversations.schemas import Inbound
from bot.deliveries.service import News, note_status
from bot.errors import JawabError
from bot.senders.service import Account

log = structlog.get_logger()

SIGNATURE_HEADER = "x-twilio-signature"
FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 64 * 1024
MOST_FIELDS = 200
# Text in the answer would be sent to the citizen.
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
LARGEST_ID = 2**63 - 1

routes = APIRouter(tags=["whatsapp"])
Form = Sequence[tuple[str, str]]


@routes.post("/webhooks/whatsapp/{path}", openapi_extra={"x-audience": "vendor"})
async def message(request: Request, path: str) -> Response:
    """One message; never refused for our own trouble: what the database cannot take goes to disk."""
    return await run_in_threadpool(_take, request, path, await request.body())


@routes.post("/webhooks/whatsapp/{path}/status", openapi_extra={"x-audience": "vendor"})
async def status(
    request: Request, path: str, message: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None
) -> Response:
    """How far one of our messages got."""
    return await run_in_threadpool(_hear, request, path, await request.body(), message)


def _take(request: Request, path: str, body: bytes) -> Response:
    """All of it on one thread, as below: each change of threads is a wait for the processor."""
    checked = _checked(request, path, body)
    if isinstance(checked, Response):
        return checked
    account, form = checked
    if not belongs(form, account.account, account.address):
        return _refused("The message is for another account.")
    found = parse(form, sender_id=account.id)
    if found is not None and not _is_taken(request.app.state, found):
        return JSONResponse({"error": "The message could not be kept; send it again."}, status_code=503)
    return _empty()


def _hear(request: Request, path: str, body: bytes, message_id: int | None) -> Response:
    checked = _checked(request, path, body)
    if isinstance(checked, Response):
        return checked
    account, form = checked
    found = parse_status(form) if belongs(form, account.account, account.address) else None
    if found is not None:
        try:
            _note(request.app.state.services, account, found, message_id)
        except SQLAlchemyError:
            return JSONResponse({"error": "The status could not be kept."}, status_code=503)
    return _empty()


def _checked(request: Request, path: str, body: bytes) -> tuple[Account, dict[str, str]] | Response:
    """The account and the form, once the signature holds; else the refusal."""
    try:
        account = request.app.state.directory.find(NAME, path)
    except SQLAlchemyError:
        return JSONResponse({"error": "The message could not be checked."}, status_code=503)
    if account is None:
        return JSONResponse({"error": "Nobody is here."}, status_code=404)
    form = _form(request, body)
    if form is None:
        return JSONResponse({"error": "This is not a form of Twilio's."}, status_code=400)
    address = f"{request.app.state.settings.public_url}{request.url.path}"
    address += f"?{request.url.query}" if request.url.query else ""
    if not is_signed(address, form, only_header(request, SIGNATURE_HEADER), account.secrets.tokens):
        return _refused("The signature does not fit.")
    return account, dict(form)


def _form(request: Request, body: bytes) -> Form | None:
    """The fields in their order, empty ones too; None for anything but a form of a sensible size."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return None
    if len(body) > LARGEST_FORM:
        return None
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        return None


def _is_taken(state: Any, found: Inbound) -> bool:
    """Make a message durable, in the database or else on disk; nobody overtakes those that wait there."""
    if not state.spool.count():
        try:
            state.inbox.accept(found, partition=state.services.book.hash(NAME, found.queue_address)[:32])
        except SQLAlchemyError:
            log.error("message_spooled", channel=NAME)
        else:
            return True
    try:
        state.spool.keep(found)
    except (JawabError, OSError):
        log.exception("message_not_spooled", channel=NAME)
        return False
    return True


def _note(box: Any, account: Account, found: Status, message_id: int | None) -> None:
    code = found.error_code or None
    news = News(account.id, found.vendor_id, found.status, code, fault_of(code) if code else None, message_id)
    with box.database.transaction() as session:
        changed = note_status(session, news)
    if changed:
        log.debug("status_noted", message_id=changed, status=found.status.value)


def _refused(words: str) -> Response:
    return JSONResponse({"error": words}, status_code=403)


def _empty() -> Response:
    return Response(EMPTY, media_type="text/xml")
