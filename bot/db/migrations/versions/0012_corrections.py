"""Who edited an entry at the desk, and what reviewers say of marked messages."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ENTRIES = ("services", "offices", "deadlines", "holidays", "emergency_numbers", "rumours", "faq", "topics")
# Of marks that are there already: the last case of the conversation.
FIND_CASES = """
UPDATE reviews SET case_id = (
    SELECT cases.id FROM cases JOIN messages ON messages.conversation_id = cases.conversation_id
    WHERE messages.id = reviews.message_id ORDER BY cases.opened_at DESC LIMIT 1
)
"""


def upgrade() -> None:
    for table in ENTRIES:
        op.add_column(table, sa.Column("edited_by", sa.Uuid(), nullable=True))
    op.add_column("reviews", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.add_column("reviews", sa.Column("verdict", sa.String(16), nullable=True))
    op.add_column("reviews", sa.Column("right_intent", sa.String(64), nullable=True))
    op.add_column("reviews", sa.Column("right_service_id", sa.String(64), nullable=True))
    op.add_column("reviews", sa.Column("right_faq_id", sa.String(64), nullable=True))
    op.add_column("reviews", sa.Column("done_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_reviews_case_id_cases"), "reviews", "cases", ["case_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(op.f("fk_reviews_done_by_staff"), "reviews", "staff", ["done_by"], ["id"])
    op.create_index(op.f("ix_reviews_case_id"), "reviews", ["case_id"])
    op.execute(FIND_CASES)
