"""Pages of the desk: every one is made by `render`, in the frame of templates/base.html."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_datetime
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from bot.accounts.permissions import Permission
from bot.catalogue.calendar import CASABLANCA
from bot.desk.navigation import WAYS
from bot.desk.security import HOME, Viewer, cookie_name, form_token, give_cookie, take_cookie
from bot.desk.times import FILTERS
from bot.desk.words import OWN_NAMES, direction, strings, wanted_language
from bot.media.outgoing import EXTENSIONS, LARGEST_BYTES

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SAID, LANGUAGE = "desk_said", "desk_language"
SAID_SECONDS, LANGUAGE_SECONDS = 60, 365 * 24 * 3600
MEGABYTE = 1024 * 1024
LOCALES = {"ar": "ar_MA", "fr": "fr_MA", "en": "en_GB"}
NOTHING: Mapping[str, Any] = MappingProxyType({})


@pass_context
def _moment(context: Context, at: dt.datetime | None) -> str:
    """A moment as people in Morocco read it; a dash for none."""
    if at is None:
        return "–"
    return str(format_datetime(at, "d MMM y, HH:mm", tzinfo=CASABLANCA, locale=LOCALES[context["language"]]))


@pass_context
def _size(context: Context, count: int) -> str:
    """So many bytes as people read them; Latin characters stay together in Arabic."""
    unit, names = (1024, "size_kb") if count < MEGABYTE else (MEGABYTE, "size_mb")
    number = f"{max(count / unit, 0.1):.1f}".removesuffix(".0")
    words: str = context["t"][names]
    return words.format(number=number if context["language"] == "en" else number.replace(".", ","))


def _json(value: Any) -> str:
    """A value to be read by people, of which HTML is made later."""
    return json.dumps(value, ensure_ascii=False)


def _environment() -> Environment:
    loader = FileSystemLoader(FOLDER / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"moment": _moment, "json": _json, "size": _size, **FILTERS}
    made.globals |= {"Permission": Permission, "languages": OWN_NAMES}
    made.globals |= {"largest_file": LARGEST_BYTES, "file_endings": list(EXTENSIONS.values())}
    return made


templates = Jinja2Templates(env=_environment())


def render(
    request: Request,
    viewer: Viewer | None,
    template: str,
    context: Mapping[str, Any] = NOTHING,
    *,
    status: int = 200,
) -> Response:
    """A page or a part of one; templates see `viewer`, `t` (words), `csrf`, `ways`, and what `context` holds."""
    settings = request.app.state.settings
    remembered = request.cookies.get(cookie_name(settings, LANGUAGE), "")
    language = viewer.language if viewer else wanted_language(request, remembered)
    said = _said(request, language)
    shared = {
        "viewer": viewer,
        "t": strings(language),
        "language": language,
        "direction": direction(language),
        "csrf": form_token(request),
        "ways": [way for way in WAYS if viewer and viewer.may(way.permission)],
        "path": request.url.path,
        "theme": viewer.theme if viewer else "",
        "said": said,
        "version": VERSION,
    }
    headers = {"Content-Language": language}
    response = templates.TemplateResponse(request, template, {**shared, **context}, status_code=status, headers=headers)
    _give_key(request, response)
    if said:
        take_cookie(response, settings, what=SAID)
    if language != remembered and (viewer or request.query_params.get("lang") == language):
        give_cookie(response, settings, language, what=LANGUAGE, seconds=LANGUAGE_SECONDS)
    return response


def redirect(request: Request, path: str, said: str = "", **gaps: str) -> Response:
    """Go on to a page of ours; it shows the word `said_<said>`, whose gaps are filled with `gaps`."""
    response = RedirectResponse(path, status_code=303)
    _give_key(request, response)
    if said:
        told = base64.urlsafe_b64encode(json.dumps({"word": f"said_{said}", "gaps": gaps}).encode()).decode()
        give_cookie(response, request.app.state.settings, told, what=SAID, seconds=SAID_SECONDS)
    return response


def wants_part(request: Request) -> bool:
    """Whether htmx puts the answer into a page that is there already."""
    return "hx-request" in request.headers and request.headers.get("hx-request-type") != "full"


def safe_next(path: str | None) -> str:
    """Where somebody wanted to go, if that is a page of the desk; else its first page."""
    parts = urlsplit(path or "")
    is_ours = not parts.scheme and not parts.netloc and (parts.path == HOME or parts.path.startswith(f"{HOME}/"))
    is_plain = path is not None and path.isascii() and path.isprintable() and "\\" not in path
    return path if path and is_ours and is_plain and not path.startswith("//") else HOME


def _said(request: Request, language: str) -> str:
    """What happened, told once, on the page after."""
    shown = request.cookies.get(cookie_name(request.app.state.settings, SAID), "")
    if not shown or wants_part(request):
        return ""
    try:
        told = json.loads(base64.urlsafe_b64decode(shown))
        return strings(language)[told["word"]].format(**told["gaps"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _give_key(request: Request, response: Response) -> None:
    if key := getattr(request.state, "new_key", ""):
        give_cookie(response, request.app.state.settings, key)


def _version() -> str:
    """A short fingerprint of the desk's files, so that browsers fetch them anew when they change."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


VERSION = _version()
