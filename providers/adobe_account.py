"""One server-to-server account at Adobe: tokens that end, and who asks with them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from providers import errors
from providers.images.polled import ended, text_at
from providers.reply import Reply, usual
from providers.rest import Rest
from providers.settings import ProviderSettings

NAME = "firefly"
SCOPE = "openid,AdobeID,firefly_api,ff_apis"
MAX_ANSWER = 60_000_000
"""Bytes of the largest picture, uncompressed, and more."""
EARLY = 120.0
"""Seconds before its end at which a token is not used any more."""


@dataclass(frozen=True)
class _Session:
    rest: Rest
    until: float


class AdobeAccount:
    """A ready account. Its token is kept in memory only, and asked for again before it ends.

    Args:
        settings: Addresses, patience.
        client_id: Of the credential; it goes with each request.
        client_secret: Goes to the token server only.
        clock: Seconds that only rise.

    """

    def __init__(
        self,
        settings: ProviderSettings,
        client_id: str,
        client_secret: SecretStr,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._client = client_id
        self._secret = client_secret.get_secret_value()
        self._clock = clock
        self._session: _Session | None = None
        self._ims = self._rest(settings.firefly_ims_url, {})
        self.results = self._rest(settings.firefly_base_url, {}, *settings.firefly_result_hosts)
        """Fetches without token or key, since results lie on hosts that may see neither."""

    @property
    def has_token(self) -> bool:
        """Say whether the next request goes with a token that was used before."""
        return self._session is not None and self._clock() < self._session.until

    def api(self, model: str) -> Rest:
        """Return who asks with a token that is good for a while yet; it may ask for one first.

        Raises:
            NotConfigured: The token server does not know the credential.
            TryAgain: It did not answer; nothing else was sent.

        """
        if self._session and self.has_token:
            return self._session.rest
        self.forget()
        asked_at = self._clock()
        token, lasts = self._token(model)
        headers = {"Authorization": f"Bearer {token}", "x-api-key": self._client}
        hosts = self._settings.firefly_hosts
        rest = self._rest(self._settings.firefly_base_url, headers, *hosts, secrets=(token,))
        self._session = _Session(rest, asked_at + max(lasts - EARLY, 0.0))
        return rest

    def forget(self) -> None:
        """Use the token no more."""
        if self._session:
            self._session.rest.close()
        self._session = None

    def close(self) -> None:
        """Close the connections."""
        self.forget()
        self._ims.close()
        self.results.close()

    def _token(self, model: str) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client,
            "client_secret": self._secret,
            "scope": SCOPE,
        }
        reply = self._ims.json(
            "POST", "/ims/token/v3", form=form, model=model, sent_is_billed=False
        )
        if not reply.ok:
            error = usual(reply, NAME, model)
            if isinstance(error, errors.TryAgain):
                raise error
            said = "no token was given; check the client id, its secret and its scopes"
            raise ended(errors.NotConfigured, reply, NAME, model, said, code=told_code(reply))
        token, lasts = text_at(reply.data, "access_token"), reply.data.get("expires_in")
        if not token or not isinstance(lasts, int) or lasts <= 0:
            said = "the token server answered without a token"
            raise ended(errors.Unavailable, reply, NAME, model, said)
        return token, float(lasts)

    def _rest(
        self, base: str, headers: Mapping[str, str], *hosts: str, secrets: tuple[str, ...] = ()
    ) -> Rest:
        return Rest(
            NAME,
            base,
            headers,
            timeout=self._settings.image_timeout,
            max_bytes=MAX_ANSWER,
            connect=self._settings.connect_timeout,
            proxy=self._settings.proxy,
            secrets=(*self._settings.secrets, self._secret, *secrets),
            hosts=hosts,
        )


def told_code(reply: Reply) -> str:
    """Return Adobe's name for a fault, or an empty string."""
    said = reply.data.get("error_code") or reply.data.get("error")
    return said[:80] if isinstance(said, str) else ""
