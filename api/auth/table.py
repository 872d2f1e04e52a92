"""The one table of who may do what: method and address -> need; role -> needs."""

from collections.abc import Iterator
from enum import StrEnum

from api.store.people import Role

_V1 = "/api/v1"


class Need(StrEnum):
    """What a route needs of whoever asks."""

    NOBODY = "nobody"
    SIGNED_IN = "signed in"
    READ = "read"
    COMMENT = "comment"
    PLAN = "plan"
    REVIEW = "review"
    APPROVE = "approve"
    FRONTAGE = "frontage"
    ADMINISTRATE = "administrate"


# Of a member. What a row leaves open ("own", "own disciplines") the route itself looks at.
NEEDS_OF_ROLE: dict[Role, frozenset[Need]] = {
    Role.PLANNER: frozenset({Need.READ, Need.COMMENT, Need.PLAN, Need.FRONTAGE}),
    Role.REVIEWER: frozenset({Need.READ, Need.COMMENT, Need.REVIEW, Need.FRONTAGE}),
    Role.APPROVER: frozenset({Need.READ, Need.COMMENT, Need.APPROVE, Need.FRONTAGE}),
    Role.VIEWER: frozenset({Need.READ, Need.FRONTAGE}),
    Role.PRIVATE_OPERATOR: frozenset({Need.COMMENT, Need.FRONTAGE}),
}

# Of whoever administers the service, in every project. To review and to approve takes a role.
NEEDS_OF_ADMINISTRATOR = frozenset(
    {Need.READ, Need.COMMENT, Need.PLAN, Need.FRONTAGE, Need.ADMINISTRATE}
)


def _rows() -> Iterator[tuple[tuple[str, str], Need]]:
    for address, methods in _ADDRESSES.items():
        for method, need in methods.items():
            yield (method, address), need


