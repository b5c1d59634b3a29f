"""All routes of the desk. Each states its audience by its guard (bot.desk.security); forms are checked here for all."""

from fastapi import APIRouter, Depends

from bot.desk.security import check_form
from bot.desk.views import (
    account,
    audit,
    canned,
    cases,
    composer,
    conversations,
    door,
    faq,
    home,
    inbox,
    labels,
    links,
    live,
    moves,
    openid,
    reviews,
    second_step,
    staff,
    teams,
)

routes = APIRouter(tags=["desk"], dependencies=[Depends(check_form)], include_in_schema=False)
for view in (
    home,
    door,
    openid,
    links,
    account,
    second_step,
    staff,
    teams,
    audit,
    canned,
    inbox,
    labels,
    cases,
    moves,
    conversations,
    composer,
    live,
    faq,
    reviews,
):
    routes.include_router(view.routes)
routes.include_router(moves.own_routes)
