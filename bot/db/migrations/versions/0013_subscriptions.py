"""What citizens asked to be reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LIVING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["citizens.id"], name=op.f("fk_subscriptions_citizen_id_citizens"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_subscriptions_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_citizen_id"), "subscriptions", ["citizen_id"])
    op.create_index(op.f("ix_subscriptions_conversation_id"), "subscriptions", ["conversation_id"])
    op.create_index(
        "uq_subscriptions_living",
        "subscriptions",
        ["citizen_id", "deadline_id"],
        unique=True,
        postgresql_where=LIVING,
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["deadline_id", "reminded_for", "reminded_days", "created_at"],
        postgresql_where=LIVING,
    )
