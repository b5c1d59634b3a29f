"""All tables of the program in one place, for migrations: importing this fills `Base.metadata`."""

import bot.accounts.models
import bot.alerts.models
import bot.cases.models
import bot.catalogue.models
import bot.citizens.models
import bot.conversations.models
import bot.deliveries.models
import bot.insights.models
import bot.media.models
import bot.reviews.models
import bot.senders.models  # noqa: F401 (each import registers its tables)
from bot.db.base import Base

metadata = Base.metadata
