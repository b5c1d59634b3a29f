"""The web process: pages and webhooks for the internet; the durable work too, when it is embedded."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders, State
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.accounts.openid import OpenId
from bot.accounts.signing_in import Accounts
from bot.channels.telegram import views as telegram
from bot.channels.webchat import views as webchat
from bot.channels.whatsapp import views as whatsapp
from bot.conversations.schemas import Inbound
from bot.desk import failures, pages
from bot.desk import routes as desk
from bot.desk.errors import DeskError
from bot.desk.presence import Presence
from bot.desk.security import HEADERS as DESK_HEADERS
from bot.desk.security import is_desk, takes_file
from bot.jobs import engine, worker
from bot.jobs.events import Listener
from bot.jobs.services import build, enlist, provide
from bot.jobs.spool import Spool
from bot.jobs.updates import Updates
from bot.logs import configure_logs
from bot.media import views as media
from bot.media.outgoing import LARGEST_BYTES
from bot.senders.service import Directory
from bot.settings import Settings, load_settings

log = structlog.get_logger()

STATIC = Path(__file__).parent / "channels" / "webchat" / "static"
LARGEST_BODY = 64 * 1024
# An update of Telegram's is at most 64 KB before it is escaped.
LARGEST_WEBHOOK = 128 * 1024
# A file with a reply. One that is too large is read to its end, so that the text beside it is not lost.
LARGEST_REPLY = 4 * LARGEST_BYTES
OK = 200
# What npm brought, by the name under which we serve it.
FRONT_END = {"fonts": "@fontsource", "htmx": "htmx.org/dist", "tabler": "@tabler/core/dist"}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; raises SettingsError when the settings are not right."""
    settings = settings or load_settings()
    configure_logs(settings)
    app = FastAPI(title="Jawab", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.settings = settings
    app.state.version = _static_version()
    app.state.accounts = Accounts(settings)
    app.state.openid = OpenId(settings) if settings.oidc_issuer else None
    app.add_middleware(Guard)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_exception_handler(DeskError, failures.answer_error)
    app.add_exception_handler(HTTPException, _plain_error)
    app.add_exception_handler(RequestValidationError, _plain_validation_error)
    for failure in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(failure, _database_away)
    app.add_exception_handler(Exception, _unforeseen)
    for part in (webchat, telegram, whatsapp, media, desk):
        app.include_router(part.routes)
    app.add_api_route("/health/live", _alive, methods=["GET"], openapi_extra={"x-audience": "public"})
    app.add_api_route("/health/ready", _ready, methods=["GET"], openapi_extra={"x-audience": "public"})
    app.mount("/static/webchat", StaticFiles(directory=STATIC), name="webchat")
    app.mount("/static/desk", StaticFiles(directory=pages.STATIC), name="desk")
    for name, package in FRONT_END.items():
        files = StaticFiles(directory=settings.root / "node_modules" / package, check_dir=False)
        app.mount(f"/static/{name}", files, name=name)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.services = await run_in_threadpool(build, settings)
    provide(app.state.services)
    await run_in_threadpool(enlist, app.state.services)
    app.state.listener = Listener(settings.redis_url)
    app.state.presence = Presence(settings.redis_url)
    if settings.worker == "embedded":
        await run_in_threadpool(worker.start, settings)
    app.state.inbox = await run_in_threadpool(engine.Inbox, settings)
    app.state.directory = Directory(app.state.services.database, app.state.services.senders)
    app.state.spool = Spool(settings.var / "spool", partial(_accept, app.state), app.state.services.book)
    app.state.updates = Updates(app.state.services, app.state)
    app.state.spool.start()
    app.state.updates.start()
    try:
        yield
    finally:
        app.state.updates.stop()
        app.state.spool.stop()
        if settings.worker == "embedded":
            await run_in_threadpool(worker.stop, worker.GRACE_SECONDS)
        app.state.inbox.close()
        await app.state.presence.close()
        await app.state.listener.close()
        app.state.services.close()


def _accept(state: State, inbound: Inbound) -> None:
    """Make a message durable that waited on disk."""
    state.inbox.accept(inbound, partition=state.services.book.hash(inbound.channel, inbound.queue_address)[:32])


class Guard:
    """Refuses what is too large, and sends the security headers with everything.

    Not one of Starlette's `http` middlewares: those run each request in a task of its own, a tenth of a webhook's time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; whatever else servers say, as at their start, is passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(request, MutableHeaders(scope=message), message["status"])
            await send(message)

        answer = await _refusal(request) or self._app
        await answer(scope, receive, send_guarded)


async def _refusal(request: Request) -> Response | None:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > await _largest(request, int(length)):
        return _refused(request, "The message is too large.", 413)
    if request.method == "POST" and "content-length" not in request.headers:
        return _refused(request, "The length of the message is missing.", 411)
    return None


def _add_headers(request: Request, headers: MutableHeaders, status: int) -> None:
    for name, value in (SECURITY_HEADERS | (DESK_HEADERS if is_desk(request) else {})).items():
        headers.setdefault(name, value)
    if request.url.path.startswith("/static/") and "v" in request.query_params and status == OK:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"


async def _largest(request: Request, length: int) -> int:
    """What a request may hold; who sends files is looked up only for what is larger than all else."""
    if request.url.path.startswith("/webhooks/"):
        return LARGEST_WEBHOOK
    if length <= LARGEST_BODY or not is_desk(request):
        return LARGEST_BODY
    return LARGEST_REPLY if await run_in_threadpool(takes_file, request) else LARGEST_BODY


async def _plain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refused(request, error.detail, error.status_code, error.headers)


async def _plain_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(str(part) for part in fault['loc'][1:])}: {_in_words(fault)}" for fault in error.errors()]
    return _refused(request, "; ".join(faults), 422)


def _in_words(fault: dict[str, Any]) -> str:
    """A fault without our patterns: they help nobody who does not know them."""
    return "this is not what a button sends" if fault["type"] == "string_pattern_mismatch" else str(fault["msg"])


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database_away", reason=type(error).__name__)
    return _refused(request, "The service cannot answer now; try again in a moment.", 503, {"Retry-After": "3"})


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Sent from outside of `Guard`; the server logs the error itself."""
    return _refused(request, "Something went wrong on our side.", 500, SECURITY_HEADERS)


def _refused(request: Request, words: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Words for programs, a page for staff."""
    if is_desk(request):
        return failures.error_page(request, status, headers)
    return JSONResponse({"error": words}, status_code=status, headers=headers)


def _alive() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


def _ready(request: Request) -> Response:
    """The process can answer citizens: its database takes it in."""
    try:
        with request.app.state.services.database.transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return JSONResponse({"status": "the database cannot be reached"}, status_code=503)
    return JSONResponse({"status": "ok"})


def _static_version() -> str:
    """A short fingerprint of the page's files, so that browsers fetch them anew when they change."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
