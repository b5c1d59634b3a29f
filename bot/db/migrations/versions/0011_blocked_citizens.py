"""Citizens whom nobody answers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("citizens", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
