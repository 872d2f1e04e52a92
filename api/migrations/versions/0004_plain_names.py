"""Names of users have one form: twins in case, width or accents are one name.

Revision: 0004
"""

import logging
import unicodedata
from itertools import count

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

log = logging.getLogger(__name__)

_USERS = sa.table(
    "users", sa.column("user_id", sa.String), sa.column("name", sa.String), sa.column("created")
)


def upgrade() -> None:
    """Give each user the plain form of his name, or with a number where somebody has that."""
    connection = op.get_bind()
    oldest_first = sa.select(_USERS.c.user_id, _USERS.c.name).order_by(
        _USERS.c.created, _USERS.c.user_id
    )
    users = connection.execute(oldest_first).all()
    taken = {name for _, name in users if _plain(name) == name}
    for user_id, name in users:
        if (plain := _plain(name)) == name:
            continue
        free = plain
        if plain in taken:
            free = next(wish for n in count(2) if (wish := f"{plain}-{n}") not in taken)
            log.warning(
                "%s: somebody else has his name; his ends with %s now",
                user_id,
                free.removeprefix(plain),
            )
        taken.add(free)
        connection.execute(sa.update(_USERS).where(_USERS.c.user_id == user_id).values(name=free))


def downgrade() -> None:
    """Keep the names: older versions take them as they are."""


def _plain(name: str) -> str:
    for _ in range(2):
        name = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", name).strip()
