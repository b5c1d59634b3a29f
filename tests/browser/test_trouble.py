"""When the line or the server fails: nothing is lost, nothing comes twice."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat import Chat
from tests.fakes.webchat_stub import Stub

pytestmark = pytest.mark.browser


# The first stream that the page opens stays open and says nothing more once `window.isDeaf` is set.
DEAF = """(() => {
    const listen = EventSource.prototype.addEventListener;
    EventSource.prototype.addEventListener = function (name, hear) {
        window.firstStream ??= this;
        const isFirst = this === window.firstStream;
        listen.call(this, name, (event) => isFirst && window.isDeaf || hear(event));
    };
})()"""
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def kept(chat: Chat) -> list[str]:
    """The citizen's texts as the server holds them."""
    events = chat.stub.conversations[chat.stub.conversation]
    return [event["text"] for event in events if event.get("author") == "citizen"]


def test_a_message_that_failed_is_sent_once_more_by_itself(chat: Chat) -> None:
    chat.stub.faults.append(500)
    chat.write("hello")
    expect(chat.unsent).to_contain_text("Not sent")
    expect(chat.unsent).to_have_count(0)
    assert [body["id"] for body in chat.stub.received] == [chat.stub.received[0]["id"]] * 2


def test_after_that_the_citizen_sends_it_again_with_the_same_id(chat: Chat) -> None:
    chat.stub.faults.extend([500, 500])
    chat.write("hello")
    expect(chat.page.locator("#announcer")).to_have_text("Not sent")
    expect(chat.page.locator("[data-state=failed]")).to_be_visible()
    chat.page.wait_for_timeout(5500)  # Longer than two attempts of its own would take.
    assert len(chat.stub.received) == 2
    chat.page.get_by_role("button", name="Send again").click()
    expect(chat.unsent).to_have_count(0)
    assert len({body["id"] for body in chat.stub.received}) == 1
    assert kept(chat) == ["hello"]


