"""Where a template stands with its vendor. The vendor moves it, and may take back any word; we only ask."""

from enum import StrEnum


class Approval(StrEnum):
    """What the vendor said of a template."""

    DRAFT = "draft"  # It was not asked.
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"  # Approved before, and not to be sent for now.


class Category(StrEnum):
    """What a template is for: the vendor's price and patience depend on it."""

    UTILITY = "utility"  # Something that the citizen asked for: a reminder, an answer that took long.
    MARKETING = "marketing"  # Everything else, campaigns among it.