_ADDRESSES: dict[str, dict[str, Need]] = {
    "/": {"GET": Need.NOBODY},
    "/healthz": {"GET": Need.NOBODY},
    "/readyz": {"GET": Need.NOBODY},
    "/metrics": {"GET": Need.ADMINISTRATE},
    f"{_V1}/openapi.json": {"GET": Need.NOBODY},
    f"{_V1}/session": {"GET": Need.NOBODY, "POST": Need.NOBODY, "DELETE": Need.NOBODY},
    f"{_V1}/session/oidc": {"GET": Need.NOBODY},
    f"{_V1}/session/oidc/return": {"GET": Need.NOBODY},
    f"{_V1}/invitations/{{secret}}": {"GET": Need.NOBODY, "POST": Need.NOBODY},
    f"{_V1}/me": {"GET": Need.SIGNED_IN},
    f"{_V1}/me/password": {"PUT": Need.SIGNED_IN},
    f"{_V1}/tokens": {"GET": Need.SIGNED_IN, "POST": Need.SIGNED_IN},
    f"{_V1}/tokens/{{token_id}}": {"DELETE": Need.SIGNED_IN},
    f"{_V1}/users": {"GET": Need.ADMINISTRATE, "POST": Need.ADMINISTRATE},
    f"{_V1}/users/{{user_id}}": {"GET": Need.ADMINISTRATE, "PATCH": Need.ADMINISTRATE},
    f"{_V1}/users/{{user_id}}/invitations": {"POST": Need.ADMINISTRATE},
    f"{_V1}/audit": {"GET": Need.ADMINISTRATE},
    f"{_V1}/places": {"GET": Need.SIGNED_IN},
    f"{_V1}/vehicles": {"GET": Need.SIGNED_IN},
    f"{_V1}/layouts": {"GET": Need.SIGNED_IN},
    f"{_V1}/countries": {"GET": Need.SIGNED_IN},
    f"{_V1}/products": {"GET": Need.SIGNED_IN},
    f"{_V1}/projects": {"GET": Need.SIGNED_IN, "POST": Need.ADMINISTRATE},
    f"{_V1}/projects/{{project_id}}": {"GET": Need.READ, "PATCH": Need.ADMINISTRATE},
    f"{_V1}/projects/{{project_id}}/members": {"GET": Need.READ},
    f"{_V1}/projects/{{project_id}}/members/{{user_id}}": {
        "PUT": Need.ADMINISTRATE,
        "DELETE": Need.ADMINISTRATE,
    },
    f"{_V1}/projects/{{project_id}}/uploads": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/uploads/{{upload_id}}": {"GET": Need.READ},
    f"{_V1}/projects/{{project_id}}/sites": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/sites/{{site_id}}": {"GET": Need.READ},
    f"{_V1}/sites/{{site_id}}/layers/{{layer}}": {"GET": Need.READ},
    f"{_V1}/sites/{{site_id}}/assessments": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/assessments/{{assessment_id}}": {"GET": Need.READ},
    f"{_V1}/assessments/{{assessment_id}}/layers/{{layer}}": {"GET": Need.READ},
    f"{_V1}/assessments/{{assessment_id}}/files/{{name}}": {"GET": Need.READ},
    f"{_V1}/sites/{{site_id}}/proposals": {"POST": Need.PLAN},
    f"{_V1}/projects/{{project_id}}/proposals": {"GET": Need.READ},
    f"{_V1}/proposals/{{proposal_id}}": {"GET": Need.READ, "PATCH": Need.PLAN},
    f"{_V1}/proposals/{{proposal_id}}/plans": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/plans/{{plan_id}}": {"GET": Need.READ},
    f"{_V1}/plans/{{plan_id}}/layers/{{layer}}": {"GET": Need.READ},
    f"{_V1}/plans/{{plan_id}}/files/{{name}}": {"GET": Need.READ},
    f"{_V1}/plans/{{plan_id}}/archive": {"GET": Need.READ},
    f"{_V1}/plans/{{plan_id}}/map": {"GET": Need.READ},
    f"{_V1}/plans/{{plan_id}}/submission": {"POST": Need.PLAN, "DELETE": Need.PLAN},
    f"{_V1}/plans/{{plan_id}}/reviews": {"GET": Need.READ, "POST": Need.REVIEW},
    f"{_V1}/plans/{{plan_id}}/approval": {"POST": Need.APPROVE},
    f"{_V1}/plans/{{plan_id}}/exports": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/exports/{{export_id}}": {"GET": Need.READ},
    f"{_V1}/exports/{{export_id}}/file": {"GET": Need.READ},
    # Who approves lets a copy out; who plans may take it back at once.
    f"{_V1}/exports/{{export_id}}/release": {"POST": Need.APPROVE, "DELETE": Need.PLAN},
    f"{_V1}/projects/{{project_id}}/comments": {"GET": Need.READ, "POST": Need.COMMENT},
    f"{_V1}/plans/{{plan_id}}/comments": {"GET": Need.READ, "POST": Need.COMMENT},
    # A private operator reads his own and what answers it; the route looks at whose it is.
    f"{_V1}/comments/{{comment_id}}": {
        "GET": Need.FRONTAGE,
        "PATCH": Need.COMMENT,
        "DELETE": Need.COMMENT,
    },
    f"{_V1}/projects/{{project_id}}/events": {"GET": Need.READ, "POST": Need.PLAN},
    f"{_V1}/events/{{event_id}}": {"GET": Need.READ, "PUT": Need.PLAN, "DELETE": Need.PLAN},
    f"{_V1}/projects/{{project_id}}/comparisons": {"GET": Need.READ, "POST": Need.READ},
    f"{_V1}/comparisons/{{comparison_id}}": {"GET": Need.READ},
    f"{_V1}/projects/{{project_id}}/jobs": {"GET": Need.READ},
    f"{_V1}/jobs/{{job_id}}": {"GET": Need.READ, "DELETE": Need.PLAN},
    f"{_V1}/jobs/{{job_id}}/events": {"GET": Need.READ},
    f"{_V1}/projects/{{project_id}}/frontage": {"GET": Need.FRONTAGE},
    f"{_V1}/sites/{{site_id}}/edit-sessions": {"POST": Need.PLAN},
    f"{_V1}/edit-sessions/{{session_id}}": {"DELETE": Need.PLAN},
    f"{_V1}/edit-sessions/{{session_id}}/edits": {"POST": Need.PLAN},
    "/projects/{project_id}/map": {"GET": Need.READ},
    # Signed in here; what of a collection somebody sees, `projects_with` says.
    "/ogc": {"GET": Need.SIGNED_IN},
    "/ogc/api": {"GET": Need.SIGNED_IN},
    "/ogc/conformance": {"GET": Need.SIGNED_IN},
    "/ogc/collections": {"GET": Need.SIGNED_IN},
    "/ogc/collections/{collection_id}": {"GET": Need.SIGNED_IN},
    "/ogc/collections/{collection_id}/items": {"GET": Need.SIGNED_IN},
    "/ogc/collections/{collection_id}/items/{feature_id}": {"GET": Need.SIGNED_IN},
    "/ogc/processes": {"GET": Need.SIGNED_IN},
    "/ogc/processes/{process_id}": {"GET": Need.SIGNED_IN},
    # Who may plan the site that its body names: the route asks `enter`.
    "/ogc/processes/{process_id}/execution": {"POST": Need.SIGNED_IN},
    "/ogc/jobs": {"GET": Need.SIGNED_IN},
    "/ogc/jobs/{job_id}": {"GET": Need.READ, "DELETE": Need.PLAN},
    "/ogc/jobs/{job_id}/results": {"GET": Need.READ},
    "/public/{export_id}": {"GET": Need.NOBODY},
    "/public/{export_id}/file": {"GET": Need.NOBODY},
}

