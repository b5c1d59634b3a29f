"""A vendor's stand-in in a process of its own, which is asked and told over HTTP: `… -m tests.fakes.alone NAME PORT`.

Below /stand-in: GET gives what an installation has to know, GET …/sent what has arrived since a number of messages,
POST …/wish has it keep the vendor's limits or not, tell how messages fare, and know citizens.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi

WHATSAPP_PER_SECOND = 80
Wishes = dict[str, Callable[[Any], None]]


class TelegramDesk:
    """Telegram's stand-in as others see it."""

    def __init__(self) -> None:
        self.api = TelegramApi()
        self.wishes: Wishes = {"has_limits": self._limit, "citizens": self._know}

    def about(self) -> dict[str, str]:
        """What an installation has to know."""
        return {"token": self.api.token}

    def sent(self, after: int) -> list[tuple[float, str]]:
        """When what arrived for whom, by the clock that all processes share."""
        return [(one.at, str(one.chat_id)) for one in self.api.sent[after:]]

    def _limit(self, has_limits: bool) -> None:
        self.api.has_rate_limits = has_limits

    def _know(self, chats: list[str]) -> None:
        self.api.chats.update((int(chat), "open") for chat in chats)


class TwilioDesk:
    """Twilio's stand-in as others see it."""

    def __init__(self) -> None:
        self.api = TwilioApi(statuses=())
        self.wishes: Wishes = {"has_limits": self._limit, "citizens": self._know, "statuses": self._tell}

    def about(self) -> dict[str, str]:
        """What an installation has to know."""
        return {"account": self.api.account_sid, "token": self.api.courier.token, "sender": self.api.sender}

    def sent(self, after: int) -> list[tuple[float, str]]:
        """When what arrived for whom, by the clock that all processes share."""
        return [(one.at, one.to) for one in self.api.sent[after:]]

    def _limit(self, has_limits: bool) -> None:
        self.api.per_second = WHATSAPP_PER_SECOND if has_limits else None

    def _know(self, addresses: list[str]) -> None:
        self.api.windows.update(dict.fromkeys(addresses, time.monotonic()))

    def _tell(self, statuses: list[str]) -> None:
        self.api.statuses = tuple(statuses)


def application(desk: TelegramDesk | TwilioDesk) -> Starlette:
    """The stand-in, and the way to ask and tell it."""

    async def about(_request: Request) -> Response:
        return JSONResponse(desk.about())

    async def sent(request: Request) -> Response:
        found = desk.sent(int(request.query_params["after"]))
        return JSONResponse({"count": len(desk.api.sent), "sent": found, "turned_away": desk.api.turned_away})

    async def wish(request: Request) -> Response:
        for name, value in (await request.json()).items():
            desk.wishes[name](value)
        return JSONResponse({})

    app = desk.api.application()
    app.router.routes[:0] = [
        Route("/stand-in", about),
        Route("/stand-in/sent", sent),
        Route("/stand-in/wish", wish, methods=["POST"]),
    ]
    return app


def main(name: str, port: int) -> None:
    """Serve until told to stop."""
    desk = TelegramDesk() if name == "telegram" else TwilioDesk()
    desk.api.api_url = f"http://127.0.0.1:{port}"
    uvicorn.run(application(desk), host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
