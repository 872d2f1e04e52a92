"""What is planned: projects, uploads, sites, assessments, proposals and plans, comparisons."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Geometry, Made, Table, Versioned, new_id, now, paged_by_project
from api.store.people import Discipline


class PlanState(StrEnum):
    """Where a plan is on its way."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_ASKED = "changes_asked"
    APPROVED = "approved"


class Standing(StrEnum):
    """What the judge says of a plan as a whole; his own words load what only the work needs."""

    HOLDS = "holds"
    CONDITIONAL = "holds on condition"
    FAILS = "fails"


class UploadKind(StrEnum):
    """What a file that was sent in is for."""

    EXTRACT = "extract"
    LAYERS = "layers"
    HEIGHTS = "heights"
    CATALOGUE = "catalogue"


class FileRole(StrEnum):
    """What a file of an item is for."""

    DATA = "data"  # what jobs read: the site's GeoPackage, an upload as it came
    LAYER = "layer"  # GeoJSON for display
    FILE = "file"  # to take home
    MAP = "map"
    ARCHIVE = "archive"


class Project(Made, Versioned, Table):
    """The place where some people plan together; nobody else sees what is in it."""

    __tablename__ = "projects"

    project_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("project"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    sign_offs: Mapped[list[str]] = mapped_column(  # disciplines that an approval needs
        default=lambda: [Discipline.POLICE, Discipline.FIRE, Discipline.ACCESSIBILITY]
    )


class File(Table):
    """A file in the data folder, under the SHA-256 of its content."""

    __tablename__ = "files"

    digest: Mapped[str] = mapped_column(primary_key=True)
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    created: Mapped[datetime] = mapped_column(default=now)


class ItemFile(Table):
    """A file under a name of an upload, a site, an assessment, a plan or an export."""

    __tablename__ = "item_files"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)  # a FileRole
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(sa.ForeignKey("files.digest"), index=True)
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str]


class Upload(Made, Table):
    """A file that a planner sent in. The same file in the same project has the same id."""

    __tablename__ = "uploads"
    __table_args__ = (paged_by_project("uploads", "upload_id"),)

    upload_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"))
    kind: Mapped[str]  # an UploadKind
    file_name: Mapped[str]
    record: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what reading it found


class Site(Made, Table):
    """A zone with all around it, ready to be planned; never changed once it is made."""

    __tablename__ = "sites"
    __table_args__ = (paged_by_project("sites", "site_id"),)

    site_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("site"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"))
    name: Mapped[str]
    request: Mapped[dict[str, Any]]
    record: Mapped[dict[str, Any]]
    zone: Mapped[Any] = mapped_column(Geometry)


class Assessment(Made, Table):
    """Which vehicle arrives how fast, for every metre of a site's zone."""

    __tablename__ = "assessments"

    assessment_id: Mapped[str] = mapped_column(
        primary_key=True, default=lambda: new_id("assessment")
    )
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    site_id: Mapped[str] = mapped_column(sa.ForeignKey("sites.site_id"), index=True)
    request: Mapped[dict[str, Any]]
    record: Mapped[dict[str, Any]]


class Proposal(Made, Versioned, Table):
    """What is proposed for a site: a name over a row of plans, the newest of which counts."""

    __tablename__ = "proposals"
    __table_args__ = (paged_by_project("proposals", "proposal_id"),)

    proposal_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("proposal"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"))
    site_id: Mapped[str] = mapped_column(sa.ForeignKey("sites.site_id"), index=True)
    name: Mapped[str]


def _in_record(*names: str) -> Callable[[DefaultExecutionContext], Any]:
    """Return what fills a column of a new row from a place of its record; None: nothing there."""

    def value(context: DefaultExecutionContext) -> Any:
        found = context.get_current_parameters()["record"]  # type: ignore[no-untyped-call]  # SQLAlchemy's
        for name in names:
            found = None if found is None else found.get(name)
        return found

    return value


class Plan(Made, Versioned, Table):
    """One version of a proposal: layout and verdict. Its content never changes, its state does."""

    __tablename__ = "plans"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "number"),
        paged_by_project("plans", "plan_id"),
    )

    plan_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("plan"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"))
    proposal_id: Mapped[str] = mapped_column(sa.ForeignKey("proposals.proposal_id"), index=True)
    site_id: Mapped[str] = mapped_column(sa.ForeignKey("sites.site_id"), index=True)
    number: Mapped[int]  # of the version, from 1
    request: Mapped[dict[str, Any]]
    record: Mapped[dict[str, Any]]  # verdict, summary, text, attribution
    # What lists show of the record, which takes them too long to read.
    standing: Mapped[str | None] = mapped_column(  # a Standing
        default=_in_record("verdict", "standing")
    )
    cost_low: Mapped[float | None] = mapped_column(default=_in_record("summary", "cost", "low"))
    cost_high: Mapped[float | None] = mapped_column(default=_in_record("summary", "cost", "high"))
    cost_currency: Mapped[str | None] = mapped_column(
        default=_in_record("summary", "cost", "currency")
    )
    content_hash: Mapped[str]  # SHA-256 over the canonical form
    zone: Mapped[Any] = mapped_column(Geometry)
    state: Mapped[str] = mapped_column(default=PlanState.DRAFT)
    submitted: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.user_id"))
    decided: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.user_id"))


class PlanFeature(Table):
    """One object of a layer of a plan, for maps that ask by window."""

    __tablename__ = "plan_features"
    __table_args__ = (sa.UniqueConstraint("plan_id", "layer", "number"),)

    feature_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.plan_id"))
    layer: Mapped[str]
    number: Mapped[int]  # within its layer, from 1
    shape: Mapped[Any] = mapped_column(Geometry)
    properties: Mapped[dict[str, Any]]


class Comparison(Made, Table):
    """What differs between two plans of a project."""

    __tablename__ = "comparisons"

    comparison_id: Mapped[str] = mapped_column(
        primary_key=True, default=lambda: new_id("comparison")
    )
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    plan_a: Mapped[str] = mapped_column(sa.ForeignKey("plans.plan_id"))
    plan_b: Mapped[str] = mapped_column(sa.ForeignKey("plans.plan_id"))
    record: Mapped[dict[str, Any]]


class CalendarEvent(Made, Versioned, Table):
    """Days on which more people than usual stand on a place."""

    __tablename__ = "calendar_events"

    event_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("event"))
    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), index=True)
    name: Mapped[str]
    date_from: Mapped[date]
    date_to: Mapped[date]
    opens: Mapped[str]
    closes: Mapped[str]
    people: Mapped[int]
