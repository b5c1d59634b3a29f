"""Passwords and codes: which are taken, which are not."""

import pyotp
import pytest
from cryptography.fernet import Fernet

from bot.accounts.passwords import find_fault, hash_password, is_outdated, is_right
from bot.accounts.second_step import (
    Vault,
    find_step,
    hash_recovery_code,
    new_recovery_codes,
    new_secret,
    plain_code,
)
from bot.accounts.states import Fault

NOW = 1_800_000_015.0
STEP = 60_000_000
GOOD = "seven quiet donkeys wait"


def test_a_password_is_kept_as_argon2id_and_found_right() -> None:
    hashed = hash_password(GOOD)
    assert hashed.startswith("$argon2id$")
    assert is_right(hashed, GOOD)
    assert not is_right(hashed, f"{GOOD} ")
    assert not is_outdated(hashed)


def test_one_letter_may_be_written_in_two_ways() -> None:
    assert is_right(hash_password("cafe\u0301 tranquille demain"), "caf\u00e9 tranquille demain")


def test_nothing_is_the_password_of_an_account_without_one() -> None:
    assert not is_right(None, "")
    assert not is_right("not a hash", GOOD)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        (GOOD, None),
        ("كلمة سر طويلة جدا هنا", None),
        ("short", Fault.PASSWORD_SHORT),
        ("x" * 129, Fault.PASSWORD_LONG),
        ("aaaaaaaaaaaaaaaa", Fault.PASSWORD_EASY),
        ("qwertyuiop123", Fault.PASSWORD_EASY),
        ("commune.de.fes", Fault.PASSWORD_EASY),
    ],
)
def test_what_is_easily_guessed_is_no_password(password: str, fault: Fault | None) -> None:
    assert find_fault(password, ["commune.de.fes@example.ma", "commune.de.fes", "example.ma"]) is fault


def test_a_code_is_right_half_a_minute_around_its_time_and_once() -> None:
    secret = new_secret()
    codes = {step: pyotp.TOTP(secret).at((STEP + step) * 30) for step in range(-2, 3)}
    right = {step for step, code in codes.items() if find_step(secret, code, after=0, now=NOW) == STEP + step}
    assert right == {-1, 0, 1}
    assert find_step(secret, codes[0], after=STEP, now=NOW) is None
    assert find_step(secret, codes[1], after=STEP, now=NOW) == STEP + 1


@pytest.mark.parametrize("typed", ["123 456", "123-456", "١٢٣٤٥٦", "۱۲۳۴۵۶", "１２３４５６", " 123456\u200f"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert plain_code(typed) == "123456"


def test_recovery_codes_differ_and_are_found_by_their_hash() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert hash_recovery_code(codes[0]) == hash_recovery_code(codes[0].lower().replace("-", " "))
    assert hash_recovery_code(codes[0]) != hash_recovery_code(codes[1])


def test_a_secret_lies_encrypted_and_another_key_does_not_open_it() -> None:
    vault = Vault(Fernet.generate_key().decode())
    sealed = vault.seal("secret")
    assert b"secret" not in sealed
    assert vault.unseal(sealed) == "secret"
    assert Vault(Fernet.generate_key().decode()).unseal(sealed) is None
    assert vault.unseal(None) is None
