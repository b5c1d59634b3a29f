"""One frozen object holds every setting, read once from the environment and `.env` (the environment wins)."""

import os
from datetime import date
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from bot.errors import JawabError
from bot.settings_sources import PREFIX, development_secret, read_sources
from bot.settings_types import (
    Days,
    EncryptionKey,
    FolderName,
    Hours,
    Minutes,
    Origins,
    Port,
    PostgresUrl,
    ProcessId,
    RedisUrl,
    Secret,
    TelegramToken,
    TwilioAccount,
    VoiceModel,
    WebUrl,
    WebUrls,
    WhatsAppNumber,
)

REPOSITORY = Path(__file__).resolve().parents[1]
# The language detector, below the root; the models of Rasa lie beside it.
DETECTOR = Path("models") / "language.npz"
LOOPBACK = "127.0.0.1"
DATABASE_NAME = "jawab"

# Names that other tools share with us carry no prefix of ours.
UNPREFIXED = {
    "database_url",
    "redis_url",
    "telegram_bot_token",
    "twilio_account_sid",
    "twilio_auth_token",
    "twilio_whatsapp_from",
    "rasa_python",
}
# Made once into <var>/secrets in development; in production each must be given.
SECRETS = ("secret_key", "encryption_key", "hash_key", "rasa_token")
# All of them or none.
TOGETHER = {
    "WhatsApp": ("twilio_account_sid", "twilio_auth_token", "twilio_whatsapp_from"),
    "OpenID Connect": ("oidc_issuer", "oidc_client_id", "oidc_client_secret"),
}
PORTS = ("port", "rasa_port", "actions_port", "postgres_port", "redis_port")


