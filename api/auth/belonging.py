"""The ids in an address -> the project that they belong to."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.errors import UnknownResourceError
from api.store.base import ID_PATTERN
from api.store.jobs import Job
from api.store.places import (
    Assessment,
    CalendarEvent,
    Comparison,
    Plan,
    Project,
    Proposal,
    Site,
    Upload,
)
from api.store.talk import Comment, Export


class EditSessions(Protocol):
    """Whoever keeps the editing sessions."""

    def project_of(self, session_id: str) -> str | None:
        """Return the project of a session, None for one that is not there."""
        ...


# The column of the id, and that of the project, for each name of an id in an address.
_COLUMNS: dict[str, tuple[InstrumentedAttribute[str], InstrumentedAttribute[str]]] = {
    "project_id": (Project.project_id, Project.project_id),
    "upload_id": (Upload.upload_id, Upload.project_id),
    "site_id": (Site.site_id, Site.project_id),
    "assessment_id": (Assessment.assessment_id, Assessment.project_id),
    "proposal_id": (Proposal.proposal_id, Proposal.project_id),
    "plan_id": (Plan.plan_id, Plan.project_id),
    "job_id": (Job.job_id, Job.project_id),
    "comment_id": (Comment.comment_id, Comment.project_id),
    "event_id": (CalendarEvent.event_id, CalendarEvent.project_id),
    "comparison_id": (Comparison.comparison_id, Comparison.project_id),
    "export_id": (Export.export_id, Export.project_id),
}

SESSION_ID = "session_id"

IDS_IN_PROJECTS = frozenset((*_COLUMNS, SESSION_ID))


def named_item(path_params: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return name and value of the id in an address that leads to a project, None without one.

    >>> named_item({"project_id": "project-0", "user_id": "user-0"})
    ('project_id', 'project-0')
    >>> named_item({"user_id": "user-0"})
    """
    return next(
        ((name, str(value)) for name, value in path_params.items() if name in IDS_IN_PROJECTS),
        None,
    )


def project_of_item(
    session: Session, name: str, value: str, *, edit_sessions: EditSessions | None
) -> str:
    """Return the project that an id belongs to.

    Raises UnknownResourceError where there is nothing under it.
    """
    # What can't be an id is not asked for: PostgreSQL refuses some texts as such.
    if re.fullmatch(ID_PATTERN, value) is None:
        raise not_there(name, value)
    if name == SESSION_ID:
        found = edit_sessions.project_of(value) if edit_sessions is not None else None
    else:
        key, project_id = _COLUMNS[name]
        found = session.scalar(sa.select(project_id).where(key == value))
    if found is None:
        raise not_there(name, value)
    return found


def not_there(name: str, value: str) -> UnknownResourceError:
    """Return the answer for an id that is not there, the same as for one of a foreign project.

    >>> not_there("plan_id", "plan-0")
    UnknownResourceError("plan 'plan-0': nothing under this id")
    """
    return UnknownResourceError(f"{name.removesuffix('_id')} {value[:40]!r}: nothing under this id")
