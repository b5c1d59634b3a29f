"""The one door of Rasa that we open: a message in, acts and replies out, in one call.

Only our own gateway calls it, with a shared token; what the gateway knows of the conversation comes along.
"""

import gc
import hmac
import os
import re
from functools import lru_cache
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import Forbidden, InvalidUsage, ServiceUnavailable
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlu import savings
from bot.nlu.courtesies import AGREEING, CRY, DANGER, INSULT, KIND, SELF_HARM, Courtesies, Spotter, read_notions
from bot.nlu.questions import closing_question, split_questions
from bot.nlu.text import normalise

TOKEN_HEADER = "X-Jawab-Token"  # noqa: S105 (the name of a header)
LARGEST_BODY = 16_384
FALLBACK = "nlu_fallback"
# Acts that can stand beside another in one message; each gets its own answer.
ANSWERABLE = {
    "ask_procedure",
    "ask_documents",
    "ask_fee",
    "ask_duration",
    "ask_eligibility",
    "ask_office",
    "ask_deadline",
    "find_office",
}
# Facts about a service: when two of them are hardly told apart, both are given.
FACTS = ANSWERABLE - {"find_office"}
AS_LIKELY = 0.6
SURE_ENOUGH = 0.5
# Danger is heeded from this likelihood on when a word of danger is said, whatever else the message may be; without
# such a word (a bare address, a row of digits) it must be likelier.
EMERGENCY = "emergency"
EMERGENCY_CRIED = 0.05
EMERGENCY_HEEDED = 0.2
EMERGENCY_UNSPOKEN = 0.6
OUT_OF_SCOPE = "out_of_scope"
SURE_OUTSIDE = 0.7
LIKELY_FOLLOW_UP = 0.12
SURE_OF_STORY = 0.8
# Asked once after loading: a model that cannot tell a greeting is not ready, and the first citizen need not wait.
CANARY = "السلام عليكم"

# What messaging applications offer as commands means what it says; no other slash is one.
COMMANDS = {"/start": "/greet", "/help": "/ask_capabilities"}

# What is told to the actions beside the act.
SIGNS = ("second_reading", "insult")

_SLASHES = re.compile(r"^[\s/]+")


class _Words:
    """What is heard whatever the act: read once, when the first message comes."""

    def __init__(self) -> None:
        notions = read_notions()
        self.courtesies = Courtesies(notions, KIND)
        self.agreement = Courtesies(notions, AGREEING)
        self.cry = Spotter(notions, CRY)
        self.danger = Spotter(notions, DANGER)
        self.self_harm = Spotter(notions, SELF_HARM)
        self.insult = Spotter(notions, INSULT)


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


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
    parsed = await _parse(body, agent)
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
        "acts": [{"intent": _top(one), "ranking": one.get("intent_ranking", [])[:3]} for one in parsed],
        "understood": [(one.get("intent") or {}).get("name") for one in parsed],
        "messages": collector.messages,
    }


async def _parse(body: Dict[Text, Any], agent: Any) -> List[Dict[Text, Any]]:
    """The message's acts: one, or one for each of several questions that are clearly different."""
    if body.get("payload"):
        return [await agent.parse_message(body["payload"])]
    given = body.get("text") or ""
    if given.strip().lower() in COMMANDS:
        return [await agent.parse_message(COMMANDS[given.strip().lower()])]
    text = _words().courtesies.without(_plain(given))
    if not any(letter.isalpha() for letter in normalise(text)):
        return [_nothing_said(text)]
    whole = _weigh_danger(await agent.parse_message(text))
    if _top(whole)["name"] == EMERGENCY:
        return [whole]
    if _words().insult.spots(text) and not _asks(whole):
        return [{**whole, "intent": {"name": OUT_OF_SCOPE, "confidence": 1.0}, "insult": True}]
    if (body.get("slots") or {}).get("service"):
        whole = _lean_on_talk(whole)
    return await _questions(whole, text, agent)


def _asks(parsed: Dict[Text, Any]) -> bool:
    top = _top(parsed)
    return top["name"] in ANSWERABLE and top["confidence"] >= SURE_ENOUGH


