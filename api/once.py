"""Creations that may be sent twice: the second time they get the first answer."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.errors import ConflictError
from api.store import Database, RepeatedRequest
from sbd.errors import InputError

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text that you use for this creation only; repeat it when you try again.",
    ),
]


class RepeatedError(Exception):
    """The request was answered before; carries the answer."""

    def __init__(self, answered: RepeatedRequest) -> None:
        super().__init__(answered.key)
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Once:
    """What a creation does with the key that it came with; without one it does nothing."""

    key: str | None
    user_id: str
    request_hash: str

    def remember(
        self, session: Session, status: int, body: BaseModel, location: str | None
    ) -> None:
        """Keep the answer in the transaction of the creation: both are there, or none is."""
        if self.key is None:
            return
        session.add(
            RepeatedRequest(
                user_id=self.user_id,
                key=self.key,
                request_hash=self.request_hash,
                status=status,
                body=body.model_dump(mode="json"),
                location=location,
            )
        )


async def once(request: Request, idempotency_key: Key = None) -> Once:
    """Return what to do with the key; raises RepeatedError where the answer is known.

    Raises ConflictError where the key came with another request before.
    """
    user_id: str = request.state.principal.user_id
    text = f"{request.method} {request.url.path}\n".encode() + await request.body()
    asked = Once(idempotency_key, user_id, hashlib.sha256(text).hexdigest())
    if idempotency_key is not None:
        database = request.app.state.service.store.database
        known = await to_thread.run_sync(_answered, database, user_id, idempotency_key)
        if known is not None and known.request_hash != asked.request_hash:
            raise ConflictError(
                f"Idempotency-Key {idempotency_key[:40]!r}: was used for another request; "
                "take a new one"
            )
        if known is not None:
            raise RepeatedError(known)
    return asked


OnlyOnce = Annotated[Once, Depends(once)]


def no_key(request: Request) -> None:
    """Refuse a key where the answer holds a secret: it is kept nowhere, so it can't come again.

    Raises InputError.
    """
    if "Idempotency-Key" in request.headers:
        raise InputError(
            "Idempotency-Key: not taken here; the answer holds a secret that is kept nowhere and "
            "can't be said again; send the request without, and take back what was made twice"
        )


def install_repeats(app: FastAPI) -> None:
    """Answer what comes again with what was answered."""

    def again(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RepeatedError)  # registered for this class only
        answered = error.answered
        headers = {"Idempotency-Replayed": "true"}
        if answered.location is not None:
            headers["Location"] = answered.location
        return JSONResponse(answered.body, answered.status, headers)

    app.add_exception_handler(RepeatedError, again)


def _answered(database: Database, user_id: str, key: str) -> RepeatedRequest | None:
    with database.reading() as session:
        return session.get(RepeatedRequest, (user_id, key))
