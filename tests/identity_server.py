"""An organization's identity provider on loopback: a real one over HTTP, as small as it can be.

It keeps who signed in by which code, checks PKCE, our secret and the return address, and signs.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from loopback import Asked, Loopback, Told

ID, SECRET = "kampanj page", "a secret: with / signs"
Key = ECKey | OctKey


@dataclass
class IdentityServer:
    """One provider. What it signs can be made wrong."""

    claims: dict[str, Any] = field(default_factory=dict)
    """Of whoever signs in; with None, a claim is left out."""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    published: list[Key] | None = None
    """None publishes the key it signs with."""
    twist: Callable[[str], str] = str
    """Changes a token after it was signed."""
    description: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    server: Loopback = field(init=False)

    def __post_init__(self) -> None:
        """Make the server, which starts with ``with``."""
        self.server = Loopback(self._answer)

    @property
    def issuer(self) -> str:
        """Return its name."""
        return self.server.url

    def visit(self, address: str) -> str:
        """Sign somebody in at an address that we sent them to, and return where they go back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", ID)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def _answer(self, asked: Asked) -> Told:
        if asked.path == "/.well-known/openid-configuration":
            told = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }
            return Told(200, {**told, **self.description})
        if asked.path == "/keys":
            keys = self.published or [self.key]
            return Told(200, {"keys": [one.as_dict(private=False) for one in keys]})
        if asked.path == "/token":
            return self._token(asked)
        return Told(404)

    def _token(self, asked: Asked) -> Told:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        pair = base64.b64encode(b"kampanj%20page:a%20secret%3A%20with%20%2F%20signs").decode()
        # A code works once.
        begun = self.codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked.headers.get("authorization") != f"Basic {pair}":
            return Told(401, {"error": "invalid_client"})
        if begun is None or challenge != begun["code_challenge"]:
            return Told(400, {"error": "invalid_grant"})
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": ID,
            "sub": "sub-7",
            "name": "Ada Ek",
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in said.items() if value is not None}
        header = {"alg": "ES256", "kid": self.key.kid}
        token = jwt.encode(header, claims, self.key, algorithms=["ES256"])
        return Told(200, {"id_token": self.twist(token), "token_type": "Bearer"})


def unsigned(token: str) -> str:
    """Return a token that says it needs no signature."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def altered(token: str) -> str:
    """Return a token whose claims were changed after it was signed."""
    header, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    said = json.dumps({**claims, "sub": "sub-1"}).encode()
    return f"{header}.{base64.urlsafe_b64encode(said).decode().rstrip('=')}.{signature}"


def signed_by_its_public_key(token: str, pem: bytes) -> str:
    """Return a token of these claims that takes a public key for a secret that two share."""
    body = token.split(".")[1]
    start = json.dumps({"alg": "HS256", "kid": "one"}).encode()
    header = base64.urlsafe_b64encode(start).decode().rstrip("=")
    made = hmac.new(pem, f"{header}.{body}".encode(), sha256).digest()
    return f"{header}.{body}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"
