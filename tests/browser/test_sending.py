"""What the citizen sends: by keyboard, by button, by place."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat

pytestmark = pytest.mark.browser

CHOICES = [{"title": "Fees", "payload": "/ask_fee"}, {"title": "Papers", "payload": "/ask_documents"}]


def test_enter_sends_and_shift_enter_begins_a_line(chat: Chat) -> None:
    chat.question.type("first")
    chat.question.press("Shift+Enter")
    chat.question.type("second")
    chat.question.press("Enter")
    expect(chat.mine).to_have_count(1)
    expect(chat.question).to_have_value("")
    expect(chat.unsent).to_have_count(0)
    assert chat.stub.received[0]["text"] == "first\nsecond"


def test_enter_that_ends_a_composed_word_does_not_send(chat: Chat) -> None:
    chat.question.fill("مرحب")
    chat.question.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(chat.question).to_have_value("مرحب")
    assert chat.stub.received == []


def test_every_post_names_the_page_as_its_sender(chat: Chat) -> None:
    chat.write("hello")
    expect(chat.unsent).to_have_count(0)
    assert chat.stub.headers[0]["x-requested-with"] == "jawab-chat"
    assert chat.stub.headers[0]["content-type"] == "application/json"


def test_an_example_is_sent_when_pressed(chat: Chat) -> None:
    examples = chat.page.locator("#welcome button")
    expect(examples).to_have_count(6)
    examples.nth(5).click()
    expect(chat.mine.locator(".plain")).to_have_text("How do I file a complaint?")
    expect(chat.page.locator("#welcome")).to_be_hidden()
    expect(chat.question).to_be_focused()


def test_a_suggested_reply_sends_its_payload_and_its_title(chat: Chat) -> None:
    chat.stub.say("What about it?", buttons=CHOICES)
    chat.choices.nth(1).click()
    expect(chat.choices).to_have_count(0)
    expect(chat.mine.locator(".plain")).to_have_text("Papers")
    expect(chat.unsent).to_have_count(0)
    sent = chat.stub.received[0]
    assert (sent["payload"], sent["text"]) == ("/ask_documents", "Papers")


def test_only_the_last_suggestions_can_be_pressed(chat: Chat) -> None:
    chat.stub.say("One", buttons=CHOICES)
    chat.stub.say("Two", buttons=CHOICES[:1])
    chat.stub.say("Three")
    expect(chat.replies).to_have_count(3)
    expect(chat.choices).to_have_text(["Fees"])
    chat.stub.say("I am here now", author="staff")
    expect(chat.choices).to_have_count(0)


def test_a_location_is_sent_roughly(chat: Chat, context: BrowserContext) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 34.0208765, "longitude": -6.8416321})
    chat.page.get_by_role("button", name="Share my location").click()
    expect(chat.mine.locator(".plain")).to_have_text("My location")
    expect(chat.unsent).to_have_count(0)
    sent = chat.stub.received[0]
    assert (sent["latitude"], sent["longitude"]) == (34.021, -6.842)


def test_a_refused_location_is_answered_politely_and_escape_closes_it(chat: Chat) -> None:
    chat.page.get_by_role("button", name="Share my location").click()
    hint = chat.page.locator("#hint")
    expect(hint).to_contain_text("No problem: your location stays with you")
    chat.page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    assert chat.stub.received == []


def test_the_counter_comes_near_the_limit_and_stops_what_is_too_long(chat: Chat) -> None:
    counter = chat.page.locator("#counter")
    chat.question.fill("a" * 1799)
    expect(counter).to_be_hidden()
    chat.question.fill("a" * 1990)
    expect(counter).to_have_text("10 characters left")
    chat.write("a" * 2003)
    expect(counter).to_have_text("3 characters too many")
    expect(chat.page.locator("#announcer")).to_contain_text("Please shorten it")
    assert chat.stub.received == []


def test_a_draft_outlives_a_reload(chat: Chat) -> None:
    chat.question.fill("half a thou")
    chat.reload()
    expect(chat.question).to_have_value("half a thou")


def test_a_new_conversation_begins_after_a_yes(chat: Chat) -> None:
    chat.write("secret")
    expect(chat.unsent).to_have_count(0)
    first = chat.stub.conversation
    chat.page.get_by_role("button", name="New conversation").click()
    chat.page.get_by_role("button", name="Start afresh").click()
    expect(chat.mine).to_have_count(0)
    expect(chat.page.locator("#welcome")).to_be_visible()
    chat.write("hello")
    expect(chat.unsent).to_have_count(0)
    assert chat.stub.conversation != first
    assert [event["text"] for event in chat.stub.conversations[chat.stub.conversation]] == ["hello"]


def test_escape_keeps_the_conversation(chat: Chat) -> None:
    chat.write("stay")
    expect(chat.unsent).to_have_count(0)
    chat.page.get_by_role("button", name="New conversation").click()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.mine).to_have_count(1)
    assert len(chat.stub.conversations) == 1


def test_another_tab_follows_into_the_new_conversation(chat: Chat, context: BrowserContext) -> None:
    chat.write("old")
    other = Chat(context.new_page(), chat.url, chat.stub)
    other.open("en")
    expect(other.mine).to_have_count(1)
    chat.page.get_by_role("button", name="New conversation").click()
    chat.page.get_by_role("button", name="Start afresh").click()
    expect(other.mine).to_have_count(0)
    chat.write("new")
    expect(other.mine.locator(".plain")).to_have_text("new")
