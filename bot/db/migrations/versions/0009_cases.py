"""Staff help: teams, episodes of help with their story, notes, replies kept ready; messages that are found and held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from bot.conversations.words import folded

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()
BATCH = 1000


def upgrade() -> None:
    _teams()
    _cases()
    _notes()
    _at_hand()
    _conversations()
    _fold()
    op.add_column("services", sa.Column("ask_human", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("services", "ask_human", server_default=None)


def _teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("services", sa.ARRAY(sa.String(64)), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String(8)), nullable=False),
        sa.Column("regions", sa.ARRAY(sa.String(64)), nullable=False),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("first_answer_minutes", sa.Integer(), nullable=False),
        sa.Column("next_answer_minutes", sa.Integer(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("auto_assigns", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_team_members_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id_teams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "staff_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_staff_id"), "team_members", ["staff_id"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("service_id", sa.String(64), nullable=True),
        sa.Column("tried", JSON, nullable=False),
        sa.Column("promised", JSON, nullable=False),
        sa.Column("labels", sa.ARRAY(sa.String(64)), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("first_answered_at", MOMENT, nullable=True),
        sa.Column("last_citizen_at", MOMENT, nullable=False),
        sa.Column("last_staff_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("ending", sa.String(16), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("rated_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_cases_assignee_id_staff")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_cases_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_cases_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_answered", "cases", ["team_id", "first_answered_at"])
    op.create_index("ix_cases_closed", "cases", ["closed_at", "id"], postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.create_index("ix_cases_conversation_id_opened_at", "cases", ["conversation_id", "opened_at"])
    op.create_index(
        "ix_cases_one_open", "cases", ["conversation_id"], unique=True, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_events_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"])
    op.create_table(
        "case_counts",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "owner", name=op.f("pk_case_counts")),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notes_case_id_cases"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_notes_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notes_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_case_id"), "notes", ["case_id"])
    op.create_index("ix_notes_conversation_id_id", "notes", ["conversation_id", "id"])
    op.create_table(
        "mentions",
        sa.Column("note_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mentions_case_id_cases"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_mentions_note_id_notes"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_mentions_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("note_id", "staff_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_case_id"), "mentions", ["case_id"])
    op.create_index("ix_mentions_staff_id_note_id", "mentions", ["staff_id", "note_id"])


def _at_hand() -> None:
    op.create_table(
        "canned",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shortcut", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("bodies", JSON, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_canned_team_id_teams"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned")),
        sa.UniqueConstraint("shortcut", name=op.f("uq_canned_shortcut")),
    )
    op.create_index(op.f("ix_canned_team_id"), "canned", ["team_id"])
    op.create_table(
        "drafts",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("is_note", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_drafts_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_drafts_staff_id_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", "is_note", name=op.f("pk_drafts")),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("colour", sa.String(16), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )


def _conversations() -> None:
    op.add_column("conversations", sa.Column("previous_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_conversations_previous_id_conversations"),
        "conversations",
        "conversations",
        ["previous_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("messages", sa.Column("staff_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_messages_staff_id_staff"), "messages", "staff", ["staff_id"], ["id"])
    op.add_column("messages", sa.Column("held_until", MOMENT, nullable=True))
    op.add_column("messages", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    op.alter_column("messages", "folded", server_default=None)
    op.create_index("ix_messages_held", "messages", ["held_until"], postgresql_where=sa.text("status = 'held'"))


def _fold() -> None:
    """What was said so far is found as well; the index comes last, so that it is made once."""
    messages = sa.table("messages", sa.column("id", sa.BigInteger), sa.column("body"), sa.column("folded"))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(messages.c.id, messages.c.body).where(messages.c.id > last).order_by(messages.c.id).limit(BATCH)
    ).all():
        statement = sa.update(messages).where(messages.c.id == sa.bindparam("of")).values(folded=sa.bindparam("words"))
        connection.execute(statement, [{"of": message_id, "words": folded(body)} for message_id, body in rows])
        last = rows[-1].id
    op.create_index(
        "ix_messages_words",
        "messages",
        [sa.text("to_tsvector('simple'::regconfig, folded)")],
        postgresql_using="gin",
    )
