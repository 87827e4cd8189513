"""What an organization's identity provider signs about a person, verified by ourselves.

A header that a proxy sets (``X-Forwarded-User``) proves nothing to us: whoever reaches our port can
set it. We take only a token that the provider has signed for us, for this sign-in, a moment ago.

Source: OpenID Connect Core 1.0, 3.1.3.7, https://openid.net/specs/openid-connect-core-1_0.html
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key
from pydantic import Field, ValidationError

from creative.value import Value
from review.access.people import Person
from review.access.roles import Grant

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""How it may be signed: with a private key. ``none`` and shared secrets are not among them, so that
nobody can have our copy of a public key taken for a secret."""
SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""
FRESH = timedelta(minutes=10)
"""How long ago it may have been signed."""
LONGEST = 16_000
"""Characters of a token."""
MOST_GROUPS = 1000


class NotVouched(Exception):
    """The identity provider does not vouch for anybody; the message says why."""


class Vouched(Value):
    """What the identity provider says of a person."""

    subject: str = Field(min_length=1, max_length=255)
    """Theirs for good, and nobody else's: never an address or a name, which are given anew."""
    name: str = Field(default="", max_length=120)
    groups: tuple[str, ...] = ()


def verified(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    audience: str,
    nonce: str,
    now: datetime,
    groups_claim: str,
) -> Vouched:
    """Return what an ID token says, if it is for us, for this sign-in, and of this moment.

    Args:
        token: As it came from the provider's own address.
        keys: The provider's public keys.
        issuer: The provider's name, which must be exactly that of the token.
        audience: The name under which we are known there.
        nonce: Of the browser that this sign-in was begun with.
        now: The present moment, in UTC.
        groups_claim: The claim that lists a person's groups.

    Raises:
        NotVouched: It is not such a token, or is signed by none of these keys.

    """
    if len(token) > LONGEST:
        raise NotVouched(f"its token has over {LONGEST:,} characters")
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise NotVouched(f"its token cannot be trusted ({type(error).__name__})") from error
    for why in _faults(claims, issuer, audience, nonce, now):
        raise NotVouched(f"its token {why}")
    try:
        return Vouched(
            subject=claims.get("sub", ""),
            name=str(claims.get("name") or "")[:120],
            groups=tuple(_groups(claims.get(groups_claim))),
        )
    except ValidationError as error:
        raise NotVouched("its token names nobody by a subject of 1 to 255 characters") from error


def _faults(
    claims: Mapping[str, Any], issuer: str, audience: str, nonce: str, now: datetime
) -> Iterable[str]:
    if claims.get("iss") != issuer:
        yield "is of another issuer"
    said = claims.get("aud")
    audiences = said if isinstance(said, list) else [said]
    if audience not in audiences:
        yield "is for another audience"
    party = claims.get("azp")
    if party not in (None, audience) or (len(audiences) > 1 and party != audience):
        yield "was given to another party"
    if claims.get("nonce") != nonce:
        yield "is of another sign-in"
    until, signed = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    here = now.timestamp()
    if until is None or here >= until + SKEW.total_seconds():
        yield "has run out"
    if signed is None or abs(here - signed) > (FRESH + SKEW).total_seconds():
        yield "was not signed just now"
    begins = claims.get("nbf")
    if begins is not None and (_seconds(begins) or here * 2) > here + SKEW.total_seconds():
        yield "does not hold yet"


def _seconds(said: object) -> float | None:
    number = isinstance(said, int | float) and not isinstance(said, bool)
    return float(said) if number else None  # type: ignore[arg-type]


def _groups(said: object) -> Iterable[str]:
    named = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return (one for one in named[:MOST_GROUPS] if isinstance(one, str) and len(one) <= 200)


def public_keys(document: object) -> KeySet:
    """Return the public keys of a key set document (RFC 7517) that can verify signatures.

    Kinds that we do not know are left out; so are shared secrets, which a public document could
    only hold to deceive us.

    Raises:
        NotVouched: It is no such document, or no key is left.

    """
    listed = document.get("keys") if isinstance(document, dict) else None
    keys = []
    for one in listed if isinstance(listed, list) else []:
        kind = one.get("kty") if isinstance(one, dict) else None
        if kind not in ("RSA", "EC", "OKP") or one.get("use", "sig") != "sig":
            continue
        try:
            keys.append(import_key({name: value for name, value in one.items() if name != "d"}))
        except (JoseError, ValueError):
            continue
    if not keys:
        raise NotVouched("it publishes no key that we can use")
    return KeySet(keys)


def person_of(vouched: Vouched, issuer: str, roles: Mapping[str, Sequence[str]]) -> Person | None:
    """Return a person with the roles that their groups have here, or None where they have none.

    Args:
        vouched: What the provider says.
        issuer: Of it. The person's id is made of both, so that it says nothing of who they are.
        roles: By group, as ``Grant.parse`` reads them.

    """
    grants = tuple(
        Grant.parse(one) for group in dict.fromkeys(vouched.groups) for one in roles.get(group, ())
    )
    if not grants:
        return None
    digest = sha256(f"{issuer}\n{vouched.subject}".encode()).hexdigest()
    known_by = f"oidc-{digest[:20]}"
    held = tuple(group for group in vouched.groups if group in roles)
    return Person(
        id=known_by, name=vouched.name or known_by, grants=grants, proof="oidc", groups=held
    )
