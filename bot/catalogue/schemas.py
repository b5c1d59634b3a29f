"""The catalogue as files: strict models that every imported or exported entry passes.

An unknown field, a wrong type or a missing language is refused by name; nothing is guessed.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from bot.catalogue.rules import Rule
from bot.catalogue.schema_types import (
    PUBLIC,
    EntryId,
    LooseDate,
    NameTexts,
    PublicTexts,
    Strict,
    Text,
    TextLists,
    Texts,
    Url,
    check_day,
    check_languages,
)
from bot.nlu.languages import Language


class Confidence(StrEnum):
    """How sure a fact is: official or several sources, one secondary source, one weak source."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """Only published entries are found and shown."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Aspect(StrEnum):
    """What a citizen asks about a service; each is answered by one dialogue act."""

    PROCEDURE = "procedure"
    DOCUMENTS = "documents"
    FEE = "fee"
    DURATION = "duration"
    ELIGIBILITY = "eligibility"
    OFFICE = "office"
    DEADLINE = "deadline"


class Source(Strict):
    """Where a fact comes from; date is as precise as the page tells, None when it tells none."""

    url: Url
    title: Text
    date: LooseDate | None = None
    kind: Literal["official", "official_via", "guide", "press"] = "press"


class FeeKind(StrEnum):
    """What an amount is to the citizen; `aid` is paid to them, `abatement` is taken off."""

    FEE = "fee"
    TAX = "tax"
    CONTRIBUTION = "contribution"
    AID = "aid"
    ABATEMENT = "abatement"


class Fee(Strict):
    """One amount: integer centimes of a dirham, or a percentage."""

    kind: FeeKind = FeeKind.FEE
    label: NameTexts
    conditions: PublicTexts | None = None
    amount_centimes: int | None = Field(default=None, ge=0, le=10**15)
    percent: Decimal | None = Field(default=None, ge=0, le=100, decimal_places=4)
    note: PublicTexts | None = None
    confidence: Confidence
    source: Url | None = None

    @model_validator(mode="after")
    def _one_amount(self) -> "Fee":
        if (self.amount_centimes is None) == (self.percent is None):
            raise ValueError("exactly one of amount_centimes and percent is needed")
        return self


class Duration(Strict):
    """How long the administration takes: min and max in the unit, None when not known."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    unit: Literal["hours", "days", "months"] | None = None
    note: PublicTexts | None = None
    confidence: Confidence | None = None
    source: Url | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Duration":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        if (self.min is not None or self.max is not None) and self.unit is None:
            raise ValueError("unit is needed beside min or max")
        return self


class Validity(Strict):
    """How long the result stays valid."""

    text: PublicTexts
    months: int | None = Field(default=None, ge=1)
    confidence: Confidence | None = None
    source: Url | None = None


class Channel(StrEnum):
    """Where the service is done."""

    OFFICE = "office"
    ONLINE = "online"
    ONLINE_OR_OFFICE = "online_or_office"
    ONLINE_THEN_OFFICE = "online_then_office"


class Where(Strict):
    """The kind of office, the channel and the portal that handle a service."""

    office_type: PublicTexts
    channel: Channel
    portal: Url | None = None


class Note(Strict):
    """A remark shown with the answers about its aspects."""

    about: list[Aspect] = Field(min_length=1)
    text: PublicTexts


class Ceiling(Strict):
    """A measure (a term of the glossary) that must be below a number, and the service for those above, if any."""

    measure: EntryId
    below: Decimal = Field(gt=0, le=10**6, decimal_places=9)
    otherwise: EntryId | None = None


class Entry(Strict):
    """What every entry of the catalogue carries."""

    id: EntryId
    status: Status = Status.PUBLISHED
    review_on: dt.date | None = None


class Service(Entry):
    """A public service, as a citizen asks about it."""

    category: EntryId
    names: NameTexts
    summaries: NameTexts
    aliases: TextLists = Field(default_factory=dict)
    phrasings: TextLists = Field(default_factory=dict)
    authority: PublicTexts
    who_can_apply: PublicTexts
    ceiling: Ceiling | None = None
    ask_human: bool = False
    documents: list[PublicTexts] = Field(default_factory=list)
    fees: list[Fee] = Field(default_factory=list)
    processing_time: Duration = Duration()
    validity: Validity | None = None
    steps: list[PublicTexts] = Field(default_factory=list)
    where: Where
    notes: list[Note] = Field(default_factory=list)
    unverified: list[Note] = Field(default_factory=list)
    sources: list[Source] = Field(min_length=1)
    confidence: Confidence


class Place(Strict):
    """A point on the map, WGS 84 degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    precision: PublicTexts | None = None


