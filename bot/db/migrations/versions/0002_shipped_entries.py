"""Remember what each entry of the catalogue was when it was shipped."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipped_entries",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "entry_id", name=op.f("pk_shipped_entries")),
    )
