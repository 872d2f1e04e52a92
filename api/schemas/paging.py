"""Lists: a page at a time."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some rows of a list, oldest first, and where the next ones are."""

    items: list[Item]
    next: Annotated[
        str | None,
        Field(
            description="Address of the rows behind these; null: there are none.",
            examples=["/api/v1/projects?after=project-3f9a0c51d2e4&limit=100"],
        ),
    ] = None
