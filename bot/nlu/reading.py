"""What a message does: one act, or several, with what only a whole talk can tell.

The classifier reads single sentences. Here courtesies are set aside, danger is weighed, stories, follow-ups and several
questions in one message are told apart.
"""

import re
from functools import lru_cache
from typing import Any, Dict, List, Optional, Set, Text

from bot.nlu.courtesies import (
    AGREEING,
    CRY,
    DANGER,
    INSULT,
    KIND,
    SELF_HARM,
    SETTLED,
    SILENT,
    YES_OR_NO,
    Courtesies,
    Spotter,
    is_elliptic,
    read_notions,
)
from bot.nlu.questions import closing_question, split_questions
from bot.nlu.text import normalise

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
# Acts that a bad word does not hide.
MEANT = {*ANSWERABLE, "file_complaint", "talk_to_human"}
# Acts that no "and …" before them turns into the question before.
OTHER_WISHES = {"file_complaint", "talk_to_human"}
# An act that is surer than this is not settled by a set phrase.
SURE_AGAINST_PHRASES = 0.9
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
# A row of words that nobody ever used (code, keys hit by chance) cries for no help.
NEVER = 2.0
# From how sure on an act is acted upon, by the variety of the talk: below, it is right in less than two cases of five
# (measured by `jawab compare`, see docs/nlu.md). FallbackClassifier itself stops only what is below the least of these.
ACTS_FROM = {"ar": 0.45, "ary": 0.43, "ary-latn": 0.38, "en": 0.36, "fr": 0.35}
OUT_OF_SCOPE = "out_of_scope"
SURE_OUTSIDE = 0.7
LIKELY_FOLLOW_UP = 0.12
SURE_OF_STORY = 0.8
# What messaging applications offer as commands means what it says; no other slash is one.
COMMANDS = {"/start": "/greet", "/help": "/ask_capabilities", "/stop": "/unsubscribe_alerts"}

# Acts that consist of courtesies: "hello everybody" is one, whatever "everybody" alone might be.
COURTEOUS = {"greet", "thank", "goodbye"}

# Signs that only programs write; what stands around them is no sentence.
_CODE = re.compile(
    r"[{}]|<[^<>]*>|`[^`]*`|\*\*|;\s*--|\b(?:SELECT|INSERT|UPDATE|DELETE|DROP|ALTER)\b.*\b(?:FROM|INTO|SET|TABLE)\b"
)
# Letters of languages that we do not speak, in a word that is no name.
_FOREIGN = re.compile(r"(?<!\w)(?![A-Z\u00c0-\u00de])\w*[ğışőűńłśźżčřžåøßñãõäöü]")
_SLASHES = re.compile(r"^[\s/]+")


class _Words:
    """What is heard whatever the act: read once, when the first message comes."""

    def __init__(self) -> None:
        notions = read_notions()
        self.courtesies = Courtesies(notions, KIND)
        self.agreement = Courtesies(notions, AGREEING)
        self.yes_or_no = Spotter(notions, YES_OR_NO)
        self.cry = Spotter(notions, CRY)
        self.danger = Spotter(notions, DANGER)
        self.self_harm = Spotter(notions, SELF_HARM)
        self.insult = Spotter(notions, INSULT)
        self.settled = {act: Spotter(notions, kinds) for act, kinds in SETTLED.items()}
        self.asking = Spotter(notions, [kind for kind in notions if kind not in SILENT])


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


async def read_message(body: Dict[Text, Any], agent: Any) -> List[Dict[Text, Any]]:
    """The message's acts: one, or one for each of several questions that are clearly different."""
    if body.get("payload"):
        return [await agent.parse_message(body["payload"])]
    given = body.get("text") or ""
    if given.strip().lower() in COMMANDS:
        return [await agent.parse_message(COMMANDS[given.strip().lower()])]
    if _CODE.search(given) or _FOREIGN.search(given):
        return [_nothing_said("?")]
    return await _read_text(given, body, agent)


async def _read_text(given: Text, body: Dict[Text, Any], agent: Any) -> List[Dict[Text, Any]]:
    text = _words().courtesies.without(_plain(given))
    if not any(letter.isalpha() for letter in normalise(text)):
        return [_nothing_said(text)]
    whole = _weigh_danger(await agent.parse_message(text))
    if top_act(whole)["name"] == EMERGENCY:
        return [whole]
    if _words().insult.spots(given) and not _asks(whole, MEANT):
        return [{**whole, "intent": {"name": OUT_OF_SCOPE, "confidence": 1.0}, "insult": True}]
    if settled := _settled(whole, text):
        return [settled]
    whole = _doubt(whole, (body.get("slots") or {}).get("language"))
    courtesy = await _only_courtesy(whole, given, body, agent)
    return [courtesy] if courtesy else await _in_talk(whole, text, body, agent)


async def _only_courtesy(
    rest: Dict[Text, Any], given: Text, body: Dict[Text, Any], agent: Any
) -> Optional[Dict[Text, Any]]:
    """The whole message, when it is a greeting or thanks and what is left beside the set words asks for nothing."""
    offered = ((body.get("metadata") or {}).get("context") or {}).get("pending")
    is_all = rest["text"] == _plain(given)
    if is_all or offered or rest.get("subjects", 0) or _words().asking.spots(rest["text"]):
        return None
    whole: Dict[Text, Any] = await agent.parse_message(_plain(given))
    top = top_act(whole)
    return whole if top["name"] in COURTEOUS and top["confidence"] >= SURE_ENOUGH else None


