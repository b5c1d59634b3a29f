"""Yes, no, what, in which language: the acts that lean on the turn before."""

from typing import ClassVar

from actions import runtime
from actions.handoff import OFFERED, pass_on
from actions.offices import reply_with_offices
from actions.phrases import Phrases
from actions.services import ACTS, DEFAULT_ACT, answer_aspect, find, payload, reply_about
from actions.turn import PATIENCE, Button, JawabAction, Reply, Turn
from bot.catalogue.offices import city_in
from bot.catalogue.resolve import NAMED, Found
from bot.conversations.states import Outcome
from bot.dialogue.language import language_asked_for
from bot.nlu.languages import Language

VERY_LONG = 1500
# When the act was not understood either, the words must say more of a service than they otherwise need to.
NAMED_ALONE = 0.3


def _last_act(turn: Turn) -> str:
    act = str(turn.context.get("last_act") or DEFAULT_ACT)
    return act if act in ACTS else DEFAULT_ACT


def _names_service(turn: Turn, least: float = NAMED) -> bool:
    found = find(Turn(turn.text, turn.act, turn.language, None, turn.chosen, {}), runtime.snapshot())
    return found.found in (Found.SERVICE, Found.CHOICE) and found.score >= least


class ActionConfirmChoice(JawabAction):
    """Yes: to the one service that was offered, to one that the yes names, or to a person."""

    action_name = "action_confirm_choice"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Answers the question that was waiting, if there was one."""
        snapshot = runtime.snapshot()
        known = [one for one in turn.pending if one in snapshot.services]
        if len(known) == 1:
            return answer_aspect(turn, phrases, snapshot, snapshot.services[known[0]], ACTS[_last_act(turn)])
        if known and _names_service(turn):
            return reply_about(turn, phrases, _last_act(turn))
        if turn.context.get(OFFERED) and not known:
            return pass_on(turn, phrases, snapshot, [])
        return Reply([phrases("utter_nothing_to_confirm")], Outcome.SMALL_TALK)


class ActionCorrectChoice(JawabAction):
    """No: and perhaps which service is meant instead."""

    action_name = "action_correct_choice"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Answers the last question again for the service that the correction names."""
        if _names_service(turn) and turn.context.get("last_act"):
            plain = Turn(turn.text, turn.act, turn.language, None, turn.chosen, turn.context)
            return reply_about(plain, phrases, _last_act(turn))
        if turn.context.get(OFFERED) and not turn.pending:
            return Reply([phrases("utter_human_declined")], Outcome.SMALL_TALK)
        if turn.pending:
            context = {"pending": [], "last_act": _last_act(turn)}
            return Reply([phrases("utter_ask_which_service")], Outcome.CLARIFIED, context=context)
        return Reply([phrases("utter_nothing_to_correct")], Outcome.SMALL_TALK)


class ActionDescribeCapabilities(JawabAction):
    """What the assistant is and can do."""

    action_name = "action_describe_capabilities"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """With the number of services that it knows."""
        count = len(runtime.snapshot().services)
        buttons = [
            Button(phrases("utter_button_list_deadlines"), payload("list_deadlines")),
            Button(phrases("utter_button_find_office"), payload("find_office")),
        ]
        return Reply([phrases("utter_capabilities", count=count)], Outcome.ANSWERED, buttons=buttons)


class ActionChangeLanguage(JawabAction):
    """Another language or script."""

    action_name = "action_change_language"
    NAMES: ClassVar[
        dict[Language, str]
    ] = {  # Each language is named in itself, whatever the conversation's language is.
        Language.ARABIC: "العربية",
        Language.DARIJA: "الدارجة",
        Language.DARIJA_LATIN: "Darija b latin",
        Language.FRENCH: "Français",
        Language.ENGLISH: "English",
    }

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Changes to the language asked for, or asks which."""
        wanted = Language(turn.chosen) if turn.chosen else language_asked_for(turn.text)
        if wanted is None:
            buttons = [
                Button(name, payload("change_language", language.value)) for language, name in self.NAMES.items()
            ]
            return Reply([phrases("utter_language_choose")], Outcome.CLARIFIED, buttons=buttons)
        return Reply([phrases.into(wanted)("utter_language_changed")], Outcome.ANSWERED, language=wanted)


def _calm_words(turn: Turn) -> str | None:
    """What to say to a picture, an endless text or an insult, where "say it differently" would not help."""
    if turn.context.get("media"):
        return "utter_media_not_read"
    if len(turn.text) >= VERY_LONG:
        return "utter_too_long"
    return "utter_insult_calm" if turn.is_insult else None


class ActionDeclineTopic(JawabAction):
    """Not a matter of public services, or no matter at all but bad words."""

    action_name = "action_decline_topic"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """What can be asked instead; calm words to an insult."""
        words = _calm_words(turn) or "utter_out_of_scope"
        return Reply([phrases(words)], Outcome.OUT_OF_SCOPE)


class ActionHandleFallback(JawabAction):
    """Not understood as an act: perhaps a service is named all the same; otherwise help to say it."""

    action_name = "action_handle_fallback"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The service by name, a choice, or calm words."""
        snapshot = runtime.snapshot()
        is_text = any(letter.isalpha() for letter in turn.text)
        if turn.context.get("asked_place") and city_in(turn.text, snapshot.offices):
            return reply_with_offices(turn, phrases, turn.service_id)
        if turn.pending or (is_text and _names_service(turn, NAMED_ALONE)):
            likely = next((act for act in turn.likely_acts if act in ACTS), DEFAULT_ACT)
            return reply_about(turn, phrases, _last_act(turn) if turn.pending else likely)
        misses = int(turn.context.get("misses") or 0) + 1
        calm = _calm_words(turn)
        if calm:
            return Reply([phrases(calm)], Outcome.NOT_UNDERSTOOD)
        if misses >= PATIENCE:
            buttons = [
                Button(phrases("utter_button_list_deadlines"), payload("list_deadlines")),
                Button(phrases("utter_button_find_office"), payload("find_office")),
                Button(phrases("utter_button_human"), payload("talk_to_human")),
            ]
            text = phrases("utter_not_understood_again")
            return Reply([text], Outcome.NOT_UNDERSTOOD, buttons=buttons)
        found = find(turn, snapshot, needs_service=False)
        return Reply([phrases("utter_not_understood")], Outcome.NOT_UNDERSTOOD, ranked=found.ranked)