PERMISSIONS: dict[tuple[str, str], Need] = dict(_rows())

# What a token must not do: make another secret, which would outlive it or open more than it does.
ONLY_IN_PERSON = frozenset(
    {
        ("PUT", f"{_V1}/me/password"),
        ("GET", f"{_V1}/tokens"),
        ("POST", f"{_V1}/tokens"),
        ("DELETE", f"{_V1}/tokens/{{token_id}}"),
        ("POST", f"{_V1}/users"),
        ("PATCH", f"{_V1}/users/{{user_id}}"),
        ("POST", f"{_V1}/users/{{user_id}}/invitations"),
    }
)


SIGN_IN = ("POST", f"{_V1}/session")

# The end of each way in: right or wrong, it is a row of the audit log.
SIGN_INS = frozenset({SIGN_IN, ("GET", f"{_V1}/session/oidc/return")})

# What leaves the house as a whole: each of them is a row of the audit log.
DOWNLOADS = frozenset(
    {
        ("GET", f"{_V1}/plans/{{plan_id}}/files/{{name}}"),
        ("GET", f"{_V1}/plans/{{plan_id}}/archive"),
        ("GET", f"{_V1}/plans/{{plan_id}}/map"),
        ("GET", f"{_V1}/assessments/{{assessment_id}}/files/{{name}}"),
        ("GET", f"{_V1}/exports/{{export_id}}/file"),
        ("GET", "/projects/{project_id}/map"),
        ("GET", "/ogc/collections/{collection_id}/items"),
        ("GET", "/ogc/collections/{collection_id}/items/{feature_id}"),
        ("GET", "/public/{export_id}/file"),
    }
)

# What leaves it a layer at a time. The page reads many of them for each look at a plan, so there
# is one row a person, layer and day; the route of a site says where that is the open map's.
LAYERS = frozenset(
    {
        ("GET", f"{_V1}/plans/{{plan_id}}/layers/{{layer}}"),
        ("GET", f"{_V1}/sites/{{site_id}}/layers/{{layer}}"),
        ("GET", f"{_V1}/assessments/{{assessment_id}}/layers/{{layer}}"),
    }
)

UPLOADS = frozenset({("POST", f"{_V1}/projects/{{project_id}}/uploads")})

# What makes a process compute.
JOBS = frozenset(
    {
        ("POST", f"{_V1}/projects/{{project_id}}/sites"),
        ("POST", f"{_V1}/sites/{{site_id}}/assessments"),
        ("POST", f"{_V1}/sites/{{site_id}}/proposals"),
        ("POST", f"{_V1}/proposals/{{proposal_id}}/plans"),
        ("POST", f"{_V1}/sites/{{site_id}}/edit-sessions"),
        ("POST", f"{_V1}/plans/{{plan_id}}/exports"),
        ("POST", f"{_V1}/projects/{{project_id}}/comparisons"),
        ("POST", "/ogc/processes/{process_id}/execution"),
    }
)