async def _in_talk(whole: Dict[Text, Any], text: Text, body: Dict[Text, Any], agent: Any) -> List[Dict[Text, Any]]:
    """What the message does, given what was spoken of before."""
    if (body.get("slots") or {}).get("service"):
        whole = _lean_on_talk(whole)
    last_act = ((body.get("metadata") or {}).get("context") or {}).get("last_act")
    if last_act in ANSWERABLE and is_elliptic(text, _words().asking) and not _is_reply(whole, text):
        return [{**whole, "intent": {"name": last_act, "confidence": top_act(whole)["confidence"]}}]
    return await _questions(whole, text, agent)


def _is_reply(parsed: Dict[Text, Any], text: Text) -> bool:
    """Whether a text that begins like "and" says yes or no, as واخا does, or wants something else."""
    top = top_act(parsed)
    is_clear = top["name"] in OTHER_WISHES and top["confidence"] >= SURE_ENOUGH
    return is_clear or _words().yes_or_no.spots(text)


def _settled(parsed: Dict[Text, Any], text: Text) -> Optional[Dict[Text, Any]]:
    """The act that a set phrase stands for, unless the message surely does something else."""
    if _asks(parsed) or top_act(parsed)["confidence"] >= SURE_AGAINST_PHRASES:
        return None
    act = next((act for act, phrases in _words().settled.items() if phrases.spots(text)), None)
    return {**parsed, "intent": {"name": act, "confidence": 1.0}} if act else None


def _asks(parsed: Dict[Text, Any], acts: Set[Text] = ANSWERABLE) -> bool:
    top = top_act(parsed)
    return top["name"] in acts and top["confidence"] >= SURE_ENOUGH


async def _questions(whole: Dict[Text, Any], text: Text, agent: Any) -> List[Dict[Text, Any]]:
    parts = split_questions(text)
    parsed = [await agent.parse_message(_plain(part)) for part in parts] if len(parts) > 1 else []
    clear: Dict[Text, Dict[Text, Any]] = {}
    for one in parsed:
        if _asks(one):
            clear.setdefault(top_act(one)["name"], one)
    if len(clear) > 1:
        first, *rest = clear.values()
        return [first, *({**one, "following": True} for one in rest)]
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
    needed = EMERGENCY_UNSPOKEN if parsed.get("known_words", 1) else NEVER
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


def _doubt(parsed: Dict[Text, Any], language: Optional[Text]) -> Dict[Text, Any]:
    """Take nothing for understood that is too unlikely in the variety of the talk.

    Of a bare subject ("passport?") nothing is known but the subject.
    """
    top = top_act(parsed)
    is_bare = parsed.get("subjects", 0) and top["name"] not in ANSWERABLE and not _words().asking.spots(parsed["text"])
    if is_bare and top["confidence"] < SURE_ENOUGH:
        return {**parsed, "intent": {"name": FALLBACK, "confidence": 1.0}}
    if (parsed.get("intent") or {}).get("confidence", 0.0) >= ACTS_FROM.get(language or "", 0.0):
        return parsed
    return {**parsed, "intent": {"name": FALLBACK, "confidence": 1.0}}


def _lean_on_talk(parsed: Dict[Text, Any]) -> Dict[Text, Any]:
    """In a talk about a service, an unsure "not our matter" is more likely a short question about it."""
    top = top_act(parsed)
    unsure = top["name"] == OUT_OF_SCOPE and top["confidence"] < SURE_OUTSIDE
    if not unsure and (parsed.get("intent") or {}).get("name") != FALLBACK:
        return parsed
    for other in parsed.get("intent_ranking", []):
        if other["name"] in ANSWERABLE and other["confidence"] >= LIKELY_FOLLOW_UP:
            return {**parsed, "intent": other}
    return parsed


async def _heed_question(whole: Dict[Text, Any], text: Text, agent: Any) -> Dict[Text, Any]:
    """What follows a story, or an "ok", does what its question does, when the whole is less clear than that."""
    top = top_act(whole)
    agreed = _words().agreement.without(text)
    question = closing_question(text) or (agreed if agreed != text and top["name"] not in ANSWERABLE else None)
    if not question or (top["confidence"] >= SURE_OF_STORY and question != agreed):
        return whole
    last = top_act(await agent.parse_message(_plain(question)))
    needed = SURE_ENOUGH if question == agreed else max(top["confidence"], SURE_ENOUGH)
    return {**whole, "intent": last} if last["name"] in ANSWERABLE and last["confidence"] > needed else whole


def _readings(parsed: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """One question, or its two likeliest readings when it is hardly clear which of two facts is asked for."""
    top = top_act(parsed)
    if (parsed.get("intent") or {}).get("name") not in FACTS or top["confidence"] >= SURE_ENOUGH:
        return [parsed]
    for other in parsed.get("intent_ranking", []):
        if other["name"] in FACTS - {top["name"]} and other["confidence"] >= AS_LIKELY * top["confidence"]:
            return [parsed, {**parsed, "intent": other, "second_reading": True}]
    return [parsed]


def top_act(parsed: Dict[Text, Any]) -> Dict[Text, Any]:
    """The act that the classifier found most likely, also when it was too unsure to act on it."""
    intent = parsed.get("intent") or {}
    if intent.get("name") == FALLBACK:
        for other in parsed.get("intent_ranking", []):
            if other["name"] != FALLBACK:
                return {"name": other["name"], "confidence": other["confidence"]}
    return {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)}
