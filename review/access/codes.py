"""A personal code: proves for some minutes who types it into a form that knows nobody.

Prefect's own sign-in is one password for all, so what is typed into its forms is bound to a person
by a code that the review page or the command line gives to that person, for one campaign: to
decide about it, or to ask for it.
"""

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from review.signing import Keys, Signature

Use = Literal["code", "code to start"]
TO_DECIDE: Use = "code"
TO_START: Use = "code to start"
"""What a code is good for. It is what is signed for, so that neither passes for the other."""
LIFETIME = timedelta(minutes=15)
LONGEST = 1000


class BadCode(Exception):
    """The code proves nothing; the message says why and where a new one is had."""


class Claim(NamedTuple):
    """What a code says."""

    person: str
    campaign: str
    nonce: str


def issue(keys: Keys, person: str, campaign: str, at: datetime, use: Use = TO_DECIDE) -> str:
    """Return a code for a person and a campaign, good for ``LIFETIME``, to be used once."""
    until = int((at + LIFETIME).timestamp())
    said = json.dumps([person, campaign, until, secrets.token_urlsafe(9)])
    signature = keys.sign(use, said)
    parts = (said.encode(), signature.key_id.encode(), bytes.fromhex(signature.value))
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)


def read(keys: Keys, code: str, campaign: str, at: datetime, use: Use = TO_DECIDE) -> Claim:
    """Return who a code is of.

    Its nonce must still be used up by the act, so that it works once.

    Raises:
        BadCode: It is not ours, for another use or campaign, or too old.

    """
    try:
        said, key_id, value = (_bytes(part) for part in code.strip()[:LONGEST].split("."))
        signature = Signature(key_id.decode("ascii"), value.hex())
        person, named, until, nonce = json.loads(said)
        holds = keys.holds(use, said.decode(), signature)
    except ValueError as error:
        raise BadCode(_again("this is no code of ours", campaign, use)) from error
    if not holds:
        raise BadCode(_again(f"this was not given out here as a {use}", campaign, use))
    if named != campaign:
        raise BadCode(_again(f"this code is for campaign {named}", campaign, use))
    if at.timestamp() > until:
        raise BadCode(_again("this code has run out", campaign, use))
    return Claim(person, named, nonce)


def _bytes(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _again(why: str, campaign: str, use: Use) -> str:
    start = " --start" if use == TO_START else ""
    return f"{why}; get a new one on the review page, or by `kampanj review code {campaign}{start}`"
