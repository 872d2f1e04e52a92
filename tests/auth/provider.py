"""A small sign-in provider (OpenID Connect, code flow with PKCE) on loopback."""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from fastapi import FastAPI, Form, Header, Response
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "sbd", "a secret of both"


class Provider:
    """Signs `person` in without asking, and does wrong what a test wants done wrong."""

    def __init__(self) -> None:
        self.issuer = ""
        self.own_key = RSAKey.generate_key(2048, {"kid": "first"})
        self._codes: dict[str, dict[str, str]] = {}
        self.behave()

    def behave(self) -> None:
        """Do nothing wrong any more."""
        self.key = self.own_key
        self.person: dict[str, Any] = {
            "sub": "subject-1",
            "email": "anna@example.org",
            "email_verified": True,
            "preferred_username": "anna",
        }
        self.wrong_claims: dict[str, Any] = {}  # put over the right ones
        self.header: dict[str, str] = {"alg": "RS256"}
        self.signs_with: Any = None  # instead of its own key
        self.document: dict[str, Any] = {}  # put over the right one
        self.status = 200
        self.takes_codes_twice = False
        self.now_s = time.time

    def authorize(self, address: str) -> str:
        """Return where the provider sends the browser that came with an address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def redeem(self, form: dict[str, str], authorization: str) -> JSONResponse:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        take = self._codes.get if self.takes_codes_twice else self._codes.pop
        asked = take(form["code"], None)
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(form["code_verifier"].encode()).digest()
        ).rstrip(b"=")
        if (
            asked is None
            or authorization != f"Basic {expected}"
            or challenge.decode() != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(self.now_s()),
            "exp": int(self.now_s()) + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.wrong_claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        signer = self.signs_with or self.key
        header = {"kid": "first", **self.header}
        token = jwt.encode(header, kept, signer, algorithms=[self.header["alg"]])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


def app_of(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def document() -> Response:
        found = {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/keys",
            **provider.document,
        }
        return Response(json.dumps(found), provider.status)

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return KeySet([provider.key]).as_dict(private=False)

    @app.post("/token")
    def token(
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> JSONResponse:
        form = {"code": code, "code_verifier": code_verifier, "redirect_uri": redirect_uri}
        return provider.redeem(form, authorization)

    return app


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider on loopback until the block ends."""
    provider = Provider()
    listener = socket.create_server(("127.0.0.1", 0))
    provider.issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app_of(provider), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
