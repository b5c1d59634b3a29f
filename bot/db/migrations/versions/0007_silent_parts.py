"""Parts of which a vendor told nothing since it took them are found."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_parts_silent", "parts", ["sender_id", "sent_at"], postgresql_where=sa.text("status = 'sent'"))