async def _questions(whole: Dict[Text, Any], text: Text, agent: Any) -> List[Dict[Text, Any]]:
    parts = split_questions(text)
    parsed = [await agent.parse_message(_plain(part)) for part in parts] if len(parts) > 1 else []
    clear: Dict[Text, Dict[Text, Any]] = {}
    for one in parsed:
        if _asks(one):
            clear.setdefault(_top(one)["name"], one)
    if len(clear) > 1:
        return list(clear.values())
    return _readings(await _heed_question(whole, text, agent))


def _plain(text: Text) -> Text:
    """A citizen's own slash is text, never a command: Rasa looks for it behind any white space."""
    return _SLASHES.sub("", text) or "?"


def _nothing_said(text: Text) -> Dict[Text, Any]:
    """Only signs, pictures or digits: no act can be read from them."""
    return {"text": text, "intent": {"name": FALLBACK, "confidence": 1.0}, "intent_ranking": [], "entities": []}


def _weigh_danger(parsed: Dict[Text, Any]) -> Dict[Text, Any]:
    """Heed danger that is spoken of; do not read it into what says nothing of it."""
    text = f"{parsed['text']} | {parsed.get('repaired') or ''}"
    if _words().self_harm.spots(text):
        return {**parsed, "intent": {"name": EMERGENCY, "confidence": 1.0}}
    needed = EMERGENCY_UNSPOKEN
    if _words().danger.spots(text):
        needed = EMERGENCY_CRIED if _words().cry.spots(text) else EMERGENCY_HEEDED
    ranking = parsed.get("intent_ranking", [])
    likely = next((other for other in ranking if other["name"] == EMERGENCY), None)
    if likely and likely["confidence"] >= needed:
        return {**parsed, "intent": likely}
    if (parsed.get("intent") or {}).get("name") != EMERGENCY:
        return parsed
    others = [other for other in ranking if other["name"] not in (EMERGENCY, FALLBACK)]
    return {**parsed, "intent": {"name": FALLBACK, "confidence": 1.0}, "intent_ranking": others}


def _lean_on_talk(parsed: Dict[Text, Any]) -> Dict[Text, Any]:
    """In a talk about a service, an unsure "not our matter" is more likely a short question about it."""
    top = _top(parsed)
    unsure = top["name"] == OUT_OF_SCOPE and top["confidence"] < SURE_OUTSIDE
    if not unsure and (parsed.get("intent") or {}).get("name") != FALLBACK:
        return parsed
    for other in parsed.get("intent_ranking", []):
        if other["name"] in ANSWERABLE and other["confidence"] >= LIKELY_FOLLOW_UP:
            return {**parsed, "intent": other}
    return parsed


async def _heed_question(whole: Dict[Text, Any], text: Text, agent: Any) -> Dict[Text, Any]:
    """What follows a story, or an "ok", does what its question does, when the whole is less clear than that."""
    top = _top(whole)
    agreed = _words().agreement.without(text)
    question = closing_question(text) or (agreed if agreed != text and top["name"] not in ANSWERABLE else None)
    if not question or (top["confidence"] >= SURE_OF_STORY and question != agreed):
        return whole
    last = _top(await agent.parse_message(_plain(question)))
    needed = SURE_ENOUGH if question == agreed else max(top["confidence"], SURE_ENOUGH)
    return {**whole, "intent": last} if last["name"] in ANSWERABLE and last["confidence"] > needed else whole


def _readings(parsed: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """One question, or its two likeliest readings when it is hardly clear which of two facts is asked for."""
    top = _top(parsed)
    if (parsed.get("intent") or {}).get("name") not in FACTS or top["confidence"] >= SURE_ENOUGH:
        return [parsed]
    for other in parsed.get("intent_ranking", []):
        if other["name"] in FACTS - {top["name"]} and other["confidence"] >= AS_LIKELY * top["confidence"]:
            return [parsed, {**parsed, "intent": other, "second_reading": True}]
    return [parsed]


def _top(parsed: Dict[Text, Any]) -> Dict[Text, Any]:
    """The act that the classifier found most likely, also when it was too unsure to act on it."""
    intent = parsed.get("intent") or {}
    if intent.get("name") == FALLBACK:
        for other in parsed.get("intent_ranking", []):
            if other["name"] != FALLBACK:
                return {"name": other["name"], "confidence": other["confidence"]}
    return {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)}


def _seeds(slots: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """Slots of our conversation as entities: Rasa's memory is short, ours is not."""
    return [{"entity": name, "value": value} for name, value in slots.items() if value is not None]
