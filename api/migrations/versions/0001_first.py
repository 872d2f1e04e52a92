"""The tables of the first service.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

from api.migrations.windows import drop_windows, make_windows
from api.store.base import Geometry

revision = "0001"
down_revision = None

_TABLES = (
    "users",
    "audit",
    "invitations",
    "sign_ins",
    "repeated_requests",
    "projects",
    "members",
    "tokens",
    "files",
    "item_files",
    "uploads",
    "sites",
    "assessments",
    "calendar_events",
    "proposals",
    "plans",
    "plan_features",
    "comparisons",
    "comments",
    "reviews",
    "exports",
    "jobs",
    "job_events",
)


def upgrade() -> None:
    """Make every table, and the indexes that find shapes by window."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    _make_people()
    _make_places()
    _make_plans()
    _make_talk()
    _make_jobs()
    make_windows()


def downgrade() -> None:
    """Take every table away."""
    drop_windows()
    for name in reversed(_TABLES):
        op.drop_table(name)


def _make_people() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("oidc_issuer", sa.String()),
        sa.Column("oidc_subject", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.UniqueConstraint(
            "oidc_issuer", "oidc_subject", name="uq_users_oidc_issuer_oidc_subject"
        ),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String()),
        sa.Column("token_id", sa.String()),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("project_id", sa.String()),
        sa.Column("item_id", sa.String()),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_project_id", "audit", ["project_id"])
    op.create_index("ix_audit_user_id", "audit", ["user_id"])
    op.create_table(
        "invitations",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_invitations_user_id_users"
        ),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_invitations"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_sign_ins_user_id_users"),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])
    op.create_table(
        "repeated_requests",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("location", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_repeated_requests_user_id_users"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_repeated_requests"),
    )
    op.create_index("ix_repeated_requests_created", "repeated_requests", ["created"])
    op.create_table(
        "projects",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("sign_offs", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_projects_created_by_users"
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_projects"),
    )
    op.create_table(
        "members",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("disciplines", sa.JSON(), nullable=False),
        sa.Column("frontage", Geometry()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_members_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_members_project_id_projects"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_members_user_id_users"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_members"),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("project_id", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True)),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_tokens_project_id_projects"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_tokens_user_id_users"),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
        sa.UniqueConstraint("secret_hash", name="uq_tokens_secret_hash"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def _make_places() -> None:
    op.create_table(
        "files",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_files"),
    )
    op.create_table(
        "item_files",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["files.digest"], name="fk_item_files_digest_files"),
        sa.PrimaryKeyConstraint("item_id", "role", "name", name="pk_item_files"),
    )
    op.create_index("ix_item_files_digest", "item_files", ["digest"])
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_uploads_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_uploads_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("upload_id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_project_id", "uploads", ["project_id"])
    op.create_table(
        "sites",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("zone", Geometry(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_sites_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_sites_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("site_id", name="pk_sites"),
    )
    op.create_index("ix_sites_project_id", "sites", ["project_id"])
    op.create_table(
        "assessments",
        sa.Column("assessment_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_assessments_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_assessments_project_id_projects"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name="fk_assessments_site_id_sites"
        ),
        sa.PrimaryKeyConstraint("assessment_id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_project_id", "assessments", ["project_id"])
    op.create_index("ix_assessments_site_id", "assessments", ["site_id"])
    op.create_table(
        "calendar_events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("opens", sa.String(), nullable=False),
        sa.Column("closes", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_calendar_events_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_calendar_events_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_calendar_events"),
    )
    op.create_index("ix_calendar_events_project_id", "calendar_events", ["project_id"])


def _make_plans() -> None:
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_proposals_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_proposals_project_id_projects"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_proposals_site_id_sites"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_project_id", "proposals", ["project_id"])
    op.create_index("ix_proposals_site_id", "proposals", ["site_id"])
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("zone", Geometry(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("submitted", sa.DateTime(timezone=True)),
        sa.Column("submitted_by", sa.String()),
        sa.Column("decided", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_plans_created_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.user_id"], name="fk_plans_decided_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_plans_project_id_projects"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.proposal_id"], name="fk_plans_proposal_id_proposals"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_plans_site_id_sites"),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["users.user_id"], name="fk_plans_submitted_by_users"
        ),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plans"),
        sa.UniqueConstraint("proposal_id", "number", name="uq_plans_proposal_id_number"),
    )
    op.create_index("ix_plans_project_id", "plans", ["project_id"])
    op.create_index("ix_plans_proposal_id", "plans", ["proposal_id"])
    op.create_index("ix_plans_site_id", "plans", ["site_id"])
    op.create_table(
        "plan_features",
        sa.Column("feature_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shape", Geometry(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.plan_id"], name="fk_plan_features_plan_id_plans"
        ),
        sa.PrimaryKeyConstraint("feature_id", name="pk_plan_features"),
        sa.UniqueConstraint(
            "plan_id", "layer", "number", name="uq_plan_features_plan_id_layer_number"
        ),
    )
    op.create_table(
        "comparisons",
        sa.Column("comparison_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("plan_a", sa.String(), nullable=False),
        sa.Column("plan_b", sa.String(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_comparisons_created_by_users"
        ),
        sa.ForeignKeyConstraint(["plan_a"], ["plans.plan_id"], name="fk_comparisons_plan_a_plans"),
        sa.ForeignKeyConstraint(["plan_b"], ["plans.plan_id"], name="fk_comparisons_plan_b_plans"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_comparisons_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("comparison_id", name="pk_comparisons"),
    )
    op.create_index("ix_comparisons_project_id", "comparisons", ["project_id"])


def _make_talk() -> None:
    op.create_table(
        "comments",
        sa.Column("comment_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String()),
        sa.Column("answers", sa.String()),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("place", Geometry()),
        sa.Column("line_id", sa.String()),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers"], ["comments.comment_id"], name="fk_comments_answers_comments"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_comments_created_by_users"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_comments_plan_id_plans"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_comments_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comments"),
    )
    op.create_index("ix_comments_plan_id", "comments", ["plan_id"])
    op.create_index("ix_comments_project_id", "comments", ["project_id"])
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("discipline", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_reviews_created_by_users"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_reviews_plan_id_plans"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_reviews_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("review_id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_plan_id", "reviews", ["plan_id"])
    op.create_index("ix_reviews_project_id", "reviews", ["project_id"])
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("released", sa.DateTime(timezone=True)),
        sa.Column("released_by", sa.String()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.user_id"], name="fk_exports_created_by_users"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name="fk_exports_plan_id_plans"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_exports_project_id_projects"
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["users.user_id"], name="fk_exports_released_by_users"
        ),
        sa.PrimaryKeyConstraint("export_id", name="pk_exports"),
    )
    op.create_index("ix_exports_plan_id", "exports", ["plan_id"])
    op.create_index("ix_exports_project_id", "exports", ["project_id"])


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True)),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("error", sa.JSON()),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String()),
        sa.ForeignKeyConstraint(["created_by"], ["users.user_id"], name="fk_jobs_created_by_users"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name="fk_jobs_project_id_projects"
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
    )
    op.create_index(
        "ix_jobs_active",
        "jobs",
        ["result_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index("ix_jobs_project_id", "jobs", ["project_id"])
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "job_events",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name="fk_job_events_job_id_jobs"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_events"),
    )
