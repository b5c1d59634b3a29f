"""What the citizen reads: every message once, safe, in its own direction."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat

pytestmark = pytest.mark.browser

ANSWER = "*رسوم جواز السفر*\nالتمبر: 500 درهم.\n\n• البالغون: 500\n• القاصرون: 150\n\nالمصدر: passeport.ma"


def test_a_title_a_list_and_a_source_look_like_what_they_are(chat: Chat) -> None:
    chat.stub.say(ANSWER)
    reply = chat.replies.first
    expect(reply.locator("p.title strong")).to_have_text("رسوم جواز السفر")
    expect(reply.locator("li")).to_have_text(["البالغون: 500", "القاصرون: 150"])
    expect(reply.locator("p.source")).to_have_text("المصدر: passeport.ma")


def test_a_caution_and_a_verdict_are_signs_not_only_colours(chat: Chat) -> None:
    chat.stub.say("❌ C’est faux.\nAucun barrage touché.\n⚠️ Source unique.", language="fr")
    reply = chat.replies.first
    expect(reply.locator("p.false")).to_have_text("❌ C’est faux.")
    expect(reply.locator("p.caution")).to_have_text("⚠️ Source unique.")
    expect(reply.locator("p.signed svg")).to_have_count(2)


def test_markup_in_a_message_is_shown_as_words(chat: Chat) -> None:
    evil = "<img src=x onerror=alert(1)> <script>alert(1)</script> [x](javascript:alert(1))"
    chat.stub.say(evil)
    chat.stub.say(evil, author="citizen")
    expect(chat.replies.locator(".text")).to_have_text(evil)
    expect(chat.mine.locator(".plain")).to_have_text(evil)
    expect(chat.page.locator("#log :is(script, .text img, .text a)")).to_have_count(0)


def test_only_web_addresses_become_link_chips(chat: Chat) -> None:
    addresses = ["javascript:alert(1)", "data:text/html,x", "https://a@evil.ma/", "https://www.rabat.ma/a"]
    chat.stub.say("x", links=[{"title": "T", "url": address} for address in addresses])
    chip = chat.page.locator("a.chip")
    expect(chip).to_have_count(1)
    expect(chip).to_have_attribute("href", "https://www.rabat.ma/a")
    expect(chip).to_have_attribute("rel", "noopener noreferrer")
    expect(chip).to_have_accessible_name("T rabat.ma (opens in a new tab)")


def test_a_file_of_staffs_is_named_and_a_picture_shown(chat: Chat) -> None:
    file = {"name": "reçu.pdf", "mime_type": "application/pdf", "size": 102_400, "url": "/media/out/one"}
    picture = file | {"name": "photo.png", "mime_type": "image/png", "size": 2_000_000, "url": "/static/favicon.ico"}
    chat.stub.say("", author="staff", file=file)
    chat.stub.say("Voici.", author="staff", file=picture)
    first, second = (chat.page.locator(".message[data-author=staff]").nth(number) for number in (0, 1))
    expect(first.locator("a.file")).to_have_accessible_name("Download: reçu.pdf 100 KB")
    expect(first.locator("a.file")).to_have_attribute("href", "/media/out/one")
    expect(first.locator(".text")).to_have_count(0)
    expect(second.locator("a.file small")).to_have_text("1.9 MB")
    expect(second.locator("img[alt=''][src='/static/favicon.ico']")).to_have_count(1)


@pytest.mark.parametrize("title", ["rabat.ma", "www.Rabat.ma", "https://rabat.ma/", "\u2068rabat.ma\u2069", ""])
def test_a_chip_names_its_host_once(chat: Chat, title: str) -> None:
    chat.stub.say("x", links=[{"title": title, "url": "https://www.rabat.ma/a"}])
    expect(chat.page.locator("a.chip b")).to_have_count(1)
    expect(chat.page.locator("a.chip small")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "language", "direction"),
    [
        ("بشحال الباسبور؟", "ar", "rtl"),
        ("Combien coûte le passeport ?", "fr", "ltr"),
        ("Passeport: خمسمائة درهم", "ar", "rtl"),
        ("\u2068CNIE\u2069 بطاقة", "ary", "rtl"),
        ("البطاقة is the ID card", "en", "ltr"),
    ],
)
def test_a_reply_runs_in_the_direction_of_its_language(chat: Chat, text: str, language: str, direction: str) -> None:
    chat.stub.say(text, language=language)
    expect(chat.replies.locator(".text")).to_have_css("direction", direction)


def test_a_citizen_s_words_keep_their_lines_and_their_direction(chat: Chat) -> None:
    chat.stub.say("سلام\nchhal", author="citizen")
    expect(chat.mine.locator(".plain")).to_have_css("direction", "rtl")
    assert chat.mine.locator(".plain").inner_text() == "سلام\nchhal"


def test_messages_are_kept_over_a_reload_each_once(chat: Chat) -> None:
    chat.write("one")
    expect(chat.unsent).to_have_count(0)
    chat.stub.say("two")
    expect(chat.replies).to_have_count(1)
    chat.reload()
    expect(chat.page.locator(".message .bubble")).to_have_text(["one", "two"])
    expect(chat.page.locator("#welcome")).to_be_hidden()


def test_a_message_that_the_server_repeats_is_shown_once(chat: Chat) -> None:
    chat.stub.say("hello", id=7)
    chat.stub.say("hello", id=7)
    chat.stub.say("end")
    expect(chat.page.locator(".message .bubble")).to_have_text(["end", "hello"])


def test_staff_and_notices_are_told_apart_from_the_bot(chat: Chat) -> None:
    chat.stub.say("Good morning", author="staff")
    chat.stub.say("A colleague takes over", author="system")
    expect(chat.page.locator("[data-author=staff] .who")).to_have_text("Staff member")
    expect(chat.page.locator("[data-author=system]")).to_contain_text("Notice: A colleague takes over")


def test_typing_is_shown_until_the_reply_comes(chat: Chat) -> None:
    chat.stub.say("Hello", author="citizen")
    chat.stub.type(on=True)
    expect(chat.page.locator("#typing")).to_be_visible()
    chat.stub.say("Hi")
    expect(chat.page.locator("#typing")).to_be_hidden()


def test_a_long_reply_begins_where_the_citizen_can_read_it(chat: Chat) -> None:
    chat.write("Tell me everything")
    expect(chat.unsent).to_have_count(0)
    chat.stub.say("\n\n".join(["A long paragraph of the answer."] * 40))
    jump = chat.page.get_by_role("button", name="Latest messages")
    expect(jump).to_be_visible()
    expect(chat.mine).to_be_in_viewport()
    jump.click()
    expect(jump).to_be_hidden()


def test_a_reply_that_fits_is_shown_with_its_buttons(chat: Chat) -> None:
    chat.write("Tell me")
    expect(chat.unsent).to_have_count(0)
    chat.stub.say("\n".join(["A line of the answer."] * 13), buttons=[{"title": "Fees", "payload": "/ask_fee"}])
    expect(chat.choices).to_be_in_viewport(ratio=1)
    expect(chat.replies.locator(".text")).to_be_in_viewport(ratio=1)
    expect(chat.page.get_by_role("button", name="Latest messages")).to_be_hidden()


def test_a_hidden_page_counts_what_came(chat: Chat) -> None:
    chat.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    chat.stub.say("Your file is ready")
    expect(chat.page).to_have_title("(1) Jawab: your questions about public services in Morocco")
