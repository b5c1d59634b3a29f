"""Every answer about every service, in every variety: whole, sourced, dated, and cautious where it must be."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from actions import aspects
from actions.phrases import Phrases
from actions.services import ACTS, ActionAnswerService, answer_aspect, answer_faq
from actions.turn import Reply
from bot.catalogue.schemas import Aspect, Confidence, Duration, Service, Source
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot

YEAR = 4
ISOLATES = re.compile("[\u2068\u2069]")


def answers(domain: dict[str, Any], language: Language, aspect: Aspect) -> list[tuple[Service, Reply]]:
    snapshot = shipped_snapshot()
    return [
        (service, answer_aspect(turn(), Phrases(domain, language), snapshot, service, aspect))
        for service in snapshot.services.values()
    ]


def has_source_line(lines: list[str], sources: list[Source], undated: str) -> bool:
    """Whether a line names the site of a source, with its date or a word that it has none."""
    plain = [ISOLATES.sub("", line) for line in lines]
    hosts = {
        (urlsplit(one.url).netloc.removeprefix("www."), one.date[:YEAR] if one.date else undated) for one in sources
    }
    return any(host in line and date in line for line in plain for host, date in hosts)


def own_sources(service: Service, aspect: Aspect) -> list[Source]:
    """Where the facts of an answer were read: a date's are the deadline's own."""
    deadlines = shipped_snapshot().deadlines_of(service.id) if aspect is Aspect.DEADLINE else []
    return [source for deadline in deadlines for source in deadline.sources] or service.sources


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("act", ACTS)
def test_every_answer_is_whole(domain: dict[str, Any], language: Language, act: str) -> None:
    for service in shipped_snapshot().services:
        asked = turn("", act, language, chosen=service)
        reply = ActionAnswerService().answer(asked, Phrases(domain, language))
        assert faults(reply, domain) == [], service
        assert len(set(reply.lines)) == len(reply.lines), service
        assert (reply.outcome, reply.service_id) == (Outcome.ANSWERED, service)
        assert reply.context == {"last_act": act}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("aspect", Aspect)
def test_every_answer_names_its_source_and_date(domain: dict[str, Any], language: Language, aspect: Aspect) -> None:
    undated = Phrases(domain, language)("utter_source_undated", source="").partition("(")[2]
    for service, reply in answers(domain, language, aspect):
        sources = own_sources(service, aspect)
        assert has_source_line(reply.lines, sources, undated), service.id
        assert reply.links[-1][1] in {source.url for source in sources}, service.id


@pytest.mark.parametrize("aspect", Aspect)
def test_what_was_asked_comes_first_and_the_source_after(domain: dict[str, Any], aspect: Aspect) -> None:
    for service, reply in answers(domain, Language.FRENCH, aspect):
        assert reply.lines[0] == f"*{service.names[Language.FRENCH]}*"
        source = next(n for n, line in enumerate(reply.lines) if line.startswith("Source :"))
        assert source >= len(reply.lines) - 2, service.id


@pytest.mark.parametrize("language", Language)
def test_a_weak_fact_is_told_with_caution(domain: dict[str, Any], language: Language) -> None:
    caution = Phrases(domain, language)("utter_caution_low")
    seen = 0
    for aspect in Aspect:
        for service, reply in answers(domain, language, aspect):
            if service.confidence is Confidence.LOW:
                seen += 1
                assert caution in reply.lines, (service.id, aspect)
    assert seen


def test_one_weak_fee_is_enough_for_caution(domain: dict[str, Any]) -> None:
    phrases = Phrases(domain, Language.ENGLISH)
    for service in shipped_snapshot().services.values():
        weak = any(fee.confidence is Confidence.LOW for fee in service.fees) or service.confidence is Confidence.LOW
        lines = aspects.remarks(phrases, service, Aspect.FEE)
        assert (phrases("utter_caution_low") in lines) is weak, service.id


def test_a_sure_service_is_told_without_caution(domain: dict[str, Any]) -> None:
    phrases = Phrases(domain, Language.ENGLISH)
    sure = [one for one in shipped_snapshot().services.values() if one.confidence is Confidence.HIGH]
    for service in sure:
        reply = answer_aspect(turn(), phrases, shipped_snapshot(), service, Aspect.ELIGIBILITY)
        assert phrases("utter_caution_low") not in reply.lines, service.id


@pytest.mark.parametrize("language", Language)
def test_what_is_unverified_is_said_beside_the_aspect_that_it_is_about(
    domain: dict[str, Any], language: Language
) -> None:
    mark = Phrases(domain, language)("utter_caution_unverified", text="").strip()
    for aspect in Aspect:
        for service, reply in answers(domain, language, aspect):
            doubts = [doubt for doubt in service.unverified if aspect in doubt.about]
            assert len([line for line in reply.lines if line.startswith(mark)]) == len(doubts), service.id


def test_every_document_and_fee_is_listed(domain: dict[str, Any]) -> None:
    for service, reply in answers(domain, Language.FRENCH, Aspect.DOCUMENTS):
        listed = [line for line in reply.lines if line.startswith("• ")]
        assert len(listed) == len(service.documents), service.id
    for service, reply in answers(domain, Language.FRENCH, Aspect.FEE):
        listed = [line for line in reply.lines if line.startswith("• ")]
        assert len(listed) == len(service.fees), service.id


def test_what_is_not_known_is_said_to_be_unknown(domain: dict[str, Any]) -> None:
    phrases = Phrases(domain, Language.ENGLISH)
    nothing: dict[str, Any] = {"documents": [], "fees": [], "processing_time": Duration(), "validity": None}
    bare = next(iter(shipped_snapshot().services.values())).model_copy(update=nothing)
    for aspect in (Aspect.DOCUMENTS, Aspect.FEE, Aspect.DURATION):
        lines = aspects.ASPECTS[aspect](phrases, bare)
        assert lines == [
            phrases(f"utter_{aspect.value}_unknown" if aspect != "documents" else "utter_documents_unknown")
        ]


def test_next_questions_are_others_that_have_an_answer(domain: dict[str, Any]) -> None:
    for aspect in Aspect:
        for service, reply in answers(domain, Language.FRENCH, aspect):
            assert 1 <= len(reply.buttons) <= 3, (service.id, aspect)
            payloads = [button.payload for button in reply.buttons]
            assert not any(payload.startswith(f"/ask_{aspect.value}{{") for payload in payloads), service.id
            assert service.documents or not any(p.startswith("/ask_documents") for p in payloads), service.id
            assert len(set(payloads)) == len(payloads), service.id


@pytest.mark.parametrize("language", Language)
def test_every_entry_of_the_faq_is_answered_whole(domain: dict[str, Any], language: Language) -> None:
    undated = Phrases(domain, language)("utter_source_undated", source="").partition("(")[2]
    for faq in shipped_snapshot().faq.values():
        reply = answer_faq(Phrases(domain, language), faq)
        assert faults(reply, domain) == [], faq.id
        assert has_source_line(reply.lines, faq.sources, undated), faq.id


def test_an_official_source_is_named_before_a_newer_one_of_the_press() -> None:
    press = Source(url="https://press.ma/1", title="Press", date="2026-05", kind="press")
    old = Source(url="https://admin.ma/1", title="Old", date="2024", kind="official")
    new = Source(url="https://admin.ma/2", title="New", date="2025-01-02", kind="official")
    assert aspects.best_source([press, old, new]) is new
    assert aspects.best_source([press, old, new], press.url) is press
    assert aspects.best_source([press]) is press


@pytest.mark.parametrize(
    ("text", "service", "shown"),
    [
        ("j’ai 9,6, je m’inscris où ?", "amo_achamil", "9,6 n’est pas sous le seuil de 9,3264284"),
        ("j’ai 9,1, je m’inscris où ?", "amo_tadamon", "9,1 est sous le seuil de 9,3264284"),
        ("je m’inscris où ?", "amo_tadamon", ""),
    ],
)
def test_the_citizens_own_number_opens_the_service_or_another(
    domain: dict[str, Any], text: str, service: str, shown: str
) -> None:
    asked = turn(text, "ask_office", chosen="amo_tadamon")
    reply = ActionAnswerService().answer(asked, Phrases(domain, Language.FRENCH))
    assert reply.service_id == service
    assert shown in reply.lines[0]


def test_where_nothing_else_is_open_the_condition_is_said_not_to_be_met(domain: dict[str, Any]) -> None:
    asked = turn("عندي المؤشر 9.8", "ask_eligibility", Language.DARIJA, chosen="direct_social_aid")
    reply = ActionAnswerService().answer(asked, Phrases(domain, Language.DARIJA))
    assert reply.service_id == "direct_social_aid"
    assert "ما متوفرش" in reply.lines[0]
