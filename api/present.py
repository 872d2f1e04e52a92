"""Rows of the store -> what a client sees, with links; the rows of a page all at once."""

from collections.abc import Sequence
from typing import Any

from shapely.geometry import mapping
from sqlalchemy.orm import Session

from api.schemas import (
    AssessmentOut,
    AssessmentRequest,
    CommentOut,
    CostRange,
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
    Standing,
    Upload,
    UploadKind,
)
from api.store.lists import files_of, newest_plans

BASE = "/api/v1"

_NO_PLAN_YET = dict.fromkeys(("newest", "number", "state", "standing", "cost"))

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
    return uploads_out(session, [upload])[0]


def uploads_out(session: Session, uploads: Sequence[Upload]) -> list[UploadOut]:
    """Return the uploads of a page."""
    files = files_of(session, [upload.upload_id for upload in uploads])
    return [
        UploadOut(
            upload_id=upload.upload_id,
            project_id=upload.project_id,
            kind=UploadKind(upload.kind),
            file_name=upload.file_name,
            bytes=_bytes(files[upload.upload_id], FileRole.DATA),
            created=upload.created,
            created_by=upload.created_by,
            record=upload.record,
        )
        for upload in uploads
    ]


def site_out(session: Session, site: Site) -> SiteOut:
    """Return a site with the addresses of its layers."""
    return sites_out(session, [site])[0]


def sites_out(session: Session, sites: Sequence[Site]) -> list[SiteOut]:
    """Return the sites of a page."""
    files = files_of(session, [site.site_id for site in sites])
    return [
        SiteOut(
            site_id=site.site_id,
            project_id=site.project_id,
            name=site.name,
            created=site.created,
            created_by=site.created_by,
            request=SiteRequest.model_validate(site.request),
            crs=site.record["crs"],
            zone_area_m2=site.record["zone_area_m2"],
            report=site.record["report"],
            layers=_layers(files[site.site_id], f"{BASE}/sites/{site.site_id}"),
            attribution=site.record["attribution"],
        )
        for site in sites
    ]


def assessment_out(session: Session, assessment: Assessment) -> AssessmentOut:
    """Return an assessment with the addresses of its layers and files."""
    return assessments_out(session, [assessment])[0]


def assessments_out(session: Session, rows: Sequence[Assessment]) -> list[AssessmentOut]:
    """Return the assessments of a page."""
    files = files_of(session, [row.assessment_id for row in rows])
    return [
        AssessmentOut(
            assessment_id=row.assessment_id,
            project_id=row.project_id,
            site_id=row.site_id,
            created=row.created,
            created_by=row.created_by,
            request=AssessmentRequest.model_validate(row.request),
            summary=row.record["summary"],
            layers=_layers(files[row.assessment_id], _href(row)),
            files=_files(files[row.assessment_id], _href(row)),
            attribution=row.record["attribution"],
        )
        for row in rows
    ]


def proposal_out(session: Session, proposal: Proposal) -> ProposalOut:
    """Return a proposal with its newest plan in short."""
    return proposals_out(session, [proposal])[0]


def proposals_out(session: Session, proposals: Sequence[Proposal]) -> list[ProposalOut]:
    """Return the proposals of a page."""
    newest = newest_plans(session, [proposal.proposal_id for proposal in proposals])
    return [_proposal(proposal, newest.get(proposal.proposal_id)) for proposal in proposals]


def plan_out(session: Session, plan: Plan) -> PlanOut:
    """Return a plan with the addresses of its layers and files, and of those of its site."""
    return plans_out(session, [plan])[0]


def plans_out(session: Session, plans: Sequence[Plan]) -> list[PlanOut]:
    """Return the plans of a page."""
    files = files_of(session, {key for plan in plans for key in (plan.plan_id, plan.site_id)})
    return [_plan(plan, files[plan.plan_id], files[plan.site_id]) for plan in plans]


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
    return exports_out(session, [export])[0]


def exports_out(session: Session, exports: Sequence[Export]) -> list[ExportOut]:
    """Return the exports of a page."""
    files = files_of(session, [export.export_id for export in exports])
    return [
        ExportOut(
            export_id=export.export_id,
            plan_id=export.plan_id,
            audience=Audience(export.audience),
            label=export.label,
            bytes=_bytes(files[export.export_id], FileRole.ARCHIVE),
            file=f"{BASE}/exports/{export.export_id}/file",
            public=None if export.released is None else f"/public/{export.export_id}",
            created=export.created,
            created_by=export.created_by,
        )
        for export in exports
    ]


def _proposal(proposal: Proposal, newest: Plan | None) -> ProposalOut:
    return ProposalOut(
        proposal_id=proposal.proposal_id,
        project_id=proposal.project_id,
        site_id=proposal.site_id,
        name=proposal.name,
        created=proposal.created,
        created_by=proposal.created_by,
        revision=proposal.revision,
        plans=f"{BASE}/proposals/{proposal.proposal_id}/plans",
        **(_NO_PLAN_YET if newest is None else _in_short(newest)),
    )


def _in_short(plan: Plan) -> dict[str, Any]:
    """Return what the list of proposals tells of a plan."""
    cost = None
    if plan.cost_low is not None and plan.cost_high is not None:
        cost = CostRange(low=plan.cost_low, high=plan.cost_high, currency=plan.cost_currency)
    return {
        "newest": plan.plan_id,
        "number": plan.number,
        "state": PlanState(plan.state),
        "standing": None if plan.standing is None else Standing(plan.standing),
        "cost": cost,
    }


def _plan(plan: Plan, own: Sequence[ItemFile], of_site: Sequence[ItemFile]) -> PlanOut:
    href = f"{BASE}/plans/{plan.plan_id}"
    record = plan.record
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
        layers=_layers(of_site, f"{BASE}/sites/{plan.site_id}") | _layers(own, href),
        files=_files(own, href),
        archive=f"{href}/archive",
        map=f"{href}/map",
        attribution=record["attribution"],
    )


def _href(assessment: Assessment) -> str:
    return f"{BASE}/assessments/{assessment.assessment_id}"


def _layers(files: Sequence[ItemFile], href: str) -> dict[str, str]:
    layers = [file.name for file in files if file.role == FileRole.LAYER]
    return {name: f"{href}/layers/{name}" for name in layers}


def _files(files: Sequence[ItemFile], href: str) -> list[FileOut]:
    return [
        FileOut(
            name=file.name,
            bytes=file.bytes,
            media_type=file.media_type,
            href=f"{href}/files/{file.name}",
        )
        for file in files
        if file.role == FileRole.FILE
    ]


def _bytes(files: Sequence[ItemFile], role: FileRole) -> int:
    return sum(file.bytes for file in files if file.role == role)
