"""Records of the store -> what a client sees, with links."""

from api.schemas import ExtractOut, FileOut, JobOut, PlanOut, SiteOut
from api.store import Record

BASE = "/api/v1"

_PLURAL = {"extract": "extracts", "site": "sites", "plan": "plans"}


def job_href(record: Record) -> str:
    """Return the address of a job."""
    return f"{BASE}/jobs/{record['job_id']}"


def job_out(record: Record) -> JobOut:
    """Return a job with the addresses of its events and of its result."""
    href = job_href(record)
    seen = {name: value for name, value in record.items() if name != "request"}
    result = f"{BASE}/{_PLURAL[record['kind']]}/{record['result_id']}"
    return JobOut(**seen, result=result, events=f"{href}/events")


def extract_out(record: Record) -> ExtractOut:
    """Return an extract."""
    return ExtractOut(**record)


def site_out(record: Record) -> SiteOut:
    """Return a site with the addresses of its layers."""
    href = f"{BASE}/sites/{record['site_id']}"
    layers = {name: f"{href}/layers/{name}" for name in record["layers"]}
    return SiteOut(**{**record, "layers": layers})


def plan_out(record: Record) -> PlanOut:
    """Return a plan with the addresses of its layers and files, and of those of its site."""
    href = f"{BASE}/plans/{record['plan_id']}"
    site = f"{BASE}/sites/{record['site_id']}"
    layers = {name: f"{site}/layers/{name}" for name in record["site_layers"]}
    layers |= {name: f"{href}/layers/{name}" for name in record["layers"]}
    files = [FileOut(**entry, href=f"{href}/files/{entry['name']}") for entry in record["files"]]
    seen = {name: value for name, value in record.items() if name != "site_layers"}
    return PlanOut(
        **{**seen, "layers": layers, "files": files},
        archive=f"{href}/archive",
        map=f"{href}/map",
    )
