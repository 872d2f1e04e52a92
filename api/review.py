"""The way of a plan: draft, in review, then approved or changes asked. Pure rules over rows."""

from collections.abc import Iterable, Sequence

from api.errors import ConflictError, NotAllowedError
from api.store import Decision, Discipline, Member, Plan, PlanState, Review, now


def submitted(plan: Plan, user_id: str) -> None:
    """Put a draft before the reviewers.

    Raises ConflictError where it is none, or where the judge says that it fails: nobody should
    have to find out by reading.
    """
    if plan.state != PlanState.DRAFT:
        raise ConflictError(f"{plan.plan_id}: is {_words(plan.state)}; only a draft is submitted")
    if not plan.record["verdict"]["holds"]:
        raise ConflictError(
            f"{plan.plan_id}: the judge says that it {plan.record['verdict']['standing']}; "
            "plan again before others look at it"
        )
    _moved(plan, PlanState.IN_REVIEW)
    plan.submitted, plan.submitted_by = now(), user_id


def taken_back(plan: Plan) -> None:
    """Make a plan that is in review a draft again; raises ConflictError where it is decided."""
    if plan.state != PlanState.IN_REVIEW:
        raise ConflictError(
            f"{plan.plan_id}: is {_words(plan.state)}; only what is in review is taken back"
        )
    _moved(plan, PlanState.DRAFT)
    plan.submitted = plan.submitted_by = None


def reviewed(
    plan: Plan, review: Review, member: Member | None, *, authors: Iterable[str | None]
) -> None:
    """Take what a reviewer says of a plan that is in review.

    Raises ConflictError where it is not, NotAllowedError for a discipline that is not his own, and
    where the plan is: who made it and was given another role later is no second pair of eyes.
    """
    if member is None or review.discipline not in member.disciplines:
        own = ", ".join(member.disciplines) if member else "none"
        raise NotAllowedError(f"{review.discipline}: not your sign-off; yours: {own}")
    if plan.state != PlanState.IN_REVIEW:
        raise ConflictError(f"{plan.plan_id}: is {_words(plan.state)}, not in review")
    _refuse_authors(plan, review.created_by, authors)
    if review.decision == Decision.CHANGES_ASKED:
        _moved(plan, PlanState.CHANGES_ASKED)
        plan.decided, plan.decided_by = now(), review.created_by


def decided(
    plan: Plan,
    decision: str,
    *,
    user_id: str,
    seen: str,
    stored: str,
    authors: Iterable[str | None],
    missing: Sequence[Discipline],
) -> None:
    """Approve a plan, or ask for changes.

    Parameters
    ----------
    seen, stored : str
        Hash of the content that the approver has looked at, and of what the store holds.
    authors : iterable of user id
        Whoever made or submitted any version of the proposal: none of them approves it.
    missing : sequence of Discipline
        Sign-offs that are not there.

    Raises
    ------
    ConflictError
        Not in review, another content, or a sign-off is missing.
    NotAllowedError
        It is his own.
    """
    if plan.state != PlanState.IN_REVIEW:
        raise ConflictError(f"{plan.plan_id}: is {_words(plan.state)}, not in review")
    if stored != plan.content_hash:
        raise ConflictError(
            f"{plan.plan_id}: the store holds {stored[:12]}…, not the {plan.content_hash[:12]}… "
            "that was made; restore a backup, or plan again"
        )
    if seen != plan.content_hash:
        raise ConflictError(
            f"{plan.plan_id}: its content is {plan.content_hash[:12]}…, you looked at "
            f"{seen[:12]}…; look at this one"
        )
    _refuse_authors(plan, user_id, authors)
    if decision == PlanState.APPROVED and missing:
        raise ConflictError(
            f"{plan.plan_id}: not signed yet by {', '.join(missing)}; it can't be approved"
        )
    _moved(plan, PlanState(decision))
    plan.decided, plan.decided_by = now(), user_id


def missing_sign_offs(
    sign_offs: Iterable[str], reviews: Iterable[Review], content_hash: str
) -> list[Discipline]:
    """Return the disciplines that have not signed this content; the last word of each counts."""
    last = {review.discipline: review for review in reviews}
    return [
        Discipline(name)
        for name in sign_offs
        if name not in last
        or last[name].decision != Decision.SIGNED
        or last[name].content_hash != content_hash
    ]


def _refuse_authors(plan: Plan, user_id: str | None, authors: Iterable[str | None]) -> None:
    if user_id in set(authors):
        raise NotAllowedError(f"{plan.plan_id}: your own; nobody decides on what he made himself")


def _moved(plan: Plan, state: PlanState) -> None:
    plan.state = state
    plan.revision += 1


def _words(state: str) -> str:
    return {
        PlanState.DRAFT: "a draft",
        PlanState.IN_REVIEW: "in review",
        PlanState.CHANGES_ASKED: "sent back for changes",
        PlanState.APPROVED: "approved",
    }[PlanState(state)]