def test_a_lost_answer_doubles_nothing(chat: Chat) -> None:
    chat.stub.lost_answers = 1
    chat.write("hello")
    expect(chat.unsent).to_have_count(0)
    chat.page.wait_for_timeout(2500)
    assert kept(chat) == ["hello"]
    expect(chat.mine).to_have_count(1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_gets_the_message_after_the_time_it_asked_for(chat: Chat, status: int) -> None:
    chat.stub.faults.append((status, {"Retry-After": "3"}, {"error": "busy"}))
    chat.write("one")
    chat.write("two")
    expect(chat.page.locator("[data-state=busy]")).to_contain_text(re.compile(r"It will be sent in [123] s"))
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["one", "two"]


@pytest.mark.parametrize(("status", "words"), [(413, "too long"), (422, "could not be accepted")])
def test_a_refused_message_says_why_and_can_be_edited(chat: Chat, status: int, words: str) -> None:
    chat.stub.faults.append((status, {}, {"error": "text: not for citizens"}))
    chat.write("???")
    expect(chat.unsent).to_contain_text(words)
    chat.page.get_by_role("button", name="Edit").click()
    expect(chat.question).to_have_value("???")
    expect(chat.unsent).to_have_count(0)


def test_a_lost_session_is_opened_again(chat: Chat, context: BrowserContext) -> None:
    context.clear_cookies()
    with chat.page.expect_response(lambda answer: answer.url.endswith("/chat/messages") and answer.ok):
        chat.write("hello")
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["hello"]


def test_what_is_written_before_the_session_came_waits_for_it(page: Page, url: str, stub: Stub) -> None:
    chat = Chat(page, url, stub)
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/chat/session", hold)
    with page.expect_request("**/chat/session"):
        page.goto(f"{url}/?lang=en")
    chat.write("hello")
    expect(chat.unsent).to_have_count(1)
    page.wait_for_timeout(300)
    assert stub.received == []
    held.pop().continue_()
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["hello"]
    assert held == []
    assert 401 not in answers


def test_what_is_written_offline_leaves_in_order_on_return(chat: Chat, context: BrowserContext) -> None:
    context.set_offline(True)
    expect(chat.page.locator("#connection")).to_contain_text("You are offline")
    chat.write("one")
    chat.write("two")
    expect(chat.unsent).to_have_count(2)
    expect(chat.unsent.first).to_contain_text("Will be sent when the connection is back")
    context.set_offline(False)
    expect(chat.unsent).to_have_count(0)
    expect(chat.page.locator("#connection")).to_be_hidden()
    assert kept(chat) == ["one", "two"]


def test_what_was_not_sent_outlives_a_reload(chat: Chat) -> None:
    chat.stub.faults.extend([500, 500])
    chat.write("hello")
    expect(chat.page.locator("[data-state=failed]")).to_be_visible()
    chat.reload()
    chat.reload()
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["hello"]
    expect(chat.mine).to_have_count(1)


def test_an_answer_cut_off_on_its_way_back_doubles_nothing(chat: Chat) -> None:
    def cut(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    chat.page.route("**/chat/messages", cut, times=1)
    chat.write("hello")
    expect(chat.unsent).to_have_count(0)
    chat.page.wait_for_timeout(2500)
    assert kept(chat) == ["hello"]
    expect(chat.mine).to_have_count(1)


def test_what_was_not_sent_outlives_a_reload_also_after_an_earlier_talk(chat: Chat, context: BrowserContext) -> None:
    chat.write("one")
    expect(chat.unsent).to_have_count(0)
    context.set_offline(True)
    chat.write("two")
    chat.write("three")
    expect(chat.unsent).to_have_count(2)
    context.set_offline(False)
    chat.page.route("**/chat/messages", lambda route: route.abort(), times=1)
    chat.reload()
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["one", "two", "three"]
    expect(chat.mine.locator(".plain")).to_have_text(["one", "two", "three"])


def test_a_message_on_its_way_outlives_a_reload(chat: Chat) -> None:
    chat.page.route("**/chat/messages", lambda route: None, times=1)
    chat.write("hello")
    expect(chat.unsent).to_contain_text("Sending")
    chat.reload()
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["hello"]
    expect(chat.mine).to_have_count(1)


def test_a_stream_that_died_without_a_word_is_noticed(chat: Chat) -> None:
    chat.page.add_init_script(DEAF)
    chat.reload()
    chat.page.evaluate("window.isDeaf = true")
    chat.write("hello")
    chat.stub.say("Hi")
    expect(chat.replies).to_have_count(1, timeout=20_000)
    expect(chat.unsent).to_have_count(0)
    expect(chat.mine).to_have_count(1)
    assert len(chat.stub.received) == 1


def test_the_page_works_on_a_slow_line(chat: Chat, context: BrowserContext) -> None:
    line = context.new_cdp_session(chat.page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_3G)
    chat.page.reload(wait_until="commit")
    chat.page.wait_for_selector("#log[aria-live=polite]", state="attached", timeout=30_000)
    chat.write("hello")
    chat.stub.say("Hi")
    expect(chat.replies).to_have_count(1)
    expect(chat.unsent).to_have_count(0)
    assert kept(chat) == ["hello"]


def test_a_cut_stream_is_taken_up_where_it_broke(chat: Chat) -> None:
    chat.stub.say("one")
    expect(chat.replies).to_have_count(1)
    chat.stub.cut_streams()
    chat.stub.say("two")
    expect(chat.page.locator(".message .bubble")).to_have_text(["one", "two"])
    expect(chat.page.locator("#connection")).to_be_hidden()


def test_a_server_that_is_down_is_said_so_and_found_again(chat: Chat) -> None:
    chat.stub.is_down = True
    chat.stub.cut_streams()
    chat.write("hello")
    expect(chat.page.locator("#connection")).to_contain_text("cannot be reached")
    chat.stub.is_down = False
    expect(chat.unsent).to_have_count(0, timeout=30_000)
    expect(chat.page.locator("#connection")).to_be_hidden()
    assert kept(chat) == ["hello"]


def test_the_welcome_shows_although_the_server_is_down(chat: Chat) -> None:
    chat.stub.is_down = True
    chat.page.route("**/chat/**", lambda route: route.abort())
    chat.page.reload()
    expect(chat.page.locator("#welcome")).to_be_visible()
    expect(chat.page.locator("#connection")).to_contain_text("cannot be reached")
