"""Our accounts at vendors, and what is on its way to citizens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "senders",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("secrets_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("path_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("paused_reason", sa.String(200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
        sa.UniqueConstraint("channel", "name", name=op.f("uq_senders_channel_name")),
        sa.UniqueConstraint("path_hash", name=op.f("uq_senders_path_hash")),
    )
    op.create_table(
        "contents",
        sa.Column("sender_id", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("vendor_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sender_id", "key", name=op.f("pk_contents")),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["senders.id"], name=op.f("fk_contents_sender_id_senders"), ondelete="CASCADE"
        ),
    )
    op.add_column("addresses", sa.Column("sender_id", sa.String(16), nullable=True))
    op.create_foreign_key(op.f("fk_addresses_sender_id_senders"), "addresses", "senders", ["sender_id"], ["id"])
    for name in ("window_expires_at", "opted_out_at", "unreachable_at"):
        op.add_column("addresses", sa.Column(name, MOMENT, nullable=True))
    op.add_column("addresses", sa.Column("unreachable_reason", sa.String(64), nullable=True))
    _deliveries()
    _parts()


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sender_id", sa.String(16), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
        sa.Column("due_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("repeats", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("parts_sent", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("parts_total", sa.SmallInteger(), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(12), nullable=True),
        sa.Column("code", sa.String(16), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_deliveries")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["senders.id"], name=op.f("fk_deliveries_sender_id_senders")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_deliveries_address_id_addresses"), ondelete="CASCADE"
        ),
    )
    waiting, under_way = sa.text("state = 'waiting'"), sa.text("state IN ('waiting', 'sending')")
    stuck = sa.text("state IN ('sending', 'parked', 'unknown', 'dead')")
    columns = ["sender_id", "lane", "due_at", "message_id"]
    op.create_index("ix_deliveries_next", "deliveries", columns, postgresql_where=waiting)
    op.create_index("ix_deliveries_in_order", "deliveries", ["address_id", "message_id"], postgresql_where=under_way)
    op.create_index("ix_deliveries_stuck", "deliveries", ["state"], postgresql_where=stuck)


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sender_id", sa.String(16), nullable=False),
        sa.Column("vendor_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(12), nullable=False, server_default="sent"),
        sa.Column("code", sa.String(16), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_parts")),
        sa.UniqueConstraint("sender_id", "vendor_id", name=op.f("uq_parts_sender_id_vendor_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["deliveries.message_id"], name=op.f("fk_parts_message_id_deliveries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["senders.id"], name=op.f("fk_parts_sender_id_senders")),
    )
