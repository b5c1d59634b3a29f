"""Webhooks as vendors bring them: signed, or with their secret, over connections that stay open."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

import httpx2
from twilio.request_validator import RequestValidator

from bot.channels.telegram.views import SECRET_HEADER
from bot.channels.whatsapp.views import FORM, SIGNATURE_HEADER
from bot.senders.service import Account
from bot.settings import Settings

CONNECTIONS = 100
OK = 200
# Telegram calls no two messages the same; we would take the second for the first that came again.
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Knock:
    """One webhook: when it was sent, and the seconds to its 200; None for anything else."""

    sent_at: float
    seconds: float | None


class Doors:
    """The ways in of our accounts; keep it open with `async with`."""

    def __init__(self, settings: Settings, accounts: Mapping[str, Account]) -> None:
        self._public, self._accounts = settings.public_url, accounts
        twilio = accounts["whatsapp"]
        self._validator = RequestValidator(twilio.secrets.tokens[0])
        limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._client = httpx2.AsyncClient(limits=limits, timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        """Open the connections with the first calls."""
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def knock(self, channel: str, address: str, text: str) -> Knock:
        """Bring what a citizen writes."""
        url = f"{self._public}/webhooks/{channel}/{self._accounts[channel].secrets.path}"
        content, headers = (self._update if channel == "telegram" else self._form)(url, address, text)
        began = time.monotonic()
        try:
            response = await self._client.post(url, content=content, headers=headers)
        except httpx2.HTTPError:
            return Knock(began, None)
        return Knock(began, time.monotonic() - began if response.status_code == OK else None)

    def _update(self, _url: str, address: str, text: str) -> tuple[bytes, dict[str, str]]:
        number, chat = next(_numbers), int(address)
        user = {"id": chat, "is_bot": False, "first_name": "C", "language_code": "fr"}
        message = {"message_id": number, "from": user, "chat": {"id": chat, "type": "private"}, "text": text}
        update = {"update_id": number, "message": message | {"date": int(time.time())}}
        headers = {SECRET_HEADER: self._accounts["telegram"].secrets.webhook_secret, "content-type": "application/json"}
        return json.dumps(update).encode(), headers

    def _form(self, url: str, address: str, text: str) -> tuple[bytes, dict[str, str]]:
        account, sid = self._accounts["whatsapp"], f"SM{uuid.uuid4().hex}"
        form = {
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "AccountSid": account.account,
            "From": address,
            "To": account.address,
            "WaId": address.removeprefix("whatsapp:+"),
            "Body": text,
            "MessageType": "text",
            "NumMedia": "0",
            "ApiVersion": "2010-04-01",
        }
        signature = self._validator.compute_signature(url, form)
        return urlencode(form).encode(), {SIGNATURE_HEADER: signature, "content-type": FORM}


async def sleep_until(moment: float) -> None:
    """Sleep until a reading of the monotonic clock."""
    await asyncio.sleep(max(moment - time.monotonic(), 0))
