"""Everything that the service keeps: tables on SQLite or PostGIS, files under their hash."""

from api.store.base import Table, bump, new_id, now
from api.store.database import Database, sqlite_url
from api.store.files import FileStore, Kept
from api.store.jobs import FINISHED, Job, JobEvent, JobKind, JobState, RepeatedRequest
from api.store.people import Audit, Discipline, Invitation, Member, Role, Scope, SignIn, Token, User
from api.store.places import (
    Assessment,
    CalendarEvent,
    Comparison,
    File,
    FileRole,
    ItemFile,
    Plan,
    PlanFeature,
    PlanState,
    Project,
    Proposal,
    Site,
    Standing,
    Upload,
    UploadKind,
)
from api.store.store import Store
from api.store.talk import Audience, Comment, Decision, Export, Review
from api.store.windows import Window

__all__ = [
    "FINISHED",
    "Assessment",
    "Audience",
    "Audit",
    "CalendarEvent",
    "Comment",
    "Comparison",
    "Database",
    "Decision",
    "Discipline",
    "Export",
    "File",
    "FileRole",
    "FileStore",
    "Invitation",
    "ItemFile",
    "Job",
    "JobEvent",
    "JobKind",
    "JobState",
    "Kept",
    "Member",
    "Plan",
    "PlanFeature",
    "PlanState",
    "Project",
    "Proposal",
    "RepeatedRequest",
    "Review",
    "Role",
    "Scope",
    "SignIn",
    "Site",
    "Standing",
    "Store",
    "Table",
    "Token",
    "Upload",
    "UploadKind",
    "User",
    "Window",
    "bump",
    "new_id",
    "now",
    "sqlite_url",
]
