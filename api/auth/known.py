"""A person whom a provider has signed in -> a user, where an administrator knows him."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.auth.audit import Entry
from api.auth.flow import Person
from api.auth.gate import Gate
from api.auth.invitations import use_open_invitation
from api.auth.names import vouched_name
from api.auth.sign_in import begin_session
from api.errors import NotAllowedError
from api.store.people import User


def signed_in_by_provider(gate: Gate, person: Person, *, entry: Entry) -> tuple[User, str]:
    """Return the user and the secret of a new session.

    Who comes for the first time needs an open invitation under the name that the provider vouches
    for; from then on only issuer and subject count, whatever his name becomes there.

    Raises NotAllowedError for everybody else: nobody gets an account by himself.
    """
    with gate.database.session() as session:
        user = _of_subject(session, person) or _invited(session, gate, person)
        if user is None or not user.is_active:
            raise NotAllowedError(
                "sign-in: the provider knows you, this service does not; ask whoever administers "
                "it to invite you"
            )
        entry.user_id = user.user_id
        return user, begin_session(session, gate, user.user_id)


def _of_subject(session: Session, person: Person) -> User | None:
    return session.scalar(
        sa.select(User)
        .where(User.oidc_issuer == person.issuer, User.oidc_subject == person.subject)
        .with_for_update()
    )


def _invited(session: Session, gate: Gate, person: Person) -> User | None:
    name = vouched_name(person.name) if person.name is not None else None
    if name is None:
        return None
    user = session.scalar(
        sa.select(User).where(User.name == name, User.oidc_subject.is_(None), User.is_active)
    )
    if user is None or not use_open_invitation(session, user, now=gate.clock()):
        return None
    user.oidc_issuer, user.oidc_subject = person.issuer, person.subject
    user.revision += 1
    return user
