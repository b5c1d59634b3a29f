"""Whatever comes to any address, nothing breaks: schemathesis makes requests of our OpenAPI, right ones and wrong ones.

The bodies of webhooks, which our OpenAPI leaves to their vendors, are described here.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import hypothesis
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from twilio.request_validator import RequestValidator

from bot.channels.telegram.schemas import Update
from bot.channels.telegram.views import SECRET_HEADER
from bot.channels.whatsapp.views import FORM, SIGNATURE_HEADER
from bot.senders.service import Account
from tests.channels.doors import PUBLIC, Inbox, added, caller, doors, inbox
from tests.channels.visitor import HEADERS

__all__ = ["caller", "doors", "inbox"]

pytestmark = pytest.mark.slow

ACCOUNT, NUMBER, TOKEN = "AC" + "0" * 32, "whatsapp:+212537000000", "the token of Twilio's"
OK = 200
Case = schemathesis.Case[Any]
COMPONENTS = "#/components/schemas/{model}"
TEXTS = ("Body", "WaId", "ProfileName", "ButtonPayload", "Latitude", "NumMedia", "MediaUrl0", "ErrorCode")
LIMITS = hypothesis.settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)


@pytest.fixture
def contract(doors: FastAPI) -> Any:
    """Our OpenAPI, with the bodies of webhooks."""
    described = FastAPI.openapi(doors)
    update = Update.model_json_schema(ref_template=COMPONENTS)
    shapes, ours = described["components"]["schemas"], update.pop("$defs")
    for shape in (update, *ours.values()):
        shape["additionalProperties"] = False  # Else nearly all that is made is what nobody reads.
    shapes |= ours
    shapes["Chat"]["properties"]["type"] = {"enum": ["private", "group"]}
    shapes["Message"]["required"] = [*shapes["Message"]["required"], "text"]
    kinds = [{"required": [name], "properties": {name: {"type": "object"}}} for name in update["properties"]]
    update |= {"anyOf": kinds, "maxProperties": 1}
    form = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in TEXTS}
        | {
            "From": {"enum": ["whatsapp:+212600000001", "whatsapp:+2126", "whatsapp:MA.abc", "x"]},
            "MessageSid": {"enum": ["SM" + "1" * 32, "SM" + "2" * 32, ""]},
            "AccountSid": {"enum": [ACCOUNT]},
            "To": {"enum": [NUMBER]},
            "MessageStatus": {"enum": ["queued", "sent", "delivered", "read", "failed", "x"]},
            "MessageType": {"enum": ["text", "location", "reaction", "image", ""]},
        },
    }
    bodies = {"telegram": ("application/json", update), "whatsapp": (FORM, form)}
    for path, operations in described["paths"].items():
        if path.startswith("/webhooks/"):
            media_type, shape = bodies[path.split("/")[2]]
            operations["post"]["requestBody"] = {"content": {media_type: {"schema": shape}}, "required": True}
    return schemathesis.openapi.from_dict(described)


@pytest.fixture
def accounts(doors: FastAPI, inbox: Inbox) -> dict[str, Account]:
    """Our senders."""
    return {
        "telegram": added(doors, "telegram", account="7", address="@jawab", token="7:a"),
        "whatsapp": added(doors, "whatsapp", account=ACCOUNT, address=NUMBER, token=TOKEN),
    }


def ready(case: Case) -> Any:
    """A case as it goes over the wire."""
    return requests.Request(**case.as_transport_kwargs(base_url=PUBLIC)).prepare()


def send(caller: TestClient, case: Case, request: Any) -> Any:
    """Send it, and look whether we broke; gives the response."""
    headers = [(name.encode(), _text(value).encode("latin-1", "replace")) for name, value in request.headers.items()]
    body = request.body.encode() if isinstance(request.body, str) else request.body
    response = caller.request(request.method, request.url, headers=headers, content=body)
    case.validate_response(response, checks=[not_a_server_error])
    return response


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def try_all(contract: Any, attempt: Callable[[Case], None], paths: str = "", *, most: int = 12) -> None:
    """Make many requests of each operation whose path has a pattern in it."""
    operations = [one.ok() for one in contract.get_all_operations()]
    chosen = [one for one in operations if re.search(paths, one.path)]
    assert chosen
    for operation in chosen:
        for mode in schemathesis.GenerationMode:
            with suppress(Unsatisfiable):  # Nothing can be wrong with what takes nothing.
                hypothesis.settings(LIMITS, max_examples=most)(
                    hypothesis.given(case=operation.as_strategy(generation_mode=mode))(attempt)
                )()


def test_nothing_that_a_stranger_sends_breaks_us(contract: Any, caller: TestClient, inbox: Inbox) -> None:
    def attempt(case: Case) -> None:
        caller.cookies.clear()  # Else a session that was begun would go on.
        send(caller, case, ready(case))

    try_all(contract, attempt)
    assert [one for one in inbox.taken if one.channel != "webchat"] == []


def test_nothing_that_a_citizen_sends_breaks_us(contract: Any, caller: TestClient, inbox: Inbox) -> None:
    def attempt(case: Case) -> None:
        door = case.path.split("/")[1]
        caller.post(f"/{door}/session", json={}, headers=HEADERS).raise_for_status()
        send(caller, case, ready(case))

    # Events never end for who has a session; without one they are refused, as the first test sees.
    try_all(contract, attempt, r"^/(chat|embed)/(?!events)")


def test_nothing_that_a_vendor_sends_breaks_us(
    contract: Any, caller: TestClient, accounts: dict[str, Account], inbox: Inbox
) -> None:
    def attempt(case: Case) -> None:
        account = accounts[case.path.split("/")[2]]
        case.path_parameters["path"] = account.secrets.path
        request = ready(case)
        if account.channel == "telegram":
            request.headers[SECRET_HEADER] = account.secrets.webhook_secret
        else:
            form = dict(parse_qsl(_text(request.body or b""), keep_blank_values=True))
            request.headers[SIGNATURE_HEADER] = RequestValidator(TOKEN).compute_signature(request.url, form)
        response = send(caller, case, request)
        assert account.channel != "telegram" or request.method != "POST" or response.status_code == OK

    try_all(contract, attempt, "^/webhooks/", most=20)
