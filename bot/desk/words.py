"""The words of the desk: `locale/<topic>.<language>.json`, all topics of a language together."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fastapi import Request

FOLDER = Path(__file__).parent / "locale"
LANGUAGES = ("ar", "fr", "en")
OWN_NAMES = {"ar": "العربية", "fr": "Français", "en": "English"}


@functools.cache
def strings(language: str) -> Mapping[str, str]:
    """Every word of a language by name."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*.{language}.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType(found)


def direction(language: str) -> str:
    """The direction of writing, as HTML names it."""
    return "rtl" if language == "ar" else "ltr"


def wanted_language(request: Request, remembered: str) -> str:
    """As asked for in the address, else as remembered, else the browser's first that we have, else Arabic."""
    told = request.headers.get("accept-language", "").split(",")
    wishes = [
        request.query_params.get("lang", ""),
        remembered,
        *(one.split(";")[0].strip()[:2].lower() for one in told),
    ]
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
