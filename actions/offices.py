"""A particular place: nearest, in a town, open or not."""

from collections.abc import Mapping

from actions import runtime
from actions.phrases import Phrases
from actions.services import find, payload
from actions.turn import Button, JawabAction, Reply, Turn
from bot.catalogue.hours import OpenState, open_state
from bot.catalogue.offices import REGION, NearOffice, city_in, nearest, of_kind, region_of
from bot.catalogue.resolve import Found
from bot.catalogue.schemas import Office
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome
from bot.formats import format_clock, format_number, format_weekday
from bot.nlu.languages import Language

MOST_OFFICES = 3
MAP = "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=15/{latitude}/{longitude}"


def office_lines(phrases: Phrases, snapshot: Snapshot, near: NearOffice) -> list[str]:
    """Name, address, distance, telephone, and whether it is open now."""
    office = near.office
    lines = [phrases("utter_office_item", name=phrases.text(office.names))]
    if office.address:
        lines.append(phrases("utter_office_address", address=phrases.text(office.address)))
    if near.distance_km is not None:
        lines.append(phrases("utter_office_distance", km=format_number(round(near.distance_km), phrases.language)))
    if office.phone:
        lines.append(phrases("utter_office_phone", phone=office.phone))
    lines.append(open_line(phrases, snapshot, office))
    return lines


def open_line(phrases: Phrases, snapshot: Snapshot, office: Office) -> str:
    """Open until when, or closed until when and why."""
    state = open_state(office, runtime.now(), snapshot.calendar)
    if office.always_open:
        return phrases("utter_office_always_open")
    if state.is_open is None:
        return phrases("utter_office_hours_unknown")
    if state.is_open and state.until:
        line = phrases("utter_office_open_until", time=format_clock(state.until.time(), phrases.language))
    else:
        line = _closed_line(phrases, snapshot, state)
    return f"{line} {phrases('utter_office_ramadan')}" if state.ramadan else line


def _closed_line(phrases: Phrases, snapshot: Snapshot, state: OpenState) -> str:
    if state.next_at is None:
        return phrases("utter_office_hours_unknown")
    day = format_weekday(state.next_at.date(), phrases.language)
    time = format_clock(state.next_at.time(), phrases.language)
    holiday = snapshot.holidays.get(state.holiday_id or "")
    if holiday is None:
        return phrases("utter_office_closed_opens", day=day, time=time)
    name = phrases.text(holiday.names)
    line = phrases("utter_office_closed_holiday", holiday=name, day=day, time=time)
    today = snapshot.calendar.holiday_on(runtime.today())
    return line if today and today.certain else f"{line} {phrases('utter_office_holiday_expected')}"


def reply_with_offices(turn: Turn, phrases: Phrases, service_id: str | None) -> Reply:
    """Offices near the shared place, else in the town named, else a question for the town."""
    snapshot = runtime.snapshot()
    everywhere = snapshot.offices_of(None)
    offices = of_kind(everywhere, turn.text, snapshot.index.glossary) or snapshot.offices_of(service_id) or everywhere
    city = city_in(turn.text, snapshot.offices)
    if turn.place:
        return _listed(phrases, snapshot, phrases("utter_offices_near"), nearest(offices, *turn.place, MOST_OFFICES))
    if city:
        reply = _in_city(phrases, snapshot, offices, city, service_id)
        reply.context[REGION] = region_of(city)
        return reply
    lines = [phrases("utter_office_ask_place")]
    service = snapshot.services.get(service_id or "")
    if service:
        lines.insert(0, phrases("utter_office_lead", office=phrases.text(service.where.office_type)))
    return Reply(lines, Outcome.CLARIFIED, context={"asked_place": True, "pending": []})


def _in_city(
    phrases: Phrases,
    snapshot: Snapshot,
    offices: list[Office],
    city: Mapping[Language, str],
    service_id: str | None,
) -> Reply:
    here = [office for office in offices if office.city == city]
    name = phrases.text(city)
    if here:
        near = [NearOffice(office) for office in here[:MOST_OFFICES]]
        return _listed(phrases, snapshot, phrases("utter_offices_in", city=name), near)
    service = snapshot.services.get(service_id or "")
    if service is None:
        return Reply([phrases("utter_office_none")], Outcome.UNKNOWN_FACT)
    kind = phrases.text(service.where.office_type)
    lines = [phrases("utter_office_none_in", city=name, office=kind)]
    if service.where.portal:
        lines.append(phrases("utter_portal", url=service.where.portal))
    return Reply(lines, Outcome.UNKNOWN_FACT)


def _listed(phrases: Phrases, snapshot: Snapshot, lead: str, near: list[NearOffice]) -> Reply:
    if not near:
        return Reply([phrases("utter_office_none")], Outcome.UNKNOWN_FACT)
    lines = [lead]
    links = []
    for one in near:
        lines += office_lines(phrases, snapshot, one)
        if one.office.place:
            title = f"{phrases('utter_map')} · {phrases.text(one.office.names)}"
            place = one.office.place
            links.append((title, MAP.format(latitude=place.latitude, longitude=place.longitude)))
    lines.append(phrases("utter_office_approximate"))
    return Reply(lines + phrases.apology(), Outcome.ANSWERED, links=links)


class ActionFindOffice(JawabAction):
    """Answers `find_office`."""

    action_name = "action_find_office"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Offices of the service meant, or of any."""
        found = find(turn, runtime.snapshot(), needs_service=False)
        service_id = found.entry_id if found.found is Found.SERVICE else None
        if found.found is Found.CHOICE:
            service_id = found.choices[0]
        reply = reply_with_offices(turn, phrases, service_id)
        reply.service_id = service_id
        reply.ranked = found.ranked
        reply.context["last_act"] = "ask_office"
        if service_id and reply.outcome is not Outcome.ANSWERED:
            reply.buttons.append(Button(phrases("utter_button_documents"), payload("ask_documents", service_id)))
        return reply
