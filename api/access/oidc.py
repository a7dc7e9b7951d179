"""Log-in at an organisation's own identity provider: OpenID Connect, authorization code with PKCE.

A user is linked to their account there by its ``sub``, which an admin enters: nobody gets in by an address that they
say is theirs. What has to be remembered between leaving and coming back travels in a signed cookie, so that any server
of a fleet can take the user up.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from api.errors import Forbidden, Unavailable

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures that are taken: those with a key pair; the provider's documents are not asked which."""

MINUTES: Final = 10
"""How long a user may take at the provider."""

FRESH: Final = 3_600
"""Seconds for which the provider's documents hold."""

SECONDS: Final = 10
"""How long the provider may take to answer."""

LEEWAY: Final = 60
"""Seconds by which clocks may differ."""


@dataclass(frozen=True)
class Attempt:
    """What is remembered of one log-in while the user is at the provider."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """An identity provider, as one client knows it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._redirect_uri = redirect_uri
        self._documents: tuple[float, dict[str, Any], KeySet] | None = None
        digest = hashlib.sha256(f"matcher log-in {client_secret}".encode()).digest()
        self._cookie_key = OctKey.import_key(digest)

    def begin(self) -> tuple[str, str]:
        """Where to send the user, and the cookie to send with them. Raises ``Unavailable``."""
        attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
        metadata, _ = self._described()
        with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        claims = asdict(attempt) | {"exp": int(time.time()) + MINUTES * 60}
        return str(url), jwt.encode({"alg": "HS256"}, claims, self._cookie_key)

    def finish(self, code: str, state: str, cookie: str) -> str:
        """The ``sub`` of the user who has come back. Raises ``Forbidden`` or ``Unavailable``."""
        attempt = self._remembered(cookie)
        if not secrets.compare_digest(state.encode(), attempt.state.encode()):
            raise Forbidden(REFUSED)
        metadata, _ = self._described()
        try:
            with self._client() as client:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=attempt.verifier
                )
        except OAuthError as wrong:
            raise Forbidden(REFUSED) from wrong
        except (httpx2.HTTPError, ValueError) as wrong:
            raise Unavailable("The identity provider does not answer.") from wrong
        return self._subject(token, attempt)

    def _subject(self, token: dict[str, Any], attempt: Attempt) -> str:
        """Whom an ID token names, when its signature, issuer, audience, times and nonce are right."""
        try:
            signed = self._verified(str(token["id_token"]))
            options = {"iss": {"values": [self._issuer]}, "aud": {"values": [self._client_id]}}
            asked = {"nonce": attempt.nonce, "client_id": self._client_id}
            asked["access_token"] = token.get("access_token", "")
            claims = CodeIDToken(signed.claims, signed.header, options, asked)
            claims.validate(leeway=LEEWAY)
        except (JoseError, KeyError, ValueError) as wrong:
            raise Forbidden(REFUSED) from wrong
        return str(claims["sub"])

    def _verified(self, id_token: str) -> jwt.Token:
        """An ID token whose signature is right; keys that are not known yet are fetched once."""
        _, known = self._described()
        try:
            return jwt.decode(id_token, known, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            self._documents = None
            _, known = self._described()
            return jwt.decode(id_token, known, algorithms=ALGORITHMS)

    def _remembered(self, cookie: str) -> Attempt:
        try:
            claims = jwt.decode(cookie, self._cookie_key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
            return Attempt(claims["state"], claims["nonce"], claims["verifier"])
        except (JoseError, KeyError, ValueError) as wrong:
            raise Forbidden(REFUSED) from wrong

    def _described(self) -> tuple[dict[str, Any], KeySet]:
        """The provider's documents: where its endpoints are, and its keys. Raises ``Unavailable``."""
        if self._documents is None or time.monotonic() - self._documents[0] > FRESH:
            try:
                metadata = _document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                is_its_own = metadata["issuer"] == self._issuer
                keys = KeySet.import_key_set(_document(str(metadata["jwks_uri"])))
            except (httpx2.HTTPError, JoseError, KeyError, ValueError) as wrong:
                raise Unavailable("The identity provider does not answer.") from wrong
            if not is_its_own:
                raise Unavailable("The identity provider calls itself by another name.")
            self._documents = (time.monotonic(), metadata, keys)
        return self._documents[1:]

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._client_secret,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=SECONDS,
        )


def _document(url: str) -> Any:
    """A JSON object that the provider publishes. Raises ``HTTPError`` or ``ValueError``."""
    found = httpx2.get(url, timeout=SECONDS).raise_for_status().json()
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what the provider sent is wrong, not what we did
    return found


REFUSED: Final = "The log-in at the identity provider did not succeed; begin again."
