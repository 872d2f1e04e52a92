"""Tokens: secrets for programs that read or write on behalf of a user."""

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response, status

from api.auth.audit import entry_of
from api.auth.gate import Door
from api.auth.permissions import Need, demand
from api.auth.principal import Asking
from api.auth.sign_in import require_session
from api.auth.tokens import make_token, revoke_token
from api.once import no_key
from api.present import BASE
from api.routes import problems
from api.rows import Paged, each, page_of
from api.schemas.paging import Page
from api.schemas.people import TokenIn, TokenMade, TokenOut
from api.schemas.shapes import Id
from api.store.people import Scope, Token

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("", summary="Your tokens", responses=problems(401, 403, 404, 422))
def get_tokens(gate: Door, asker: Asking, paging: Paged) -> Page[TokenOut]:
    """Without their secrets; those that no longer count among them."""
    asked = sa.select(Token).where(Token.user_id == asker.user_id)
    with gate.database.reading() as session:
        return page_of(session, asked, each(token_out), path=f"{BASE}/tokens", paging=paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a token",
    dependencies=[Depends(no_key)],
    responses=problems(401, 403, 404, 409, 422),
)
def post_token(
    gate: Door, asker: Asking, request: Request, asked: TokenIn, response: Response
) -> TokenMade:
    """For QGIS, GDAL or a script. The secret is shown this once.

    So no answer can be repeated, and an `Idempotency-Key` is refused: look at the list, and revoke
    what was made twice.
    """
    if asked.project_id is not None:
        demand(request, Need.FRONTAGE, project_id=asked.project_id)
    with gate.database.session() as session:
        require_session(session, gate, request)
        token, secret = make_token(
            session,
            user_id=asker.user_id,
            name=asked.name,
            scope=asked.scope,
            project_id=asked.project_id,
            expires=asked.expires,
            now=gate.clock(),
        )
    entry_of(request).item_id = token.token_id
    response.headers["Location"] = f"{BASE}/tokens/{token.token_id}"
    return TokenMade(**token_out(token).model_dump(), secret=secret)


@router.delete(
    "/{token_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Revoke a token",
    responses=problems(401, 403, 404, 422),
)
def delete_token(gate: Door, asker: Asking, request: Request, token_id: Id) -> None:
    """From the next request on it opens nothing; it stays in the list."""
    with gate.database.session() as session:
        revoke_token(session, token_id, user_id=asker.user_id)
    entry_of(request).item_id = token_id


def token_out(token: Token) -> TokenOut:
    """Return a token without its secret."""
    return TokenOut(
        token_id=token.token_id,
        name=token.name,
        scope=Scope(token.scope),
        project_id=token.project_id,
        created=token.created,
        expires=token.expires,
        last_used=token.last_used,
        revoked=token.revoked,
    )
