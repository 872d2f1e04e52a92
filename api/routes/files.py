"""Files of an item as answers; only names that its rows know lead to one."""

import sqlalchemy as sa
from fastapi.responses import FileResponse

from api.errors import UnknownResourceError
from api.store import FileRole, ItemFile, Store


def file_answer(
    store: Store,
    item_id: str,
    role: FileRole,
    name: str,
    *,
    file_name: str | None = None,
    headers: dict[str, str] | None = None,
) -> FileResponse:
    """Return a file of an item; with a file name as a download, so that none is run as a page.

    Raises UnknownResourceError where there is none of this name.
    """
    with store.database.reading() as session:
        entry = session.get(ItemFile, (item_id, role, name))
        if entry is None:
            rows = sa.select(ItemFile.name).where(
                ItemFile.item_id == item_id, ItemFile.role == role
            )
            known = ", ".join(session.scalars(rows.order_by(ItemFile.position))) or "none"
            raise UnknownResourceError(f"{role} {name!r}: not here; there are {known}")
    return FileResponse(
        store.files.path(entry.digest),
        media_type=entry.media_type,
        filename=file_name,
        headers={"ETag": f'"{entry.digest}"', **(headers or {})},
    )
