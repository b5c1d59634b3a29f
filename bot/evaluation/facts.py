"""Every amount of money, telephone number and address in a reply has to stand in the catalogue or in our own words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.catalogue.files import read_bundle

CENTIMES = "centimes"
_INVISIBLE = re.compile(r"[\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[\u00a0\u202f]")
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬", "0123456789,.")
_AMOUNT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?) ?"
    r"(?:DHS?|MAD|dirhams?|دراهم|درهما?|€|euros?)(?!\w)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'»”)،]+", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:ma|com|org|net|gov|int|fr|info|io|eu|co|example)(?![\w-])", re.I)
_PHONE = re.compile(r"(?<![\d.,])\+?\d(?:[ .-]?\d){7,}(?![\d])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}")
_SHORT = re.compile(r"• ?(\d{2,4})(?= ?:)")
_TRAILING = ".,;:!?…"


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).translate(_EASTERN)


def _amount(written: str) -> Decimal:
    """1 234,50 or 1.234,50 or 1,234.50 as a number: three digits after the last sign are thousands."""
    written = written.replace(" ", "")
    whole, sign, fraction = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}))?", written).groups()  # type: ignore[union-attr]
    number = re.sub(r"[.,]", "", whole)
    return Decimal(f"{number}.{fraction}" if sign else number)


@dataclass
class Facts:
    """The amounts (dirhams), telephone numbers (digits only), addresses and hosts that some texts hold."""

    amounts: set[Decimal] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Facts":
        """The facts that texts state."""
        facts = cls()
        for text in map(_plain, texts):
            facts.addresses |= {address.rstrip(_TRAILING) for address in _ADDRESS.findall(text)}
            rest = _ADDRESS.sub(" ", text)
            facts.hosts |= {host.lower().removeprefix("www.") for host in _HOST.findall(rest)}
            facts.amounts |= {_amount(amount) for amount in _AMOUNT.findall(rest)}
            rest = _DATE.sub(" ", _AMOUNT.sub(" ", rest))
            facts.phones |= {re.sub(r"\D", "", phone) for phone in _PHONE.findall(rest)}
            facts.phones |= set(_SHORT.findall(rest))
        return facts

    def unknown_to(self, known: "Facts") -> list[str]:
        """What is stated here and nowhere there, as it can be told to people."""
        hosts = known.hosts | {(urlsplit(one).hostname or "").removeprefix("www.") for one in known.addresses}
        return [
            *(f"amount {amount}" for amount in sorted(self.amounts - known.amounts)),
            *(f"number {phone}" for phone in sorted(self.phones - known.phones)),
            *(f"address {address}" for address in sorted(self.addresses - known.addresses)),
            *(f"host {host}" for host in sorted(self.hosts - hosts)),
        ]


def known_facts(root: Path) -> Facts:
    """All facts of the shipped catalogue and of the words of the domain."""
    bundle = read_bundle([root / "data" / "catalogue"])
    leaves = [
        leaf
        for entries in bundle.entries.values()
        for entry in entries
        for leaf in _leaves(entry.model_dump(mode="json"))
    ]
    words = [path.read_text(encoding="utf-8") for path in sorted((root / "domain").glob("*.yml"))]
    facts = Facts.read([*(str(value) for _, value in leaves), *words])
    facts.amounts |= {Decimal(value) / 100 for key, value in leaves if CENTIMES in key and isinstance(value, int)}
    facts.phones |= {re.sub(r"\D", "", str(value)) for key, value in leaves if key in ("number", "phone", "phones")}
    return facts


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value of an entry with the key that it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    elif value is not None:
        yield key, value
