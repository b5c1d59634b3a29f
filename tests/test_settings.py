"""Settings are known, well formed and complete, or the start stops and says why."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, load_settings, setting_name
from bot.settings_sources import development_secret
from tests.installations import forget_settings

KEY = "A" * 43 + "="


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(monkeypatch)


def problems(root: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(root)
    return caught.value.problems


def test_an_empty_clone_has_settings(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.environment == "development"
    assert settings.var == tmp_path / "var"
    assert settings.web_url == "http://127.0.0.1:8080"
    assert settings.uses_embedded_postgres
    assert settings.uses_embedded_redis


def test_an_unknown_name_is_named_with_the_one_that_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_PROT", "80")
    (tmp_path / ".env").write_text("JAWAB_LOGLEVEL=INFO\n")
    found = "\n".join(problems(tmp_path))
    assert "JAWAB_PROT (environment) is not a setting; did you mean JAWAB_PORT?" in found
    assert "JAWAB_LOGLEVEL (.env) is not a setting; did you mean JAWAB_LOG_LEVEL?" in found


def test_every_malformed_value_is_named_and_no_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_PORT", "eighty")
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@host/name")
    monkeypatch.setenv("JAWAB_SECRET_KEY", "hunter2")
    found = problems(tmp_path)
    assert {line.split()[0] for line in found} == {"JAWAB_PORT", "DATABASE_URL", "JAWAB_SECRET_KEY"}
    assert "hunter2" not in "\n".join(found)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("JAWAB_PORT=1111\nJAWAB_RASA_PORT=2222\n")
    monkeypatch.setenv("JAWAB_PORT", "3333")
    settings = load_settings(tmp_path)
    assert (settings.port, settings.rasa_port) == (3333, 2222)


def test_an_empty_value_counts_as_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_PORT", "")
    assert load_settings(tmp_path).port == 8080


def test_an_empty_value_of_the_environment_takes_away_what_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("JAWAB_PORT=1111\nJAWAB_RASA_PORT=2222\n")
    monkeypatch.setenv("JAWAB_PORT", "")
    settings = load_settings(tmp_path)
    assert (settings.port, settings.rasa_port) == (8080, 2222)


def test_a_value_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "password"
    secret.write_text("postgres://u:p@db/jawab\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    settings = load_settings(tmp_path)
    assert settings.database_url == "postgresql+psycopg://u:p@db/jawab"
    assert settings.dbos_database_url == "postgresql+psycopg://u:p@db/jawab_dbos"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_HASH_KEY_FILE", "/nowhere/key")
    assert "JAWAB_HASH_KEY_FILE names /nowhere/key" in problems(tmp_path)[0]


def test_a_value_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_HASH_KEY", "x" * 40)
    monkeypatch.setenv("JAWAB_HASH_KEY_FILE", "/nowhere/key")
    assert problems(tmp_path) == ["JAWAB_HASH_KEY and JAWAB_HASH_KEY_FILE are both set; keep one"]


def test_development_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    first, second = load_settings(tmp_path), load_settings(tmp_path)
    assert first.encryption_key == second.encryption_key
    assert first.secret_key != first.hash_key
    mode = (tmp_path / "var" / "secrets" / "secret_key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_processes_that_start_together_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(development_secret, [tmp_path / "secrets" / "key"] * 64))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_production_makes_no_secrets_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_ENVIRONMENT", "production")
    missing = {line.split()[0] for line in problems(tmp_path)}
    assert missing == {"JAWAB_SECRET_KEY", "JAWAB_ENCRYPTION_KEY", "JAWAB_HASH_KEY", "JAWAB_RASA_TOKEN"}
    assert not (tmp_path / "var").exists()


def test_production_takes_no_invented_date_and_no_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "ENCRYPTION_KEY", "HASH_KEY", "RASA_TOKEN"):
        monkeypatch.setenv(f"JAWAB_{name}", KEY)
    monkeypatch.setenv("JAWAB_ENVIRONMENT", "production")
    assert load_settings(tmp_path).is_production
    monkeypatch.setenv("JAWAB_TODAY", "2026-11-22")
    monkeypatch.setenv("JAWAB_PUBLIC_URL", "http://jawab.example")
    assert len(problems(tmp_path)) == 2


def test_development_may_fix_the_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_TODAY", "2026-11-22")
    assert load_settings(tmp_path).today == date(2026, 11, 22)


def test_sites_that_may_show_the_chat_are_named_by_their_origins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(tmp_path).widget_origins == ()
    monkeypatch.setenv(
        "JAWAB_WIDGET_ORIGINS", "https://www.Commune.example/, https://a.example:8443  https://b.example:443"
    )
    expected = ("https://www.commune.example", "https://a.example:8443", "https://b.example")
    assert load_settings(tmp_path).widget_origins == expected


@pytest.mark.parametrize(
    "origin",
    [
        "commune.example",
        "http://commune.example",
        "https://a.example/page",
        "*",
        "https://*.a.example",
        "https://a;b",
        "'self'",
    ],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("JAWAB_WIDGET_ORIGINS", f"https://a.example {origin}")
    assert "should be origins like" in problems(tmp_path)[0]


@pytest.mark.parametrize("name", ["/srv/files", "../files", "."])
def test_citizens_files_lie_below_our_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("JAWAB_MEDIA_FOLDER", name)
    assert problems(tmp_path) == ["JAWAB_MEDIA_FOLDER is malformed: should be the name of a folder below JAWAB_VAR"]


def test_a_folder_without_a_speech_model_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.bin", "config.json"):
        (tmp_path / name).touch()
    monkeypatch.setenv("JAWAB_VOICE_MODEL", str(tmp_path))
    assert problems(tmp_path)[0].startswith("JAWAB_VOICE_MODEL is malformed: should be the full path")
    (tmp_path / "tokenizer.json").touch()
    assert load_settings(tmp_path).voice_model == tmp_path


def test_two_services_cannot_share_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAWAB_RASA_PORT", "8080")
    assert problems(tmp_path) == ["JAWAB_RASA_PORT and JAWAB_PORT are both 8080; each needs its own"]


def test_half_of_an_account_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    assert problems(tmp_path) == ["WhatsApp needs TWILIO_AUTH_TOKEN and TWILIO_WHATSAPP_FROM too"]


def test_secrets_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hunter2@host/jawab")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:hunter2")
    settings = load_settings(tmp_path)
    assert "hunter2" in settings.database_url
    assert "hunter2" not in repr(settings)
    assert settings.secret_key.get_secret_value() not in repr(settings)


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_the_example_file_explains_every_setting() -> None:
    example = (Path(__file__).parents[1] / ".env.example").read_text()
    names = [setting_name(field) for field in Settings.model_fields if field != "root"]
    assert [name for name in names if f"\n#{name}=" not in example] == []
