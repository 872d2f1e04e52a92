"""Sign-in through a provider (OpenID Connect): code flow with PKCE, state and nonce."""

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException, Response

from api.auth.flow import FLOW_LASTS, Flow, Person
from api.auth.secret import hash_of, new_secret
from api.auth.settings import OidcSettings, require_https
from api.errors import NotAllowedError, SignInNeededError
from sbd.errors import InputError, SourceError

_MOST_FLOWS = 1_000
_TIME_OUT_S = 5.0
_CHUNK_BYTES = 65_536
_MOST_CHUNKS = 16
_DOCUMENT_LASTS = timedelta(hours=1)
_KEYS_LAST = timedelta(minutes=10)
_LEEWAY_S = 60  # between the clocks of two machines

# Keys of the provider only; with a shared secret whoever knows it could sign.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class OidcProvider:
    """One provider, and the sign-ins with it that have begun.

    Those are kept here, each under a secret that only the browser has which began it: an answer
    counts once, in that browser, within ten minutes.
    """

    def __init__(self, settings: OidcSettings, *, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._flows: OrderedDict[str, Flow] = OrderedDict()
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._lock = threading.Lock()

    def begin(self, redirect_uri: str) -> tuple[str, str]:
        """Return where to send the browser, and a secret for it to keep until it is back.

        Raises SourceError where the provider is out of reach.
        """
        flow = Flow(
            state=new_secret(),
            nonce=new_secret(),
            verifier=secrets.token_urlsafe(64),
            redirect_uri=redirect_uri,
            ends=self._clock() + FLOW_LASTS,
        )
        with self._client(redirect_uri) as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        secret = new_secret()
        with self._lock:
            self._flows[hash_of(secret)] = flow
            while len(self._flows) > _MOST_FLOWS:
                self._flows.popitem(last=False)
        return str(address), secret

    def finish(self, secret: str | None, answer: Mapping[str, str]) -> Person:
        """Return who has signed in.

        Parameters
        ----------
        secret : str, optional
            What `begin` gave to the browser.
        answer : mapping
            The query that the provider sent the browser back with.

        Raises SignInNeededError for an answer that does not fit what was asked, NotAllowedError
        where the provider refused, SourceError where it is out of reach or contradicts itself.
        """
        flow = self._taken(secret)
        state = answer.get("state", "")
        if flow is None or not secrets.compare_digest(state.encode(), flow.state.encode()):
            raise SignInNeededError(
                "sign-in: this answer was not asked for by this browser, or too long ago; "
                "begin again"
            )
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise SignInNeededError("sign-in: the answer is another provider's; begin again")
        if "error" in answer or "code" not in answer:
            reason = answer.get("error", "no code")[:80]
            raise NotAllowedError(f"sign-in: the provider refused ({reason!r}); ask who runs it")
        return self._person(self._id_token(flow, answer["code"]), flow)

    def _taken(self, secret: str | None) -> Flow | None:
        """Return the flow of a secret, which counts once."""
        if secret is None:
            return None
        with self._lock:
            flow = self._flows.pop(hash_of(secret), None)
        return flow if flow is not None and self._clock() < flow.ends else None

    def _id_token(self, flow: Flow, code: str) -> dict[str, Any]:
        """Return what the provider gives for a code."""
        with self._client(flow.redirect_uri) as client:
            try:
                answer: dict[str, Any] = client.fetch_token(
                    self._endpoint("token_endpoint"),
                    code=code,
                    grant_type="authorization_code",
                    redirect_uri=flow.redirect_uri,
                    code_verifier=flow.verifier,
                    allow_redirects=False,
                )
            except RequestException as error:
                raise self._out_of_reach(error) from error
            except AuthlibBaseError as error:
                raise SignInNeededError(
                    f"sign-in: the provider does not take its own code ({error.error}); begin again"
                ) from error
            except ValueError as error:
                raise self._nonsense("its token answer is no JSON") from error
        if not isinstance(answer.get("id_token"), str):
            raise self._nonsense("it gave no ID token; its client here needs the scope openid")
        return answer

    def _person(self, answer: dict[str, Any], flow: Flow) -> Person:
        claims = self._claims(answer, flow, self._key_set(fresh=False))
        # The provider may have changed its keys since they were read.
        claims = claims or self._claims(answer, flow, self._key_set(fresh=True))
        if claims is None:
            raise SignInNeededError(
                "sign-in: the ID token is not this provider's, not for this service, past, or of "
                "another sign-in; begin again"
            )
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject:
            raise self._nonsense("it gave no subject")
        return Person(self.settings.issuer, subject, self._name(claims))

    def _claims(self, answer: dict[str, Any], flow: Flow, keys: KeySet) -> dict[str, Any] | None:
        """Return what an ID token says, None where it does not count."""
        client_id = self.settings.client_id
        try:
            token = jwt.decode(answer["id_token"], keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": client_id},
                },
                params={
                    "nonce": flow.nonce,
                    "client_id": client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        return dict(claims)

    def _name(self, claims: Mapping[str, Any]) -> str | None:
        name = claims.get(self.settings.name_claim)
        # An e-mail that nobody verified is what somebody typed: it could be a colleague's.
        is_vouched = self.settings.name_claim != "email" or claims.get("email_verified") is True
        return name if isinstance(name, str) and name and is_vouched else None

    def _key_set(self, *, fresh: bool) -> KeySet:
        now = self._clock()
        if self._keys is None or fresh or now - self._keys[0] > _KEYS_LAST:
            found = self._read(self._endpoint("jwks_uri"))
            try:
                self._keys = (now, KeySet.import_key_set(found))  # type: ignore[arg-type]  # any JSON: checked there
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise self._nonsense("its keys can't be read") from error
        return self._keys[1]

    def _endpoint(self, name: str) -> str:
        """Return an address of the provider, as it describes itself."""
        now = self._clock()
        if self._document is None or now - self._document[0] > _DOCUMENT_LASTS:
            issuer = self.settings.issuer
            document = self._read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if document.get("issuer") != issuer:
                raise self._nonsense(f"it names itself {str(document.get('issuer'))[:200]!r}")
            self._document = (now, document)
        address = self._document[1].get(name)
        try:
            require_https(str(address), f"{name} of the provider")
        except InputError as error:
            raise self._nonsense(str(error)) from error
        return str(address)

    def _read(self, address: str) -> dict[str, Any]:
        with self._client("") as client:
            try:
                answer: Response = client.request(
                    "GET", address, withhold_token=True, allow_redirects=False, stream=True
                )
                text = b"".join(islice(answer.iter_content(_CHUNK_BYTES), _MOST_CHUNKS + 1))
            except RequestException as error:
                raise self._out_of_reach(error) from error
        if answer.status_code != 200 or len(text) > _CHUNK_BYTES * _MOST_CHUNKS:
            raise self._nonsense(f"{address}: answers {answer.status_code}, {len(text)} bytes")
        try:
            found = json.loads(text)
        except ValueError as error:
            raise self._nonsense(f"{address}: answers no JSON") from error
        if not isinstance(found, dict):
            raise self._nonsense(f"{address}: answers no JSON object")
        return found

    def _client(self, redirect_uri: str) -> OAuth2Session:
        return OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            scope="openid email profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=_TIME_OUT_S,
        )

    def _out_of_reach(self, error: Exception) -> SourceError:
        host = urlsplit(self.settings.issuer).netloc
        return SourceError(
            f"sign-in provider {host}: out of reach ({type(error).__name__}); try again, "
            "or sign in with a password"
        )

    def _nonsense(self, what: str) -> SourceError:
        host = urlsplit(self.settings.issuer).netloc
        return SourceError(f"sign-in provider {host}: {what}; ask who administers the service")