class SettingsError(JawabError):
    """Settings stop the start; `problems` names each one and says what it should be."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  - ".join(["The settings are not right:", *problems]))
        self.problems = problems


def setting_name(field: str) -> str:
    """The name by which operators set a field."""
    field = field.removeprefix("given_")
    return field.upper() if field in UNPREFIXED else PREFIX + field.upper()


class Settings(BaseModel):
    """Every setting of this installation; `load_settings` makes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=setting_name, hide_input_in_errors=True)

    root: Path = Field(alias="root")
    environment: Literal["development", "production"] = "development"
    var: Path = Path("var")
    media_folder: FolderName = Path("media")
    media_days: Days = 90
    voice_model: VoiceModel | None = None
    host: str = LOOPBACK
    port: Port = 8080
    rasa_port: Port = 5005
    actions_port: Port = 5055
    postgres_port: Port = 5433
    redis_port: Port = 6380
    given_rasa_url: WebUrls | None = None
    given_actions_url: WebUrl | None = None
    given_public_url: WebUrl | None = None
    widget_origins: Origins = ()
    given_database_url: PostgresUrl | None = None
    given_redis_url: RedisUrl | None = None
    secret_key: Secret
    encryption_key: EncryptionKey
    hash_key: Secret
    rasa_token: Secret
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    worker: Literal["embedded", "separate"] = "embedded"
    executor_id: ProcessId = "local"
    today: date | None = None
    rasa_python: Path | None = None
    telegram_bot_token: TelegramToken | None = None
    twilio_account_sid: TwilioAccount | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_whatsapp_from: WhatsAppNumber | None = None
    session_idle_minutes: Minutes = 30
    session_hours: Hours = 12
    oidc_issuer: WebUrl | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "OpenID"
    telegram_api_url: WebUrl | None = None
    twilio_api_url: WebUrl | None = None

    @model_validator(mode="after")
    def _agree_with_each_other(self) -> Self:
        problems = self._port_problems() + self._missing_problems() + self._production_problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def is_production(self) -> bool:
        """Whether citizens are served; nothing is then generated or assumed."""
        return self.environment == "production"

    @property
    def uses_embedded_postgres(self) -> bool:
        """Whether `jawab up` starts PostgreSQL itself."""
        return self.given_database_url is None

    @property
    def uses_embedded_redis(self) -> bool:
        """Whether `jawab up` starts Redis itself."""
        return self.given_redis_url is None

    @property
    def database_url(self) -> str:
        """The database of the application, as SQLAlchemy wants it (with its password: never log it)."""
        if self.given_database_url is not None:
            return self.given_database_url.get_secret_value()
        password = embedded_password(self, "postgres")
        return f"postgresql+psycopg://{DATABASE_NAME}:{password}@{LOOPBACK}:{self.postgres_port}/{DATABASE_NAME}"

    @property
    def dbos_database_url(self) -> str:
        """The database of DBOS's own tables, on the same server."""
        parts = urlsplit(self.database_url)
        return parts._replace(path=f"{parts.path.rstrip('/')}_dbos").geturl()

    @property
    def redis_url(self) -> str:
        """Redis, with its password (never log it)."""
        if self.given_redis_url is not None:
            return self.given_redis_url.get_secret_value()
        return f"redis://:{embedded_password(self, 'redis')}@{LOOPBACK}:{self.redis_port}/0"

    @property
    def starts_rasa(self) -> bool:
        """Whether `jawab up` trains and runs Rasa itself."""
        return self.given_rasa_url is None

    @property
    def starts_actions(self) -> bool:
        """Whether `jawab up` runs the action server itself."""
        return self.given_actions_url is None

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """Where Rasa answers: one process, or several that share the conversations."""
        return tuple((self.given_rasa_url or f"http://{LOOPBACK}:{self.rasa_port}").split())

    @property
    def rasa_url(self) -> str:
        """Where the first Rasa process answers."""
        return self.rasa_urls[0]

    @property
    def actions_url(self) -> str:
        """Where the action server answers, without the path `/webhook`."""
        return self.given_actions_url or f"http://{LOOPBACK}:{self.actions_port}"

    @property
    def public_url(self) -> str:
        """The address by which citizens and vendors reach us."""
        return self.given_public_url or self.web_url

    @property
    def is_reachable(self) -> bool:
        """Whether vendors can reach us: at an address that was given, and theirs to see."""
        return self.given_public_url is not None

    @property
    def web_url(self) -> str:
        """The address by which this machine reaches the web process."""
        return f"http://{LOOPBACK if self.host in ('0.0.0.0', '::') else self.host}:{self.port}"  # noqa: S104

    @property
    def media_path(self) -> Path:
        """Where citizens' files lie."""
        return self.var / self.media_folder

    def _port_problems(self) -> list[str]:
        seen: dict[int, str] = {}
        problems = []
        for field in PORTS:
            port, name = getattr(self, field), setting_name(field)
            if port in seen:
                problems.append(f"{name} and {seen[port]} are both {port}; each needs its own")
            seen[port] = name
        return problems

    def _missing_problems(self) -> list[str]:
        problems = []
        for what, fields in TOGETHER.items():
            missing = [setting_name(field) for field in fields if getattr(self, field) is None]
            if missing and len(missing) < len(fields):
                problems.append(f"{what} needs {' and '.join(missing)} too")
        return problems

    def _production_problems(self) -> list[str]:
        if not self.is_production:
            return []
        problems = [f"{PREFIX}TODAY is for development only"] if self.today else []
        if self.given_public_url and not self.given_public_url.startswith("https://"):
            problems.append(f"{PREFIX}PUBLIC_URL should begin with https:// in production")
        if self.oidc_issuer and not self.oidc_issuer.startswith("https://"):
            problems.append(f"{PREFIX}OIDC_ISSUER should begin with https:// in production")
        return problems


def embedded_password(settings: Settings, engine: str) -> str:
    """The password of an engine that we run ourselves, made at its first use."""
    return development_secret(settings.var / "secrets" / f"{engine}_password").rstrip("=")


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the repository at `root` (by default this one); SettingsError names all faults."""
    root = (root or REPOSITORY).resolve()
    known = {setting_name(field): field for field in Settings.model_fields if field != "root"}
    values, problems = read_sources(root, os.environ, known)
    var = root / Path(values.get(setting_name("var"), "var")).expanduser()
    values[setting_name("var")] = str(var)
    if not problems and values.get(setting_name("environment"), "development") == "development":
        for field in SECRETS:
            values.setdefault(setting_name(field), development_secret(var / "secrets" / field))
    try:
        settings = Settings.model_validate({"root": root, **values})
    except ValidationError as error:
        problems += _problems(error, values)
    if problems:
        raise SettingsError(problems)
    return settings


def _problems(error: ValidationError, values: dict[str, str]) -> list[str]:
    problems: list[str] = []
    for fault in error.errors(include_url=False):
        message = fault["msg"].removeprefix("Value error, ")
        if not fault["loc"]:
            problems += message.splitlines()
            continue
        name = str(fault["loc"][0])
        if fault["type"] == "missing" and values.get(setting_name("environment")) != "production":
            continue  # Only made when everything else is right.
        if fault["type"] == "missing":
            problems.append(f"{name} (or {name}_FILE) is not set; production needs it")
        else:
            problems.append(f"{name} is malformed: {message[0].lower()}{message[1:]}")
    return problems
