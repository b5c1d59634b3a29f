"""Conversations of the bot's: who has all of them in view looks at one, and takes it over unasked."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bot.accounts.permissions import Permission
from bot.cases.errors import TakenError
from bot.cases.threads import find_talk, get_card, read_thread
from bot.conversations.states import Owner
from bot.desk.errors import MissingError
from bot.desk.inbox import case_path, check_seen_by, timeline
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.views.cases import CASES, LARGEST_ID
from bot.desk.views.inbox import Agent, AskedFor
from bot.jobs.handoff import take_over

CONVERSATIONS = f"{HOME}/conversations"

routes = APIRouter()
Overseer = Annotated[Viewer, requires(Permission.SEE_ALL_CASES)]
Before = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@routes.get(f"{CONVERSATIONS}/{{conversation_id}}")
def conversation(request: Request, viewer: Overseer, conversation_id: uuid.UUID, before: Before = None) -> Response:
    """What was said, and a way to take over while the bot has it."""
    with request.app.state.services.database.transaction() as session:
        found = find_talk(session, conversation_id)
        if found is None:
            raise MissingError
        thread = read_thread(session, conversation_id, before_id=before)
    context = {"talk": found, "thread": thread, "lines": timeline(thread), "is_bots": found.state == Owner.BOT}
    return render(request, viewer, "inbox/conversation.html", context)


@routes.post(f"{CONVERSATIONS}/{{conversation_id}}/take")
def take(request: Request, viewer: Overseer, conversation_id: uuid.UUID) -> Response:
    """Take a conversation over: the bot says nothing from now on."""
    return _taken(request, viewer, conversation_id, f"{CONVERSATIONS}/{conversation_id}")


@routes.post(f"{CASES}/{{case_id}}/again")
def take_again(request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor) -> Response:
    """Take over from the bot what was given back to it."""
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        conversation_id = get_card(session, case_id).row.conversation_id
    return _taken(request, viewer, conversation_id, case_path(case_id, asked.query()))


def _taken(request: Request, viewer: Viewer, conversation_id: uuid.UUID, back: str) -> Response:
    """On to the new case, or back to where it says who was faster."""
    try:
        case = take_over(conversation_id, by=viewer.staff_id)
    except TakenError as error:
        return redirect(request, back, "case_taken" if error.name else "not_the_bots", name=error.name or "")
    except LookupError as error:
        raise MissingError from error
    return redirect(request, case_path(case.id), "taken_over")
