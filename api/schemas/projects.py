"""Projects, their members, and the days on which much happens there."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from api.schemas.shapes import (
    AS_WRITTEN,
    ONE_LINE,
    SQUARE,
    WRITTEN,
    Id,
    Model,
    Zone,
    each_once,
)
from api.store import Discipline, Role

Name = Annotated[str, Field(max_length=200, pattern=ONE_LINE, examples=["Christmas market 2027"])]
Disciplines = Annotated[
    list[Annotated[Discipline, AS_WRITTEN]],
    AfterValidator(each_once),
    Field(max_length=len(Discipline), json_schema_extra={"uniqueItems": True}),
]


class ProjectIn(Model):
    """A project to make."""

    name: Name
    description: Annotated[str, Field(max_length=10_000, pattern=WRITTEN)] = ""
    sign_offs: Annotated[Disciplines, Field(description="What an approval needs first.")] = [
        Discipline.POLICE,
        Discipline.FIRE,
        Discipline.ACCESSIBILITY,
    ]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Christmas market 2027", "sign_offs": ["police", "fire", "accessibility"]}
            ]
        }
    )


class ProjectPatch(Model):
    """What of a project is to change; what is left out stays."""

    name: Name | None = None
    description: Annotated[str | None, Field(max_length=10_000, pattern=WRITTEN)] = None
    sign_offs: Disciplines | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"description": "From the last week of November to the day before Christmas."}
            ]
        }
    )


class ProjectOut(BaseModel):
    """A project."""

    project_id: Id
    name: str
    description: str
    sign_offs: list[Discipline]
    role: Annotated[Role | None, Field(description="What you are in it; null: administrator.")]
    created: datetime
    created_by: str | None
    revision: int


def _of_role(*roles: str, needs: str | None = None) -> JsonValue:
    """Return what `MemberIn` is for some roles, for readers of the document."""
    disciplines: JsonValue = {"minItems": 1} if needs == "disciplines" else {"maxItems": 0}
    nothing: JsonValue = {"type": "null"}
    frontage: JsonValue = {"not": nothing} if needs == "frontage" else nothing
    role: JsonValue = {"enum": [*roles]}
    return {
        "properties": {"role": role, "disciplines": disciplines, "frontage": frontage},
        "required": ["role", *([needs] if needs else [])],
    }


class MemberIn(Model):
    """What a user is to be in a project."""

    role: Annotated[Role, AS_WRITTEN]
    disciplines: Annotated[Disciplines, Field(description="Of a reviewer.")] = []
    frontage: Annotated[
        Zone | None, Field(description="The ground that a private operator sees.")
    ] = None

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                _of_role("reviewer", needs="disciplines"),
                _of_role("private_operator", needs="frontage"),
                _of_role("viewer", "planner", "approver"),
            ],
            "examples": [
                {"role": "reviewer", "disciplines": ["fire"]},
                {
                    "role": "private_operator",
                    "frontage": {"type": "Polygon", "coordinates": [SQUARE]},
                },
            ],
        },
    )

    @model_validator(mode="after")
    def _what_the_role_needs(self) -> Self:
        if bool(self.disciplines) != (self.role == Role.REVIEWER):
            raise ValueError("disciplines: a reviewer has at least one, nobody else has any")
        if (self.frontage is not None) != (self.role == Role.PRIVATE_OPERATOR):
            raise ValueError("frontage: a private operator has one, nobody else has")
        return self


class MemberOut(BaseModel):
    """What a user is in a project."""

    user_id: Id
    name: str
    role: Role
    disciplines: list[Discipline]
    frontage: Zone | None = None


class EventOut(BaseModel):
    """An event of a project's calendar."""

    name: str
    date_from: date
    date_to: date
    opens: str
    closes: str
    people: int
    event_id: Id
    project_id: Id
    revision: int

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Christmas market",
                    "date_from": "2027-11-22",
                    "date_to": "2027-12-23",
                    "opens": "10:00",
                    "closes": "20:00",
                    "people": 3_000,
                    "event_id": "event-3f9a0c51d2e4",
                    "project_id": "project-51d2e43f9a0c",
                    "revision": 1,
                }
            ]
        }
    )
