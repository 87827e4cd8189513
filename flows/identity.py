"""The organization's identity provider, as this installation was told of it."""

import time

from flows.desk import Desk
from flows.settings import Settings
from providers.wire import guarded_client
from review.access.identity_provider import Client, IdentityProvider
from review.access.people import Person
from review.access.roles import Grant
from review.access.sessions import Session

MOST_BYTES = 1_000_000
"""The longest answer: descriptions and keys have some thousands."""
CONNECT, DEADLINE = 5.0, 10.0
"""Seconds; a person waits."""


def identity_provider(settings: Settings, back: str) -> IdentityProvider:
    """Return the identity provider.

    Args:
        settings: With its issuer.
        back: The address of the review page that it sends people back to.

    """
    client = Client(
        issuer=settings.oidc_issuer,
        id=settings.oidc_client_id,
        secret=settings.oidc_client_secret,
        scope=settings.oidc_scope,
        groups_claim=settings.oidc_groups_claim,
    )
    wire = guarded_client(max_bytes=MOST_BYTES, connect=CONNECT, deadline=DEADLINE)
    return IdentityProvider(client, wire, back, Desk.now, time.monotonic)


def of_groups(settings: Settings, session: Session) -> Person | None:
    """Return somebody with the roles that their groups have now, or None where they have none."""
    held = tuple(
        Grant.parse(one) for group in session.groups for one in settings.oidc_roles.get(group, ())
    )
    if not held:
        return None
    return Person(
        id=session.person, name=session.name, grants=held, proof="oidc", groups=session.groups
    )
