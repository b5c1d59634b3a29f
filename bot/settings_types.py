"""The kinds of values that settings have, and what makes one malformed."""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

MIN_SECRET_LENGTH = 32
KEY_BYTES = 32
# Without its tokenizer the library would look for one on the internet.
VOICE_MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")


def _web_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("should be an address like https://jawab.example")
    return url.rstrip("/")


def _web_urls(urls: str) -> str:
    found = [_web_url(url) for url in re.split(r"[\s,]+", urls.strip(" ,"))]
    return " ".join(dict.fromkeys(found))


def _origins(given: object) -> object:
    """Written with spaces or commas between them."""
    return tuple(re.split(r"[\s,]+", given.strip(" ,"))) if isinstance(given, str) else given


def _origin(origin: str) -> str:
    parts = urlsplit(origin.rstrip("/").lower())
    is_local = parts.hostname in ("localhost", "127.0.0.1")
    is_plain = re.fullmatch(r"[a-z0-9.-]+(:\d{1,5})?", parts.netloc) and not any(parts[2:])
    if not is_plain or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        raise ValueError("should be origins like https://www.commune.example, with spaces between them")
    usual_port = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual_port)}"


def _postgres_url(url: SecretStr) -> SecretStr:
    scheme, _, rest = url.get_secret_value().partition("://")
    name = urlsplit(f"postgresql://{rest}").path.strip("/")
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not re.fullmatch(r"[\w-]+", name):
        raise ValueError("should be like postgresql://user:password@host:5432/jawab")
    return SecretStr(f"postgresql+psycopg://{rest}")


def _redis_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("should be like redis://:password@host:6379/0")
    return url


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
        raise ValueError(f"should have at least {MIN_SECRET_LENGTH} characters, random ones")
    return secret


def _encryption_key(secret: SecretStr) -> SecretStr:
    try:
        size = len(base64.b64decode(secret.get_secret_value(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size != KEY_BYTES:
        raise ValueError("should be 32 random bytes in URL-safe base64")
    return secret


def _folder_name(path: Path) -> Path:
    if path.is_absolute() or ".." in path.parts or path == Path():
        raise ValueError("should be the name of a folder below JAWAB_VAR")
    return path


def _voice_model(path: Path) -> Path:
    if not path.is_absolute() or not all((path / name).is_file() for name in VOICE_MODEL_FILES):
        raise ValueError(f"should be the full path of a faster-whisper model, with {', '.join(VOICE_MODEL_FILES)}")
    return path


def _telegram_token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[\w-]+", token.get_secret_value()):
        raise ValueError("should be like 123456:ABC-DEF, as BotFather gave it")
    return token


Port = Annotated[int, Field(ge=1, le=65535)]
FolderName = Annotated[Path, AfterValidator(_folder_name)]
VoiceModel = Annotated[Path, AfterValidator(_voice_model)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Hours = Annotated[int, Field(ge=1, le=168)]
Days = Annotated[int, Field(ge=1, le=3650)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
WebUrls = Annotated[str, AfterValidator(_web_urls)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_origins)]
PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
EncryptionKey = Annotated[SecretStr, AfterValidator(_encryption_key)]
TelegramToken = Annotated[SecretStr, AfterValidator(_telegram_token)]
TwilioAccount = Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")]
WhatsAppNumber = Annotated[str, Field(pattern=r"^(whatsapp:)?\+\d{7,15}$")]
ProcessId = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
