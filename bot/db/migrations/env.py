"""Alembic's entry: runs migrations on the connection that `bot.db.migrate` holds."""

from alembic import context
from sqlalchemy import create_engine

from bot.db.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    connection = create_engine(context.config.attributes["database_url"]).connect()
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
