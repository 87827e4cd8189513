"""Whether a request that changes something comes from our own page.

Three guards, of which each alone stops what we know of: the browser's own word (``Sec-Fetch-Site``,
W3C Fetch Metadata), the ``Origin`` header (RFC 6454), and a token that other pages cannot read.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from review.access.sessions import Session, same


def cross_site(headers: Mapping[str, str], origin: str) -> str:
    """Say why a request does not come from a page of ours, or return an empty string.

    Args:
        headers: The request's, with lower-case names.
        origin: Where our pages are served, such as ``http://127.0.0.1:4300``.

    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "the browser says that another site asks"
    said = headers.get("origin")
    if said is None:
        return "it names no origin"
    return "" if said == origin else "it comes from another origin"


def sealed(session: Session, nonce: str) -> str:
    """Return the token of one form that is given out to a session.

    The session's own secret is never in a page: what a page says differs from form to form, so
    that nothing can be guessed from how well a page compresses (BREACH).
    """
    return hmac.new(session.csrf.encode(), nonce.encode(), sha256).hexdigest()


def forged(session: Session, nonce: str, token: str) -> str:
    """Say why a form was not given out to this session, or return an empty string."""
    known = bool(nonce) and same(sealed(session, nonce), token)
    return "" if known else "its token is not that of this session"
