"""`jawab reviews`: what reviewers put right, as YAML for who trains the bot."""

from dataclasses import asdict
from typing import TextIO

import yaml

from bot.ops.embedded import tables_at_hand
from bot.reviews.service import list_examples
from bot.settings import load_settings


def export(out: TextIO) -> int:
    """Write the examples, the oldest first; gives how many there are."""
    with tables_at_hand(load_settings()) as database, database.transaction() as session:
        examples = list_examples(session)
    documents = [{name: value for name, value in asdict(one).items() if value is not None} for one in examples]
    yaml.safe_dump(documents, out, allow_unicode=True, sort_keys=False, width=110)
    return len(examples)
