"""What Twilio's error numbers mean for whom, when a call is refused and when a message fails later.

https://www.twilio.com/docs/api/errors. The words are for operators; Twilio's own may hold a citizen's number.
"""

from bot.channels.base import DeliveryError, Fault

FAULTS: dict[str, tuple[Fault, str]] = {
    "429": (Fault.PASSING, "too many calls at once"),
    "20429": (Fault.PASSING, "too many calls at once"),
    "21611": (Fault.PASSING, "Twilio's queue for this sender is full"),
    "30001": (Fault.PASSING, "Twilio's queue for this sender was full"),
    "63009": (Fault.PASSING, "WhatsApp answered with an error"),
    "63010": (Fault.PASSING, "WhatsApp's platform had an internal error"),
    "63012": (Fault.PASSING, "WhatsApp had an internal error"),
    "63018": (Fault.PASSING, "the sender wrote too much at once, or too often to one citizen"),
    "63016": (
        Fault.WINDOW,
        "more than 24 hours after the citizen's last message, and free text or a template without approval",
    ),
    "21211": (Fault.ADDRESS, "no such number"),
    "21610": (Fault.ADDRESS, "the citizen said STOP to Twilio"),
    "63003": (Fault.ADDRESS, "no such address on WhatsApp"),
    "63013": (Fault.ADDRESS, "WhatsApp's policy forbids it"),
    "63014": (Fault.ADDRESS, "the citizen blocked the sender"),
    "63024": (Fault.ADDRESS, "the address cannot receive messages"),
    "63032": (Fault.CONTENT, "WhatsApp spares this citizen messages for now"),
    "63033": (Fault.ADDRESS, "the citizen blocked the sender"),
    "63049": (Fault.CONTENT, "WhatsApp spares this citizen announcements for now"),
    "20003": (Fault.SENDER, "the key or token is wrong"),
    "20404": (Fault.SENDER, "the account or resource does not exist"),
    "63001": (Fault.SENDER, "WhatsApp does not let the sender in"),
    "63002": (Fault.SENDER, "the channel is not there"),
    "63007": (Fault.SENDER, "the account has no such sender"),
    "63008": (Fault.SENDER, "the sender's channel is set up wrongly"),
    "63020": (Fault.SENDER, "the WhatsApp Business account needs a payment or a review"),
    "20422": (Fault.CONTENT, "a parameter is not valid"),
    "21617": (Fault.CONTENT, "the text is longer than 1600 characters"),
    "21619": (Fault.CONTENT, "the message is empty"),
    "21655": (Fault.CONTENT, "the content does not exist"),
    "21656": (Fault.CONTENT, "the content's variables are not valid"),
    "63005": (Fault.CONTENT, "WhatsApp did not accept the content"),
    "63006": (Fault.CONTENT, "the content cannot be shown on WhatsApp"),
    "63021": (Fault.CONTENT, "the content is not valid on WhatsApp, or longer than 1024 characters"),
    "63019": (Fault.CONTENT, "Twilio could not fetch the file"),
    "63034": (Fault.CONTENT, "the file is too large"),
    # Only a template fails so, and only outside the window is one sent: in it the message goes as it is.
    "63027": (Fault.WINDOW, "the template does not exist in this language"),
    "63028": (Fault.WINDOW, "the template wants another number of variables"),
    "63040": (Fault.WINDOW, "WhatsApp rejected the template"),
    "63041": (Fault.WINDOW, "WhatsApp paused the template"),
    "63042": (Fault.WINDOW, "WhatsApp disabled the template"),
}

TOO_MANY = 429
CALLER_ERROR = 400
SERVER_ERROR = 500
BY_STATUS = {401: Fault.SENDER, 403: Fault.SENDER, 404: Fault.SENDER, 408: Fault.PASSING}


def fault_of(code: str | int) -> Fault:
    """What an error number means; one that we do not know concerns this message and no other."""
    return FAULTS.get(str(code), (Fault.CONTENT, ""))[0]


def words_of(code: str | int) -> str:
    """An error number in plain English."""
    return FAULTS.get(str(code), (Fault.CONTENT, f"Twilio's error {code}"))[1]


def refusal(status: int, code: str, *, changes: bool, retry_after: float | None = None) -> DeliveryError:
    """The error for an HTTP status and Twilio's number; after a 5xx a call that `changes` things may have worked."""
    if status >= SERVER_ERROR:
        fault = Fault.UNKNOWN if changes else Fault.PASSING
        return DeliveryError(f"Twilio failed with {status}", fault=fault, code=code or str(status))
    if status == TOO_MANY:
        return DeliveryError(words_of(TOO_MANY), fault=Fault.PASSING, code=code or str(status), retry_after=retry_after)
    if code in FAULTS:
        return DeliveryError(words_of(code), fault=fault_of(code), code=code)
    # A redirect is a proxy's doing, and nothing reached Twilio.
    fault = BY_STATUS.get(status, Fault.CONTENT if status >= CALLER_ERROR else Fault.PASSING)
    return DeliveryError(f"Twilio refused with {status} {code}".rstrip(), fault=fault, code=code or str(status))
