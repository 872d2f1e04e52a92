"""Lists: a page at a time."""

from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Order(StrEnum):
    """Which rows of a list come first."""

    OLDEST = "oldest"
    NEWEST = "newest"


class Page(BaseModel, Generic[Item]):
    """Some rows of a list in the order that was asked for, and where the next ones are."""

    items: list[Item]
    next: Annotated[
        str | None,
        Field(
            description="Address of the rows behind these; null: there are none.",
            examples=["/api/v1/projects?after=project-3f9a0c51d2e4&limit=100&order=oldest"],
        ),
    ] = None
