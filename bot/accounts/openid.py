"""Another service vouches for staff: OpenID Connect, authorization code flow with PKCE, state and nonce.

https://openid.net/specs/openid-connect-core-1_0.html, section 3.1. The service makes no accounts here.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.accounts.states import AccountError, Fault
from bot.settings import Settings

log = structlog.get_logger()

# Signed with a key that only the service has; never "none", never with a secret that we share.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
JOURNEY_SECONDS = 600
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10
FAILURES = (httpx.HTTPError, AuthlibBaseError, JoseError, InvalidToken, ValueError, LookupError, TypeError)


@dataclass(frozen=True)
class Journey:
    """To the service and back: the address to go to, and what the browser keeps sealed meanwhile."""

    url: str
    sealed: str


@dataclass(frozen=True)
class Person:
    """Whom the service vouches for; the address only if it has verified that."""

    subject: str
    email: str | None
    wanted: str


class OpenId:
    """The service that the settings name; every method raises AccountError when it is not to be had or not believed."""

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer
        assert settings.oidc_client_secret
        self._issuer, self._client_id = settings.oidc_issuer, settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._back = f"{settings.public_url}/desk/login/openid/back"
        self._cipher = Fernet(settings.encryption_key.get_secret_value().encode())
        self._known: dict[str, Any] = {}

    def begin(self, wanted: str) -> Journey:
        """Set out; `wanted` is the page to end at."""
        kept = {
            "state": secrets.token_urlsafe(),
            "nonce": secrets.token_urlsafe(),
            "verifier": secrets.token_urlsafe(48),
        }
        try:
            with self._client() as client:
                url, _ = client.create_authorization_url(
                    self._metadata(client)["authorization_endpoint"],
                    state=kept["state"],
                    nonce=kept["nonce"],
                    code_verifier=kept["verifier"],
                )
        except FAILURES as error:
            raise _refused(error) from error
        return Journey(url, self._cipher.encrypt(json.dumps({**kept, "wanted": wanted}).encode()).decode())

    def finish(self, sealed: str, state: str, code: str) -> Person:
        """Come back with what the browser kept and the service gave."""
        try:
            kept = json.loads(self._cipher.decrypt(sealed, ttl=JOURNEY_SECONDS))
            if not secrets.compare_digest(kept["state"].encode(), state.encode()):
                raise ValueError("the state is another one")
            with self._client() as client:
                claims = self._claims(client, code, kept)
        except FAILURES as error:
            raise _refused(error) from error
        is_verified = claims.get("email_verified") in (True, "true")
        email = claims.get("email") if is_verified else None
        return Person(str(claims["sub"])[:255], email if isinstance(email, str) else None, kept["wanted"])

    def _claims(self, client: OAuth2Client, code: str, kept: dict[str, str]) -> dict[str, Any]:
        metadata = self._metadata(client)
        token = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=kept["verifier"])
        keys = client.request("GET", metadata["jwks_uri"], withhold_token=True).raise_for_status().json()
        decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        must = {
            "iss": {"essential": True, "values": [metadata["issuer"]]},
            "aud": {"essential": True, "values": [self._client_id]},
            "nonce": {"essential": True, "values": [kept["nonce"]]},
        }
        context = {"client_id": self._client_id, "nonce": kept["nonce"], "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, must, context)
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(claims)

    def _metadata(self, client: OAuth2Client) -> dict[str, Any]:
        """What the service says of itself, asked once."""
        if not self._known:
            url = f"{self._issuer}/.well-known/openid-configuration"
            found = client.request("GET", url, withhold_token=True).raise_for_status().json()
            if found["issuer"].rstrip("/") != self._issuer:
                raise ValueError("the service calls itself by another name")
            self._known = found
        return self._known

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._secret,
            scope="openid email",
            redirect_uri=self._back,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )


def _refused(error: Exception) -> AccountError:
    log.warning("openid_failed", reason=type(error).__name__)
    return AccountError(Fault.OIDC_FAILED)
