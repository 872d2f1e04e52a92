"""Which passwords are taken, and how they are kept."""

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from api.auth.passwords import PasswordError, Passwords, check_password
from tests.auth.front_door import CountingHasher


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "a" * 257,
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "987654321098",
        "Password1234!",
        "passwordpassword",
        "Qwertyuiop123",
        "Administrator2026",
        "Welcome!Welcome!",
        "abcdefghijklm",
        "anna.kowalska1",
        "1anna.kowalska@example.org",
    ],
)
def test_what_is_soon_guessed_is_refused(password: str) -> None:
    with pytest.raises(PasswordError, match=r"^password: "):
        check_password(password, name="anna.kowalska@example.org")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "пароль из слов", "Tr0ub4dor&3xyz", "anna likes long walks home"],
)
def test_a_few_words_in_any_script_are_taken(password: str) -> None:
    check_password(password, name="anna")


def test_passwords_are_kept_by_argon2id_with_64_mib() -> None:
    kept = Passwords().hash("correct horse battery")
    parameters = extract_parameters(kept)
    assert parameters.type is Type.ID
    # RFC 9106, section 4, second recommended option; 128 bits of salt.
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (65536, 3, 4)
    assert parameters.salt_len == 16


def test_the_same_letters_from_two_keyboards_are_one_password() -> None:
    passwords = Passwords(CountingHasher())
    assert passwords.matches(passwords.hash("cafe\u0301 au lait noir"), "café au lait noir")


def test_a_torn_hash_is_no_password() -> None:
    passwords = Passwords(CountingHasher())
    assert not passwords.matches("$argon2id$torn", "correct horse battery")
    assert not passwords.matches(None, "nobody's")


def test_a_hash_of_weaker_days_is_outdated() -> None:
    weak = Passwords(CountingHasher()).hash("correct horse battery")
    assert Passwords().is_outdated(weak)
