"""Lists of a project are read page by page from an index, instead of sorted each time.

Revision: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_KEYS = {
    "uploads": "upload_id",
    "sites": "site_id",
    "proposals": "proposal_id",
    "plans": "plan_id",
}


def upgrade() -> None:
    """Put the time and the key behind the project in its index."""
    for table, key in _KEYS.items():
        op.create_index(f"ix_{table}_paging", table, ["project_id", "created", key])
        op.drop_index(f"ix_{table}_project_id", table)


def downgrade() -> None:
    """Keep the project alone in its index."""
    for table in _KEYS:
        op.create_index(f"ix_{table}_project_id", table, ["project_id"])
        op.drop_index(f"ix_{table}_paging", table)
