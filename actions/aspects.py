"""What is said about one aspect of a service: papers, fees, time, who, where, steps."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from actions.phrases import Phrases
from bot.catalogue.fees import Meant
from bot.catalogue.schemas import Aspect, Channel, Confidence, Duration, Fee, FeeKind, Service, Source
from bot.formats import format_loose_date, format_money, format_number, format_span
from bot.nlu.languages import Language

MOST_NOTES = 3
# So many other amounts are a list that hides the one that was asked for.
LONG_REST = 3
NOTHING_MEANT = Meant()


def documents(phrases: Phrases, service: Service) -> list[str]:
    """The papers to bring."""
    if not service.documents:
        return [phrases("utter_documents_unknown")]
    return [phrases("utter_documents_lead"), *(f"• {phrases.text(paper)}" for paper in service.documents)]


def fees(phrases: Phrases, service: Service, meant: Meant = NOTHING_MEANT) -> list[str]:
    """What is paid, and what is given; the amounts that were asked for stand first, or alone when that is sure."""
    if not service.fees:
        return [phrases("utter_fee_unknown")]
    rest = [fee for fee in service.fees if fee not in meant.fees]
    lines = _fee_lines(phrases, [fee for fee in service.fees if fee in meant.fees])
    if not hides_rest(meant, service):
        lines += [phrases("utter_fee_others")] if lines else []
        lines += _fee_lines(phrases, rest)
    return lines


def hides_rest(meant: Meant, service: Service) -> bool:
    """Whether a question singled out one of a long list so surely that the rest is only a button away."""
    return meant.sure and len(service.fees) - len(meant.fees) >= LONG_REST


def _fee_lines(phrases: Phrases, shown: Sequence[Fee]) -> list[str]:
    aid = {FeeKind.AID, FeeKind.ABATEMENT}
    lines: list[str] = []
    for lead, rows in (
        ("utter_fee_lead", [fee for fee in shown if fee.kind not in aid]),
        ("utter_aid_lead", [fee for fee in shown if fee.kind in aid]),
    ):
        if rows:
            lines += [phrases(lead), *(_fee_line(phrases, fee) for fee in rows)]
    return lines


def _fee_line(phrases: Phrases, fee: Fee) -> str:
    label = phrases.text(fee.label)
    if fee.conditions:
        label += f" ({phrases.text(fee.conditions)})"
    if fee.note:
        label += f". {phrases.text(fee.note)}"
    return phrases("utter_fee_line", amount=_amount(phrases, fee), label=label)


def _amount(phrases: Phrases, fee: Fee) -> str:
    if fee.percent is not None:
        return phrases("utter_fee_percent", percent=format_number(fee.percent, phrases.language))
    if fee.amount_centimes == 0:
        return phrases("utter_fee_free")
    return format_money(fee.amount_centimes or 0, phrases.language)


def duration(phrases: Phrases, service: Service) -> list[str]:
    """How long it takes, and how long the result is valid."""
    spent = service.processing_time
    time = _time(phrases, spent)
    lines = [phrases("utter_duration_lead", time=time)] if time else []
    if spent.note:
        lines.append(phrases("utter_note", text=phrases.text(spent.note)))
    if not lines:
        lines = [phrases("utter_duration_unknown")]
    if service.validity:
        lines.append(phrases("utter_validity_lead", text=phrases.text(service.validity.text)))
    return lines


def _time(phrases: Phrases, spent: Duration) -> str | None:
    if spent.max is None or spent.unit is None:
        return None
    if spent.max == 0:
        return phrases("utter_duration_same_day")
    longest = format_span(spent.max, spent.unit, phrases.language)
    if spent.min and spent.min != spent.max:
        shortest = format_span(spent.min, spent.unit, phrases.language)
        return phrases("utter_duration_between", from_time=shortest, to_time=longest)
    return phrases("utter_duration_up_to", time=longest)


def eligibility(phrases: Phrases, service: Service) -> list[str]:
    """Who may or must do it."""
    return [phrases("utter_eligibility_lead", text=phrases.text(service.who_can_apply))]


def office(phrases: Phrases, service: Service) -> list[str]:
    """Which kind of office, on which way, of which authority."""
    return [
        phrases("utter_office_lead", office=phrases.text(service.where.office_type)),
        _channel(phrases, service.where.channel),
        phrases("utter_authority", authority=phrases.text(service.authority)),
    ]


def _channel(phrases: Phrases, channel: Channel) -> str:
    return phrases(f"utter_channel_{channel.value}")


def procedure(phrases: Phrases, service: Service) -> list[str]:
    """The steps, and who may take them."""
    steps = [f"{number}. {phrases.text(step)}" for number, step in enumerate(service.steps, start=1)]
    lead = [phrases("utter_steps_lead"), *steps] if steps else office(phrases, service)
    return [*lead, *eligibility(phrases, service)]


ASPECTS: dict[Aspect, Callable[[Phrases, Service], list[str]]] = {
    Aspect.DOCUMENTS: documents,
    Aspect.FEE: fees,
    Aspect.DURATION: duration,
    Aspect.ELIGIBILITY: eligibility,
    Aspect.OFFICE: office,
    Aspect.PROCEDURE: procedure,
}


def remarks(phrases: Phrases, service: Service, aspect: Aspect) -> list[str]:
    """Notes on the aspect, what could not be verified about it, and a caution where the facts are weak."""
    lines = [phrases("utter_note", text=phrases.text(note.text)) for note in service.notes if aspect in note.about][
        :MOST_NOTES
    ]
    lines += [
        phrases("utter_caution_unverified", text=phrases.text(doubt.text))
        for doubt in service.unverified
        if aspect in doubt.about
    ]
    if _confidence(service, aspect) is Confidence.LOW:
        lines.append(phrases("utter_caution_low"))
    return lines


def _confidence(service: Service, aspect: Aspect) -> Confidence:
    """How sure the facts of an aspect are: the weakest of those shown."""
    shown: list[Confidence | None] = [service.confidence]
    if aspect is Aspect.FEE:
        shown += [fee.confidence for fee in service.fees]
    if aspect is Aspect.DURATION and service.processing_time.max is not None:
        shown.append(service.processing_time.confidence)
    order = [Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]
    return min((one for one in shown if one is not None), key=order.index)


def source_line(phrases: Phrases, sources: list[Source], preferred_url: str | None = None) -> str:
    """Where the facts come from and of when; the preferred source, else an official one, else the newest."""
    source = best_source(sources, preferred_url)
    host = urlsplit(source.url).netloc.removeprefix("www.")
    if source.date is None:
        return phrases("utter_source_undated", source=phrases.mark(host))
    return phrases("utter_source", source=phrases.mark(host), date=format_loose_date(source.date, phrases.language))


def source_link(phrases: Phrases, source: Source) -> tuple[str, str]:
    """The page of a source to open; its title is in English, the line above it tells others whose page it is."""
    title = source.title if phrases.language is Language.ENGLISH else phrases("utter_open_source")
    return title, source.url


def best_source(sources: list[Source], preferred_url: str | None = None) -> Source:
    """The source to name; see source_line."""
    for source in sources:
        if source.url == preferred_url:
            return source
    return max(sources, key=lambda one: (one.kind == "official", one.date or ""))


def preferred_url(service: Service, aspect: Aspect) -> str | None:
    """The page that the facts of an aspect were read on, where the catalogue tells."""
    if aspect is Aspect.FEE and service.fees:
        return service.fees[0].source
    if aspect is Aspect.DURATION:
        return service.processing_time.source or (service.validity.source if service.validity else None)
    return None
