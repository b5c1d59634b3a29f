"""Telegram's way in: checked, made durable, answered; nothing else happens before its 200."""

import hmac
import json
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from bot.channels.base import DeliveryError
from bot.channels.headers import only_header
from bot.channels.telegram.parse import NAME, find_callback_id, parse
from bot.conversations.schemas import Inbound, Presence
from bot.senders.service import Account

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 (the name of a header)
RETRY_SECONDS = "5"
OK = {"ok": True}

routes = APIRouter(tags=["telegram"])


@routes.post("/webhooks/telegram/{path}", openapi_extra={"x-audience": "vendor"})
async def update(request: Request, path: str) -> Response:
    """One update. Whatever is authentic gets a 200, understood or not: a refused one would block its chat."""
    secret, body = only_header(request, SECRET_HEADER), await request.body()
    return await run_in_threadpool(_receive, request.app.state, path, secret, body)


def _receive(state: Any, path: str, secret: str, body: bytes) -> Response:
    """All of it on one thread: each change of threads is a wait for the processor."""
    try:
        account = state.directory.find(NAME, path)
    except SQLAlchemyError:
        return _later()
    if account is None:
        return JSONResponse({"error": "Nobody is here."}, status_code=404)
    if not hmac.compare_digest(secret.encode(), account.secrets.webhook_secret.encode()):
        return JSONResponse({"error": "This is not Telegram's secret."}, status_code=403)
    found = parse(_document(body), sender_id=account.id)
    try:
        take(state, found)
    except SQLAlchemyError:
        return _later()
    return JSONResponse(OK, background=BackgroundTask(acknowledge, state.services, account, found))


def take(state: Any, found: Inbound | Presence | None) -> None:
    """Make what an update holds durable; raises SQLAlchemyError."""
    match found:
        case Inbound():
            owner = state.services.book.hash(NAME, found.address)
            # The chat's number is the citizen's address: it stands in no id.
            hidden = found.vendor_id.replace(f":{found.address}:", f":{owner[:16]}:")
            state.inbox.accept(replace(found, vendor_id=hidden), partition=owner[:32])
        case Presence():
            with state.services.database.transaction() as session:
                state.services.book.note_presence(
                    session, channel=NAME, value=found.address, is_reachable=found.is_reachable
                )


def acknowledge(box: Any, account: Account, found: Inbound | Presence | None) -> None:
    """Stop the waiting sign on a pressed button at once: the question behind it lives two and a half minutes only."""
    query_id = find_callback_id(found) if isinstance(found, Inbound) else None
    if query_id is None:
        return
    try:
        box.gateway(account).acknowledge(query_id)
    except DeliveryError:
        return  # It only stops a sign from turning.


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _later() -> Response:
    words = {"error": "The update could not be kept; send it again."}
    return JSONResponse(words, status_code=503, headers={"Retry-After": RETRY_SECONDS})
