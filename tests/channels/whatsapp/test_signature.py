"""Who may speak as Twilio: the same as by Twilio's own validator, but without its traps."""

import hashlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp.signature import is_signed, is_signed_json

URL = "https://jawab.example/whatsapp/secret-path"
FORM = [("Body", ""), ("From", "whatsapp:+212612345678"), ("ProfileName", "سلمى")]
TOKEN, OLD_TOKEN = "the token", "the token before"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
forms = st.dictionaries(texts, texts, max_size=6)
urls = st.builds(
    lambda scheme, port, path, query: f"{scheme}://jawab.example{port}/{path}{query}",
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", ":80", ":443", ":8443"]),
    st.text("abc/-", max_size=8).map(lambda path: path.lstrip("/")),
    st.sampled_from(["", "?message=7", "?a=1&b=%D8%B3"]),
)


class Values(dict[str, list[str]]):
    """Several values a name, as frameworks give them to Twilio's validator."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def sign(url: str, form: dict[str, str] | None = None, token: str = TOKEN) -> str:
    """By Twilio's own library."""
    return str(RequestValidator(token).compute_signature(url, form or {}))


@given(urls, forms)
def test_what_twilio_signs_is_signed(url: str, form: dict[str, str]) -> None:
    assert is_signed(url, list(form.items()), sign(url, form), [TOKEN])


@given(urls, urls, forms, st.sampled_from([TOKEN, OLD_TOKEN]))
def test_it_decides_as_twilios_validator(url: str, signed_url: str, form: dict[str, str], token: str) -> None:
    signature = sign(signed_url, form, token)
    expected = RequestValidator(TOKEN).validate(url, form, signature)
    assert is_signed(url, list(form.items()), signature, [TOKEN]) == expected


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=6))
def test_repeated_fields_count_once_each(pairs: list[tuple[str, str]]) -> None:
    values = Values({name: [value for key, value in pairs if key == name] for name, _ in pairs})
    assert is_signed(URL, pairs, RequestValidator(TOKEN).compute_signature(URL, values), [TOKEN])


@given(st.text(), st.lists(st.tuples(st.text(), st.text())), st.none() | st.text() | st.binary(), st.lists(st.text()))
def test_hostile_input_is_not_signed_and_raises_nothing(
    url: str, form: list[tuple[str, str]], header: str | bytes | None, tokens: list[str]
) -> None:
    assert is_signed(url, form, header, tokens) is False
    assert is_signed_json(url, repr(form).encode(), header, tokens) is False


@pytest.mark.parametrize("change", [("Body", "x"), ("From", "whatsapp:+212600000000"), ("New", "")])
def test_a_form_that_was_changed_is_not_signed(change: tuple[str, str]) -> None:
    signature = sign(URL, dict(FORM))
    assert is_signed(URL, FORM, signature, [TOKEN])
    assert not is_signed(URL, list({**dict(FORM), change[0]: change[1]}.items()), signature, [TOKEN])


@pytest.mark.parametrize(
    ("configured", "signed"),
    [
        ("https://jawab.example/x", "https://jawab.example:443/x"),
        ("https://jawab.example:443/x", "https://jawab.example/x"),
        ("http://jawab.example/x", "http://jawab.example:80/x"),
        ("https://jawab.example/x#rc=5&rp=all", "https://jawab.example/x"),
    ],
)
def test_port_and_overrides_make_no_difference(configured: str, signed: str) -> None:
    assert is_signed(configured, FORM, sign(signed, dict(FORM)), [TOKEN])


def test_another_address_is_not_ours() -> None:
    for other in (URL + "x", URL.replace("https", "http"), URL.replace("jawab", "evil")):
        assert not is_signed(URL, FORM, sign(other, dict(FORM)), [TOKEN])


def test_both_tokens_count_while_they_are_changed() -> None:
    for token in (TOKEN, OLD_TOKEN):
        assert is_signed(URL, FORM, sign(URL, dict(FORM), token), [TOKEN, OLD_TOKEN])
    assert not is_signed(URL, FORM, sign(URL, dict(FORM), OLD_TOKEN), [TOKEN])


def test_without_a_token_nothing_is_signed() -> None:
    for tokens in ([], [""]):
        assert not is_signed(URL, FORM, sign(URL, dict(FORM), ""), tokens)


@pytest.mark.parametrize("header", [None, "", b"", "x", "é" * 28, "=" * 28, b"\xff" * 28, "A" * 29])
def test_a_header_that_is_no_signature_is_refused(header: str | bytes | None) -> None:
    assert not is_signed(URL, FORM, header, [TOKEN])


def test_the_header_may_come_as_bytes() -> None:
    assert is_signed(URL, FORM, sign(URL, dict(FORM)).encode(), [TOKEN])


@given(st.binary(max_size=50), st.sampled_from(["", "message=7&"]))
def test_a_json_body_is_vouched_for_by_its_hash(body: bytes, query: str) -> None:
    url = f"{URL}?{query}bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert is_signed_json(url, body, sign(url), [TOKEN])
    assert not is_signed_json(url, body + b"x", sign(url), [TOKEN])


def test_a_json_body_without_its_hash_is_refused_where_twilios_validator_breaks() -> None:
    assert not is_signed_json(URL, b"{}", sign(URL), [TOKEN])
    with pytest.raises(TypeError):
        RequestValidator(TOKEN).validate(URL, "{}", sign(URL))


def test_a_missing_header_is_refused_where_twilios_validator_breaks() -> None:
    assert not is_signed(URL, FORM, None, [TOKEN])
    with pytest.raises(TypeError):
        RequestValidator(TOKEN).validate(URL, dict(FORM), None)


def test_a_wrong_hash_is_refused_where_twilios_validator_lets_a_dict_pass() -> None:
    url = f"{URL}?bodySHA256={'0' * 64}"
    assert not is_signed_json(url, b"{}", sign(url), [TOKEN])
    assert RequestValidator(TOKEN).validate(url, {}, sign(url))


def test_a_hash_in_another_spelling_is_refused() -> None:
    found = hashlib.sha256(b"{}").hexdigest()
    for spelling in (found.upper(), found[:-1], quote(found + "é"), ""):
        url = f"{URL}?bodySHA256={spelling}"
        assert not is_signed_json(url, b"{}", sign(url), [TOKEN])


def test_two_hashes_are_refused() -> None:
    url = f"{URL}?bodySHA256={hashlib.sha256(b'{}').hexdigest()}&bodySHA256={'0' * 64}"
    assert not is_signed_json(url, b"{}", sign(url), [TOKEN])