class Hours(Strict):
    """One opening period; weekdays are ISO (1 is Monday), times are local, closing after opening."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    opens: dt.time
    closes: dt.time

    @model_validator(mode="after")
    def _ordered(self) -> "Hours":
        if self.opens >= self.closes:
            raise ValueError("closes must be later than opens")
        return self


class Office(Entry):
    """A place that citizens can go to."""

    names: PublicTexts
    type: EntryId
    city: PublicTexts
    place: Place | None = None
    address: PublicTexts | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()./-]{2,31}$")] | None = None
    always_open: bool = False
    hours: list[Hours] = Field(default_factory=list)
    ramadan_hours: list[Hours] = Field(default_factory=list)
    hours_note: PublicTexts | None = None
    services: list[EntryId] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    confidence: Confidence


class Penalty(Strict):
    """What being late costs; the text is the answer, the figures serve calculation."""

    text: NameTexts
    first_month_percent: Decimal | None = None
    monthly_percent: Decimal | None = None
    minimum_centimes: int | None = None
    maximum_centimes: int | None = None
    confidence: Confidence | None = None


class Deadline(Entry):
    """A date that citizens must not miss, as a rule."""

    services: list[EntryId] = Field(min_length=1)
    label: NameTexts
    rule: Rule
    penalty: Penalty | None = None
    last_known_on: dt.date | None = None
    note: PublicTexts | None = None
    sources: list[Source] = Field(min_length=1)
    confidence: Confidence


class FixedHoliday(Entry):
    """A holiday on the same day each year."""

    type: Literal["fixed"]
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    names: NameTexts
    source: Url | None = None
    confidence: Confidence

    @model_validator(mode="after")
    def _real_day(self) -> "FixedHoliday":
        check_day(self.month, self.day)
        return self


class MovingHoliday(Entry):
    """A holiday of the lunar calendar; only an announced date is certain."""

    type: Literal["moving"]
    hijri_month: int = Field(ge=1, le=12)
    hijri_day: int = Field(ge=1, le=30)
    days: int = Field(ge=1, le=5)
    announced_on: list[dt.date] = Field(default_factory=list)
    names: NameTexts
    source: Url | None = None
    confidence: Confidence


Holiday = Annotated[FixedHoliday | MovingHoliday, Field(discriminator="type")]


class EmergencyNumber(Entry):
    """A number to call; `priority` 1 is shown first, None is shown only when its topic is asked for."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]
    priority: int | None = Field(default=None, ge=1, le=1000)
    names: NameTexts
    use: NameTexts
    phrasings: TextLists = Field(default_factory=dict)
    services: list[EntryId] = Field(default_factory=list)
    source: Url | None = None
    confidence: Confidence
    note: PublicTexts | None = None


class Verdict(StrEnum):
    """What a rumour turned out to be."""

    TRUE = "true"
    FALSE = "false"
    SCAM = "scam"
    MISLEADING = "misleading"
    UNPROVEN = "unproven"


class Rumour(Entry):
    """Something that goes round, with its correction."""

    topic: EntryId
    seen_on: LooseDate | None = None
    claim: NameTexts
    verdict: Verdict
    answer: NameTexts
    corrected_by: NameTexts
    warning_signs: list[NameTexts] = Field(default_factory=list)
    phrasings: TextLists = Field(default_factory=dict)
    services: list[EntryId] = Field(default_factory=list)
    sources: list[Source] = Field(min_length=1)
    confidence: Confidence


class Faq(Entry):
    """A question that is no service, with its answer; only a published one must be complete."""

    question: Texts = Field(min_length=1)
    answer: Texts
    phrasings: TextLists = Field(default_factory=dict)
    services: list[EntryId] = Field(default_factory=list)
    sources: list[Source]
    confidence: Confidence

    @field_validator("question", "answer")
    @classmethod
    def _is_readable(cls, texts: Texts, info: ValidationInfo) -> Texts:
        return check_languages(texts, *PUBLIC) if info.data.get("status") == Status.PUBLISHED else texts

    @field_validator("sources")
    @classmethod
    def _is_founded(cls, sources: list[Source], info: ValidationInfo) -> list[Source]:
        if info.data.get("status") == Status.PUBLISHED and not sources:
            raise PydanticCustomError("source_missing", "at least one source is needed")
        return sources


class Topic(Entry):
    """A public service that is known to exist but is not in the catalogue: asked for, it is said to be unknown."""

    names: NameTexts
    phrasings: TextLists = Field(default_factory=dict)


class Term(Strict):
    """One notion of the administration with its spellings in every variety; search treats them as one word."""

    id: EntryId
    spellings: dict[Language, list[Text]]


class CatalogueFile(Strict):
    """One YAML file of the catalogue; every list is optional, so a file may hold one kind or several."""

    version: Literal[1]
    services: list[Service] = Field(default_factory=list)
    offices: list[Office] = Field(default_factory=list)
    deadlines: list[Deadline] = Field(default_factory=list)
    holidays: list[Holiday] = Field(default_factory=list)
    emergency_numbers: list[EmergencyNumber] = Field(default_factory=list)
    rumours: list[Rumour] = Field(default_factory=list)
    faq: list[Faq] = Field(default_factory=list)
    topics: list[Topic] = Field(default_factory=list)
    terms: list[Term] = Field(default_factory=list)
