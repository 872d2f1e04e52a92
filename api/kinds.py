"""What each kind of job is done by, named for the workers, and what keeps its result here."""

from api.named import Named
from api.queue import Keep
from api.store import JobKind
from api.store.results import keep_assessment, keep_plan, keep_site, keep_upload

WARM = Named("api.works:warm")

WORKS = {
    JobKind.UPLOAD: Named("api.works:read_upload"),
    JobKind.SITE: Named("api.works:make_site"),
    JobKind.ASSESSMENT: Named("api.works:make_assessment"),
    JobKind.PLAN: Named("api.works:make_plan"),
}

KEEPS: dict[JobKind, Keep] = {
    JobKind.UPLOAD: keep_upload,
    JobKind.SITE: keep_site,
    JobKind.ASSESSMENT: keep_assessment,
    JobKind.PLAN: keep_plan,
}
