"""Which team a conversation goes to: the one that is most particularly there for it, else the default one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.models import Team
from bot.nlu.languages import Language

# What counts more: a team for the service comes before one for the region, and that before one for the language.
SERVICE, REGION, LANGUAGE = 4, 2, 1
# Who reads the one, reads the other.
READ_BY = {
    Language.DARIJA: {Language.DARIJA, Language.ARABIC},
    Language.DARIJA_LATIN: {Language.DARIJA_LATIN, Language.DARIJA, Language.ARABIC, Language.FRENCH},
}


@dataclass(frozen=True)
class Subject:
    """What is known of a conversation that staff are to take."""

    service_id: str | None = None
    language: str | None = None
    region: str | None = None


def choose_team(teams: Sequence[Team], subject: Subject) -> Team:
    """The team for a conversation; raises LookupError when there is none at all."""
    fitting = {team.id: _fit(team, subject) for team in teams}
    best = max((fit for fit in fitting.values() if fit is not None), default=0)
    if best > 0:
        return next(team for team in teams if fitting[team.id] == best)
    found = next((team for team in teams if team.is_default), None) or next(iter(teams), None)
    if found is None:
        raise LookupError("there is no team")
    return found


def _fit(team: Team, subject: Subject) -> int | None:
    """How particularly a team is there for a subject; None when it is not."""
    fit = 0
    wants = (
        (team.services, {subject.service_id}, SERVICE),
        (team.regions, {subject.region}, REGION),
        (team.languages, _readers(subject.language), LANGUAGE),
    )
    for limits, said, weight in wants:
        if limits and not said & set(limits):
            return None
        fit += weight if limits else 0
    return fit


def _readers(language: str | None) -> set[str | None]:
    if language not in set(Language):
        return {language}
    known = Language(language)
    return {one.value for one in READ_BY.get(known, {known})}
