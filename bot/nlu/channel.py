"""The one door of Rasa that we open: a message in, acts and replies out, in one call.

Only our own gateway calls it, with a shared token; what the gateway knows of the conversation comes along.
"""

import gc
import hmac
import os
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import Forbidden, InvalidUsage, ServiceUnavailable
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlu import savings
from bot.nlu.reading import read_message, top_act

TOKEN_HEADER = "X-Jawab-Token"  # noqa: S105 (the name of a header)
LARGEST_BODY = 16_384
# Asked once after loading: a model that cannot tell a greeting is not ready, and the first citizen need not wait.
CANARY = "السلام عليكم"

# What is told to the actions beside the act.
SIGNS = ("second_reading", "following", "insult")


class ReplyCollector(CollectingOutputChannel):
    """Keeps replies whole: a blank line does not make two messages of one."""

    async def send_text_message(self, recipient_id: Text, text: Text, **kwargs: Any) -> None:
        """Keep one text."""
        await self._persist_message(self._message(recipient_id, text=text))


class JawabInput(InputChannel):
    """`POST /webhooks/jawab/message` and a health page that tells whether a model is loaded."""

    def __init__(self, token: Optional[Text] = None) -> None:
        self._token = (token or os.environ.get("JAWAB_RASA_TOKEN") or "").encode()
        self._proved: Any = None
        savings.save()

    @classmethod
    def name(cls) -> Text:
        """The path below /webhooks."""
        return "jawab"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "JawabInput":
        """Made by Rasa from credentials.yml."""
        return cls((credentials or {}).get("token"))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two routes."""
        routes = Blueprint("jawab_input", "jawab_input")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = await self._is_ready(request.app.ctx.agent)
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.route("/message", methods=["POST"])
        async def message(request: Request) -> HTTPResponse:
            self._check(request)
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                raise ServiceUnavailable("no model is loaded")
            return response.json(await _answer(request.json, agent, on_new_message))

        return routes

    async def _is_ready(self, agent: Any) -> bool:
        if agent is None or not agent.is_ready():
            return False
        if self._proved is not agent:
            parsed = await agent.parse_message(CANARY)
            if not (parsed.get("intent") or {}).get("name"):
                return False
            self._proved = agent
            # Half a million objects live as long as the model: a full collection over them takes 0.3 s.
            gc.collect()
            gc.freeze()
        return True

    def _check(self, request: Request) -> None:
        given = request.headers.get(TOKEN_HEADER, "").encode()
        if not self._token or not hmac.compare_digest(given, self._token):
            raise Forbidden("wrong token")
        if len(request.body) > LARGEST_BODY:
            raise InvalidUsage("too large")
        if not isinstance(request.json, dict) or not request.json.get("sender"):
            raise InvalidUsage("a JSON object with `sender` is needed")


async def _answer(
    body: Dict[Text, Any], agent: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]
) -> Dict[Text, Any]:
    collector = ReplyCollector()
    parsed = await read_message(body, agent)
    for one in parsed:
        one["entities"] = list(one.get("entities") or []) + _seeds(body.get("slots") or {})
        await on_new_message(
            UserMessage(
                one["text"],
                collector,
                body["sender"],
                parse_data=one,
                input_channel=JawabInput.name(),
                metadata={**(body.get("metadata") or {}), **{sign: one.get(sign, False) for sign in SIGNS}},
            )
        )
    return {
        "acts": [{"intent": top_act(one), "ranking": one.get("intent_ranking", [])[:3]} for one in parsed],
        "understood": [(one.get("intent") or {}).get("name") for one in parsed],
        "messages": collector.messages,
    }


def _seeds(slots: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """Slots of our conversation as entities: Rasa's memory is short, ours is not."""
    return [{"entity": name, "value": value} for name, value in slots.items() if value is not None]
