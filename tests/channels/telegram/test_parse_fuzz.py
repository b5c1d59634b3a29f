"""No update makes parsing fail: one refused update would block its chat for a day."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import parse
from bot.conversations.schemas import Inbound, Presence
from bot.nlu.text import clean
from tests.channels.telegram.citizens import Citizens, Sent

CHAT = 555
# With lone surrogates and NUL, which JSON can hold.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
NAMES = st.sampled_from("message callback_query chat id from text photo file_id location data type".split())  # noqa: SIM905
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | ANY_TEXT, inner, max_size=5),
    max_leaves=20,
)


def _valid_updates() -> list[dict[str, Any]]:
    citizens = Citizens(sent=[Sent(CHAT, 3, "?", [], [[{"text": "x", "callback_data": "y"}]], "?")])
    photo = {"file_id": "AgACAg", "file_unique_id": "x", "width": 90, "height": 60, "file_size": 5}
    return [
        citizens.citizen_says(CHAT, "بشحال؟"),
        citizens.citizen_sends(CHAT, photo=[photo], caption="هذا"),
        citizens.citizen_sends(CHAT, document={"file_id": "B", "file_name": "a.pdf"}),
        citizens.citizen_sends(CHAT, contact={"phone_number": "+2126", "first_name": "A"}),
        citizens.citizen_sends_location(CHAT, 33.5, -7.6),
        citizens.citizen_edits(CHAT, 1, "صافي"),
        citizens.citizen_presses(CHAT, 3, "y"),
        citizens.citizen_blocks(CHAT),
    ]


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [path for key, one in items for path in _paths(one, (*here, key))]
    return [here, *inner] if here else inner


MUTABLE = [(update, path) for update in _valid_updates() for path in _paths(update)]


@given(ANY_JSON)
def test_any_json_is_parsed_or_nothing(update: Any) -> None:
    _check(parse(update, sender_id="bot"))


@given(st.sampled_from(MUTABLE), ANY_JSON, st.booleans())
def test_a_valid_update_with_anything_in_one_place_is_parsed_or_nothing(
    place: tuple[dict[str, Any], tuple[Any, ...]], anything: Any, is_removed: bool
) -> None:
    update, path = copy.deepcopy(place[0]), place[1]
    parent: Any = update
    for key in path[:-1]:
        parent = parent[key]
    if is_removed:
        del parent[path[-1]]
    else:
        parent[path[-1]] = anything
    _check(parse(update, sender_id="bot"))


def test_deep_nesting_is_nothing() -> None:
    update: Any = {}
    for _ in range(5000):
        update = {"message": update}
    assert parse(update, sender_id="bot") is None


def _check(found: Inbound | Presence | None) -> None:
    if isinstance(found, Inbound):
        assert found.text == clean(found.text)
        assert found.payload == clean(found.payload)
        assert len(found.vendor_id) <= 128
        assert Inbound.from_json(found.to_json()) == found
        found.workflow_id.encode()
