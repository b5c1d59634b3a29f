"""What the gateway relies on in Rasa's channel; the stand-in and the real one are held to the same."""

import httpx2
import pytest

from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound, Kind
from bot.dialogue.client import TOKEN_HEADER, Answer, DialogueClient, DialogueError, Question
from bot.dialogue.turn import question_of, result_of
from bot.nlu.text import MAX_CHARACTERS

PATH = "/webhooks/jawab/message"


def check_promises(url: str, token: str) -> None:
    """Ask in every way that the gateway does, and in some that it must not."""
    client = DialogueClient(url, token, timeout_seconds=60)
    _answers_texts_and_buttons(client)
    _takes_the_longest_message(client)
    _refuses_what_is_not_ours(url, token)
    client.close()


def _answers_texts_and_buttons(client: DialogueClient) -> None:
    for question in (
        Question("promises:0", "fr", text="bonjour"),
        Question("promises:0", "fr", payload="/greet"),
    ):
        answer = client.ask(question)
        assert isinstance(answer, Answer)
        assert len(answer.acts) == len(answer.understood) == 1
        assert set(answer.acts[0]["intent"]) >= {"name", "confidence"}
        assert isinstance(answer.acts[0]["ranking"], list)
        result = result_of(answer, {})
        assert result.intent == answer.understood[0] == "greet"
        assert all(one.text for one in result.said)


def _takes_the_longest_message(client: DialogueClient) -> None:
    inbound = Inbound("webchat", "1", "a", Kind.TEXT, text="😀" * MAX_CHARACTERS)
    conversation = Conversation(rasa_session=0, context={"pending": ["a_service"] * 3, "last_act": "ask_fee"})
    assert client.ask(question_of(inbound, conversation, "fr")).messages


def _refuses_what_is_not_ours(url: str, token: str) -> None:
    with pytest.raises(DialogueError):
        DialogueClient(url, "not the token", timeout_seconds=60).ask(Question("x", "fr", text="bonjour"))
    with httpx2.Client(base_url=url, trust_env=False, timeout=60) as plain:
        assert plain.post(PATH, json={"sender": "x"}).status_code == 403
        ours = {TOKEN_HEADER: token}
        assert plain.post(PATH, json={"text": "bonjour"}, headers=ours).status_code == 400
        assert plain.post(PATH, json=["x"], headers=ours).status_code == 400
        large = {"sender": "x", "text": "x" * 20_000}
        assert plain.post(PATH, json=large, headers=ours).status_code == 400
