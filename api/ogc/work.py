"""The addresses of OGC API - Processes: a skin over the assessments, plans and jobs of the service.

Executions go the way that `POST /sites/{site_id}/assessments` and `.../proposals` go.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api.auth.permissions import Need, enter, projects_with
from api.deps import Asker, Running
from api.errors import (
    ConflictError,
    NoSuchJobError,
    QueryError,
    ResultNotReadyError,
    UnknownResourceError,
    problem_answer,
)
from api.ogc.answers import UNCHANGED, answer, root_of
from api.ogc.asked import check_words, part_asked
from api.ogc.description import (
    FORMAT,
    LIMIT_WORD,
    OFFSET,
    PROCESS_WORD,
    STATUS_WORD,
    in_fastapi,
)
from api.ogc.execution import Execution, StatusInfo, StatusList, answer_asked
from api.ogc.jobs import STATUSES, job_named, jobs_of, result_of, status_infos, status_of
from api.ogc.pages import JSON, part_links
from api.ogc.processes import (
    OF_KIND,
    PROCESSES,
    AssessInputs,
    Process,
    ProposeInputs,
    process_named,
    process_page,
    read_inputs,
    summary,
)
from api.once import OnlyOnce
from api.orders import order_assessment, order_plan
from api.present import job_out
from api.rows import found
from api.schemas import AssessmentRequest, Id, PlanRequest, Problem
from api.store import Job, JobKind, JobState, Site
from sbd.errors import CancelledError

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _JobRoute(APIRoute):
    """Calls a job that is not there by the name that the standard has for that."""

    def get_route_handler(self) -> _Handler:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except UnknownResourceError as error:
                if "job_id" not in request.path_params or isinstance(error, ResultNotReadyError):
                    raise
                raise NoSuchJobError(str(error)) from error

        return handler


@dataclass(frozen=True, slots=True)
class _Wish:
    """An execution that whoever asks for it may have."""

    process: Process
    inputs: AssessInputs | ProposeInputs
    form: dict[str, Any]


def _wish(request: Request, process_id: str, asked: Execution) -> _Wish:
    """Look whether somebody may plan on the site that a body names, before he gets any answer."""
    process = process_named(process_id)
    wish = _Wish(process, read_inputs(process, asked.inputs), answer_asked(process, asked))
    enter(request, Need.PLAN, "site_id", wish.inputs.site_id)
    return wish


def _refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: {"model": Problem} for code in codes}


router = APIRouter(route_class=_JobRoute, responses=_refusals(401))


@router.get(
    "/processes",
    summary="Processes",
    responses={**_refusals(400), **UNCHANGED},
    openapi_extra=in_fastapi([LIMIT_WORD, OFFSET, FORMAT]),
)
def get_processes(request: Request) -> Response:
    """List what can be asked for: to assess a site, and to plan its protection."""
    limit, offset = part_asked(request.query_params)
    root, shown = root_of(request), PROCESSES[offset : offset + limit]
    behind = offset + limit < len(PROCESSES)
    links = part_links(f"{root}/processes", request.query_params, offset, limit, has_more=behind)
    return answer(request, {"processes": [summary(root, one) for one in shown], "links": links})


@router.get(
    "/processes/{process_id}",
    summary="A process",
    responses={**_refusals(400, 404), **UNCHANGED},
    openapi_extra=in_fastapi([FORMAT]),
)
def get_process(request: Request, process_id: str) -> Response:
    """Describe what goes in and what comes out, with a schema for each."""
    check_words(request.query_params, ())
    return answer(request, process_page(root_of(request), process_named(process_id)))


@router.post(
    "/processes/{process_id}/execution",
    status_code=status.HTTP_201_CREATED,
    summary="Execute a process",
    responses=_refusals(400, 403, 404, 409, 422, 429),
)
def post_execution(  # FastAPI reads the arguments
    request: Request,
    service: Running,
    asker: Asker,
    asked: Annotated[_Wish, Depends(_wish)],
    once: OnlyOnce,
    response: Response,
) -> StatusInfo:
    """Queue a job, always: nothing here is done while the asker waits."""
    inputs, form = asked.inputs, asked.form
    with service.store.database.session() as session:
        site = found(session, Site, inputs.site_id)
        if isinstance(inputs, ProposeInputs):
            plan = PlanRequest.model_validate(inputs.model_dump(exclude={"site_id", "name"}))
            further = {"name": inputs.name, "answer": form}
            job = order_plan(service, session, site, plan, asker.user_id, **further)
        else:
            wish = AssessmentRequest.model_validate(inputs.model_dump(exclude={"site_id"}))
            job = order_assessment(service, session, site, wish, asker.user_id, answer=form)
        (shown,) = status_infos(session, root_of(request), [job])
        where = shown.links[0].href
        once.remember(session, status.HTTP_201_CREATED, shown, where)
    response.headers["Location"] = where
    return shown


@router.get(
    "/jobs",
    summary="Jobs of processes",
    responses=_refusals(400),
    openapi_extra=in_fastapi([LIMIT_WORD, OFFSET, PROCESS_WORD, STATUS_WORD, FORMAT]),
)
def get_jobs(request: Request, service: Running, asker: Asker) -> StatusList:
    """List assessments and plans of every project that you may read, wherever they were asked."""
    query = request.query_params
    limit, offset = part_asked(query, "processID", "status")
    kinds = [
        kind for kind, one in OF_KIND.items() if query.get("processID") in (None, one.process_id)
    ]
    statuses = STATUSES if "status" not in query else (query["status"],)
    if not set(statuses) <= set(STATUSES):
        raise QueryError(f"status={query['status'][:20]!r}: there are {', '.join(STATUSES)}")
    with service.store.database.reading() as session:
        readable = projects_with(asker, Need.READ)
        jobs = jobs_of(
            session, readable, kinds=kinds, statuses=statuses, offset=offset, limit=limit + 1
        )
        shown = status_infos(session, root_of(request), jobs[:limit])
    here = f"{root_of(request)}/jobs"
    links = part_links(here, query, offset, limit, has_more=len(jobs) > limit)
    return StatusList.model_validate({"jobs": shown, "links": links})


@router.get(
    "/jobs/{job_id}",
    summary="Status of a job",
    responses=_refusals(400, 404),
    openapi_extra=in_fastapi([FORMAT]),
)
def get_status(request: Request, service: Running, job_id: Id) -> StatusInfo:
    """Tell where it is, how far it came, and where its result is once there is one."""
    check_words(request.query_params, ())
    with service.store.database.reading() as session:
        (shown,) = status_infos(session, root_of(request), [job_named(session, job_id)])
    return shown


@router.delete("/jobs/{job_id}", summary="Dismiss a job", responses=_refusals(403, 404, 409))
def delete_job(request: Request, service: Running, job_id: Id) -> StatusInfo:
    """Stop a job that waits or runs; what has been made stays."""
    with service.store.database.reading() as session:
        job_named(session, job_id)
    job = service.jobs.cancel(job_id)
    if status_of(job) != "dismissed":
        raise ConflictError(
            f"job {job_id}: is {status_of(job)}; only what waits or runs is dismissed, and what a "
            "job has made stays"
        )
    with service.store.database.reading() as session:
        (shown,) = status_infos(session, root_of(request), [job])
    return shown


@router.get(
    "/jobs/{job_id}/results",
    summary="Result of a job",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "object"}}}},
        204: {"description": "The link in the header leads to the result."},
        **_refusals(400, 404, 409, 422, 503, 507),
    },
    openapi_extra=in_fastapi([FORMAT]),
)
def get_results(request: Request, service: Running, job_id: Id) -> Response:
    """Give what the job made, in the form that it was asked for; or why there is nothing."""
    check_words(request.query_params, ())
    with service.store.database.reading() as session:
        job = job_named(session, job_id)
        now = status_of(job)
        if now in ("accepted", "running"):
            raise ResultNotReadyError(f"job {job_id}: is {now}; ask again when it has ended")
        if now == "dismissed":
            raise CancelledError(f"job {job_id}: was dismissed; it has no result, execute it anew")
        if job.state == JobState.FAILED:
            return problem_answer({**(job.error or {}), "instance": request.url.path})
        made = result_of(session, job).model_dump(mode="json")
    return _result(request, job, OF_KIND[JobKind(job.kind)], made)


def _result(request: Request, job: Job, process: Process, made: dict[str, Any]) -> Response:
    # A job that was asked for elsewhere says nothing of a form.
    asked = job.request.get("answer", {"response": "raw", "transmission": "value"})
    is_link, is_document = asked["transmission"] == "reference", asked["response"] == "document"
    href = f"{str(request.base_url).rstrip('/')}{job_out(job).result}"
    if is_document:
        one = {"href": href, "type": JSON} if is_link else {"value": made, "mediaType": JSON}
        return JSONResponse({process.output: one})
    if is_link:
        link = f'<{href}>; rel="related"; type="{JSON}"; title="{process.output}"'
        return Response(status_code=status.HTTP_204_NO_CONTENT, headers={"Link": link})
    return JSONResponse(made)
