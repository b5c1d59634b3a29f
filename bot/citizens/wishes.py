"""Words by which people end or resume messages that they did not ask for, in every variety."""

from enum import StrEnum

from bot.nlu.text import normalise


class Wish(StrEnum):
    """What a citizen wants of reminders and campaigns."""

    STOP = "stop"
    START = "start"


# The whole message must be one of these: "stop" inside a sentence is a word like any other.
_STOP = (
    *("stop", "stopall", "unsubscribe", "opt out", "optout", "remove me", "stop messages"),
    *("arret", "arrêt", "arrêter", "arrêtez", "stopper", "désabonner", "désinscrire", "me désabonner"),
    *("توقف", "أوقف", "إيقاف", "قف", "إلغاء الاشتراك", "ألغ الاشتراك", "أوقفوا الرسائل", "ستوب"),
    *("حبس", "حبسو", "وقف", "وقفو", "بركا", "صافي حبس", "حبس الميساجات"),
    *("7bes", "hbes", "hbs", "7bess", "we9ef", "wa9ef", "wa99ef", "barka", "7bes les messages"),
)
_START = (
    *("start", "unstop", "subscribe", "resume", "opt in"),
    *("reprendre", "recommencer", "abonner", "me réabonner", "réabonner"),
    *("ابدأ", "استئناف", "اشتراك", "إعادة الاشتراك", "ستارت"),
    *("رجع", "عاود", "رجع ليا الميساجات", "rje3", "3awed", "rjje3 les messages"),
)
_WISHES = {**dict.fromkeys(map(normalise, _STOP), Wish.STOP), **dict.fromkeys(map(normalise, _START), Wish.START)}


def wish_of(text: str) -> Wish | None:
    """The wish that a message consists of; None for any other message."""
    return None if text.lstrip().startswith("/") else _WISHES.get(normalise(text))
