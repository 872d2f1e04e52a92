"""Rows of the store -> what a client sees, with links."""

import sqlalchemy as sa
from shapely.geometry import mapping
from sqlalchemy.orm import Session

from api.schemas import (
    AssessmentOut,
    AssessmentRequest,
    CommentOut,
    ExportOut,
    FileOut,
    JobOut,
    PlanOut,
    PlanRequest,
    Problem,
    ProposalOut,
    SiteOut,
    SiteRequest,
    UploadOut,
)
from api.store import (
    Assessment,
    Audience,
    Comment,
    Export,
    FileRole,
    ItemFile,
    Job,
    JobKind,
    JobState,
    Plan,
    PlanState,
    Proposal,
    Site,
    Upload,
    UploadKind,
)

BASE = "/api/v1"

_PLURAL = {
    JobKind.UPLOAD: "uploads",
    JobKind.SITE: "sites",
    JobKind.ASSESSMENT: "assessments",
    JobKind.PLAN: "plans",
}


def job_href(job: Job) -> str:
    """Return the address of a job."""
    return f"{BASE}/jobs/{job.job_id}"


def job_out(job: Job) -> JobOut:
    """Return a job with the addresses of its events and of its result."""
    href = job_href(job)
    kind = JobKind(job.kind)
    return JobOut(
        job_id=job.job_id,
        project_id=job.project_id,
        kind=kind,
        state=JobState(job.state),
        attempts=job.attempts or 0,
        created=job.created,
        created_by=job.created_by,
        started=job.started,
        finished=job.finished,
        result_id=job.result_id,
        result=f"{BASE}/{_PLURAL[kind]}/{job.result_id}",
        events=f"{href}/events",
        error=None if job.error is None else Problem.model_validate(job.error),
    )


def upload_out(session: Session, upload: Upload) -> UploadOut:
    """Return an upload."""
    size = session.scalar(sa.select(ItemFile.bytes).where(ItemFile.item_id == upload.upload_id))
    return UploadOut(
        upload_id=upload.upload_id,
        project_id=upload.project_id,
        kind=UploadKind(upload.kind),
        file_name=upload.file_name,
        bytes=size or 0,
        created=upload.created,
        created_by=upload.created_by,
        record=upload.record,
    )


def site_out(session: Session, site: Site) -> SiteOut:
    """Return a site with the addresses of its layers."""
    record = site.record
    return SiteOut(
        site_id=site.site_id,
        project_id=site.project_id,
        name=site.name,
        created=site.created,
        created_by=site.created_by,
        request=SiteRequest.model_validate(site.request),
        crs=record["crs"],
        zone_area_m2=record["zone_area_m2"],
        report=record["report"],
        layers=_layers(session, site.site_id, f"{BASE}/sites/{site.site_id}"),
        attribution=record["attribution"],
    )


def assessment_out(session: Session, row: Assessment) -> AssessmentOut:
    """Return an assessment with the addresses of its layers and files."""
    href = f"{BASE}/assessments/{row.assessment_id}"
    return AssessmentOut(
        assessment_id=row.assessment_id,
        project_id=row.project_id,
        site_id=row.site_id,
        created=row.created,
        created_by=row.created_by,
        request=AssessmentRequest.model_validate(row.request),
        summary=row.record["summary"],
        layers=_layers(session, row.assessment_id, href),
        files=_files(session, row.assessment_id, href),
        attribution=row.record["attribution"],
    )


def proposal_out(proposal: Proposal, newest: Plan | None) -> ProposalOut:
    """Return a proposal with its newest plan."""
    return ProposalOut(
        proposal_id=proposal.proposal_id,
        project_id=proposal.project_id,
        site_id=proposal.site_id,
        name=proposal.name,
        created=proposal.created,
        created_by=proposal.created_by,
        revision=proposal.revision,
        plans=f"{BASE}/proposals/{proposal.proposal_id}/plans",
        newest=None if newest is None else newest.plan_id,
        state=None if newest is None else PlanState(newest.state),
    )


def plan_out(session: Session, plan: Plan) -> PlanOut:
    """Return a plan with the addresses of its layers and files, and of those of its site."""
    href = f"{BASE}/plans/{plan.plan_id}"
    record = plan.record
    layers = _layers(session, plan.site_id, f"{BASE}/sites/{plan.site_id}")
    return PlanOut(
        plan_id=plan.plan_id,
        project_id=plan.project_id,
        proposal_id=plan.proposal_id,
        site_id=plan.site_id,
        number=plan.number,
        state=PlanState(plan.state),
        content_hash=plan.content_hash,
        created=plan.created,
        created_by=plan.created_by,
        request=PlanRequest.model_validate(plan.request),
        verdict=record["verdict"],
        summary=record["summary"],
        text=record["text"],
        layers=layers | _layers(session, plan.plan_id, href),
        files=_files(session, plan.plan_id, href),
        archive=f"{href}/archive",
        map=f"{href}/map",
        attribution=record["attribution"],
    )


def comment_out(comment: Comment) -> CommentOut:
    """Return a comment."""
    return CommentOut(
        comment_id=comment.comment_id,
        project_id=comment.project_id,
        plan_id=comment.plan_id,
        answers=comment.answers,
        text=comment.text,
        place=None if comment.place is None else mapping(comment.place),
        line_id=comment.line_id,
        audience=Audience(comment.audience),
        is_resolved=comment.is_resolved,
        created=comment.created,
        created_by=comment.created_by,
        revision=comment.revision,
    )


def export_out(session: Session, export: Export) -> ExportOut:
    """Return an export with the address of its file, and the public one once it is released."""
    size = session.scalar(
        sa.select(ItemFile.bytes).where(
            ItemFile.item_id == export.export_id, ItemFile.role == FileRole.ARCHIVE
        )
    )
    return ExportOut(
        export_id=export.export_id,
        plan_id=export.plan_id,
        audience=Audience(export.audience),
        label=export.label,
        bytes=size or 0,
        file=f"{BASE}/exports/{export.export_id}/file",
        public=None if export.released is None else f"/public/{export.export_id}",
        created=export.created,
        created_by=export.created_by,
    )


def _layers(session: Session, item_id: str, href: str) -> dict[str, str]:
    return {
        row.name: f"{href}/layers/{row.name}" for row in _rows(session, item_id, FileRole.LAYER)
    }


def _files(session: Session, item_id: str, href: str) -> list[FileOut]:
    return [
        FileOut(
            name=row.name,
            bytes=row.bytes,
            media_type=row.media_type,
            href=f"{href}/files/{row.name}",
        )
        for row in _rows(session, item_id, FileRole.FILE)
    ]


def _rows(session: Session, item_id: str, role: FileRole) -> list[ItemFile]:
    asked = sa.select(ItemFile).where(ItemFile.item_id == item_id, ItemFile.role == role)
    return list(session.scalars(asked.order_by(ItemFile.position, ItemFile.name)))
