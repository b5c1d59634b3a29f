"""The page in a frame of another site: who may frame it, and the script that puts it there."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates

from bot.settings import Settings

FOLDER = Path(__file__).parent
LANGUAGES = ("ar", "fr", "en")
SCRIPT_SECONDS = 3600
WIDGET_WORDS = ("widget_open", "widget_close", "widget_title", "widget_unread", "widget_failed", "widget_own_window")

routes = APIRouter(tags=["widget"])
templates = Jinja2Templates(directory=FOLDER / "templates")


@lru_cache(maxsize=len(LANGUAGES))
def strings(language: str) -> dict[str, Any]:
    """The words of the page in a language."""
    loaded: dict[str, Any] = json.loads((FOLDER / "locale" / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def frame_headers(settings: Settings) -> dict[str, str]:
    """The page's usual policy, but for the sites that may frame it; nor does a frame ask where somebody is."""
    ancestors = " ".join(["'self'", *settings.widget_origins])
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {ancestors}"
    )
    return {"Content-Security-Policy": policy, "Permissions-Policy": "geolocation=(), camera=(), microphone=()"}


@routes.get("/widget.js", openapi_extra={"x-audience": "public"})
def widget(request: Request) -> Response:
    """The script that other sites include, with its words in all languages."""
    content = _script()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {
        "Cache-Control": f"public, max-age={SCRIPT_SECONDS}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": tag,
    }
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/javascript", headers=headers)


@lru_cache(maxsize=1)
def _script() -> bytes:
    words = {
        language: {name.removeprefix("widget_"): strings(language)[name] for name in WIDGET_WORDS}
        for language in LANGUAGES
    }
    return templates.get_template("widget.js").render(words=words).encode()
