"""The organization's identity provider: where people are sent to, and what it sends back.

The authorization code flow with PKCE (RFC 7636). What belongs to one sign-in is made of one secret
that only the browser holds, so that nothing has to be kept here, and no other browser can end it.

Source: OpenID Connect Core 1.0, 3.1, and Discovery 1.0; RFC 9207 for ``iss`` in the answer.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from joserfc.jwk import KeySet
from pydantic import Field, SecretStr, ValidationError

from creative.value import Value
from review.access.identity_token import NotVouched, Vouched, public_keys, verified

KEPT = 3600.0
"""Seconds for which its description and its keys are used without asking again."""
SOONEST = 60.0
"""Seconds before its keys are asked for again because of a token by an unknown one."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Description(Value, extra="ignore"):
    """What an identity provider publishes about itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Client(Value):
    """What we are to the identity provider."""

    issuer: str = Field(pattern=r"^https?://[^\s?#]{1,300}$")
    """Its name, which is where its description is found."""
    id: str = Field(min_length=1, max_length=300)
    secret: SecretStr | None = None
    """None where it knows us by PKCE alone."""
    scope: str = "openid profile"
    groups_claim: str = "groups"
    """The claim of its token that lists a person's groups."""


@dataclass(frozen=True)
class SignIn:
    """One sign-in, of the secret that its browser holds."""

    secret: str

    def _part(self, name: str) -> str:
        made = hmac.new(self.secret.encode(), name.encode(), sha256).digest()
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    @property
    def state(self) -> str:
        """Return what comes back with the answer."""
        return self._part("state")

    @property
    def nonce(self) -> str:
        """Return what stands in the token."""
        return self._part("nonce")

    @property
    def verifier(self) -> str:
        """Return what proves to the provider that the same browser ends what it began."""
        return self._part("verifier")

    @property
    def challenge(self) -> str:
        """Return what the provider is told of the verifier at first."""
        digest = sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class IdentityProvider:
    """One identity provider, for several threads at once.

    Args:
        client: What we are to it.
        wire: Follows no redirect, and is bounded in bytes and time.
        back: The address of ours that it sends people back to.
        now: The clock.
        seconds: A clock that only rises.

    """

    def __init__(
        self,
        client: Client,
        wire: httpx2.Client,
        back: str,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self.client = client
        self._wire = wire
        self._back = back
        self._now = now
        self._seconds = seconds
        self._lock = Lock()
        self._known: tuple[Description, float] | None = None
        self._keys: tuple[KeySet, float] | None = None

    def address(self, sign_in: SignIn) -> str:
        """Return where a browser is sent to.

        Raises:
            NotVouched: The provider does not answer, or not as one.

        """
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self._back,
            "scope": self.client.scope,
            "state": sign_in.state,
            "nonce": sign_in.nonce,
            "code_challenge": sign_in.challenge,
            "code_challenge_method": "S256",
        }
        at = self._described().authorization_endpoint
        return f"{at}{'&' if urlsplit(at).query else '?'}{urlencode(asked)}"

    def ended(self, sign_in: SignIn, *, code: str, state: str, issuer: str) -> Vouched:
        """Return who came back, by the code that they brought.

        Args:
            sign_in: The one that their browser began.
            code: To be exchanged for a token, once.
            state: As it came back.
            issuer: As it came back; empty where the provider does not say it.

        Raises:
            NotVouched: It is not the end of this sign-in, or the provider vouches for nobody.

        """
        if not hmac.compare_digest(sign_in.state.encode(), state.encode()):
            raise NotVouched("this answer is not of a sign-in that this browser began")
        told = self._described()
        if issuer != told.issuer and (
            issuer or told.authorization_response_iss_parameter_supported
        ):
            raise NotVouched("this answer is of another identity provider")
        token = self._exchanged(told, sign_in, code)
        keys = self._published(told)
        try:
            return self._read(token, keys, sign_in)
        except NotVouched:
            fresh = self._published(told, again=True)
            if fresh is keys:
                raise
            # Providers change their keys, and sign by the new one at once.
            return self._read(token, fresh, sign_in)

    def _read(self, token: str, keys: KeySet, sign_in: SignIn) -> Vouched:
        return verified(
            token,
            keys,
            issuer=self.client.issuer,
            audience=self.client.id,
            nonce=sign_in.nonce,
            now=self._now(),
            groups_claim=self.client.groups_claim,
        )

    def _described(self) -> Description:
        with self._lock:
            if self._known and self._seconds() - self._known[1] < KEPT:
                return self._known[0]
        at = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            told = Description.model_validate(self._asked("GET", at))
        except ValidationError as error:
            raise NotVouched(f"{at} does not describe an identity provider") from error
        if told.issuer != self.client.issuer:
            raise NotVouched(f"{at} describes {told.issuer[:200]!r}, another one")
        for one in (told.authorization_endpoint, told.token_endpoint, told.jwks_uri):
            self._safe(one)
        with self._lock:
            self._known = (told, self._seconds())
        return told

    def _safe(self, address: str) -> None:
        """Refuse an address that others could listen to, unless all of it is on this machine."""
        parts = urlsplit(address)
        here = parts.hostname in LOOPBACK and urlsplit(self.client.issuer).hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise NotVouched(f"it names {address[:200]!r}, which is not https")

    def _published(self, told: Description, *, again: bool = False) -> KeySet:
        with self._lock:
            known = self._keys
        age = self._seconds() - known[1] if known else KEPT
        if known and age < (SOONEST if again else KEPT):
            return known[0]
        keys = public_keys(self._asked("GET", told.jwks_uri))
        with self._lock:
            self._keys = (keys, self._seconds())
        return keys

    def _exchanged(self, told: Description, sign_in: SignIn, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": sign_in.verifier,
        }
        secret = self.client.secret.get_secret_value() if self.client.secret else ""
        headers: dict[str, str] = {}
        if secret and "client_secret_basic" in told.token_endpoint_auth_methods_supported:
            # Each part is encoded as in a form before they are joined: RFC 6749, 2.3.1.
            pair = f"{quote(self.client.id, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.client.id} | ({"client_secret": secret} if secret else {})
        answer = self._asked("POST", told.token_endpoint, form, headers)
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise NotVouched("it gave no ID token; ask it for the scope openid")
        return token

    def _asked(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        self._safe(address)
        host = urlsplit(address).netloc
        sent = {"accept": "application/json", **(headers or {})}
        try:
            answer = self._wire.request(method, address, data=form, headers=sent)
            said = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            # Its words may hold the code or the secret.
            raise NotVouched(f"{host} did not answer with JSON ({type(error).__name__})") from None
        if not answer.is_success:
            code = said.get("error") if isinstance(said, dict) else None
            raise NotVouched(f"{host} refused: {answer.status_code} {str(code or '')[:100]}")
        return said
