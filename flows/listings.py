"""The lists that people look things up in. Nothing is built or sent for them, so they come fast."""

from datetime import datetime
from typing import Any

from flows.price_file import priced
from flows.settings import Settings
from providers import registry
from providers.images.base import ImageCapabilities

OLD = 60
"""Days after which a price should be looked up again."""
SOON = 60
"""Days before a model ends at which we say so."""


def providers(settings: Settings) -> list[dict[str, Any]]:
    """Return every provider of every kind, with what it lacks."""
    told = settings.providers
    return [
        {
            "kind": kind,
            "provider": name,
            "ready": not registry.lacking(name, told),
            "lacks": registry.lacking(name, told),
        }
        for kind in registry.GROUPS
        for name in registry.names(kind)
    ]


def models(settings: Settings) -> list[dict[str, Any]]:
    """Return every model that draws, with the pictures that it follows."""
    return [
        {
            "model": f"{one.provider}/{one.model}{' (default)' if one.default else ''}",
            "products": _products(one.capabilities),
            "sketch": _sketch(one.capabilities),
            "about pictures": one.about_references,
            "ends": f"{one.retires_on or ''}",
        }
        for one in registry.models(settings.providers).model
        if one.operation == "image"
    ]


def _products(able: ImageCapabilities) -> str:
    if able.imports or able.placeholder:
        return "draws without"
    if not able.max_references:
        return "refused"
    needs = ", needs it" if able.needs_references else ""
    return f"{able.max_references}{needs}"


def _sketch(able: ImageCapabilities) -> str:
    if able.redraws == "never":
        return "not followed"
    if able.redraws:
        needs = ", needs it" if able.needs_sketch else ""
        return f"{able.redraws}{needs}"
    return "among them" if able.max_references else "not followed"


def prices(settings: Settings, now: datetime, *, check: bool) -> tuple[list[dict[str, Any]], bool]:
    """Return the price book's rows, or only those that need a look, and whether any does."""
    book, today = priced(settings), now.date()
    old = {price.id for price in book.stale(today, OLD)}
    ending = {price.id for price in book.retiring(today, SOON)}
    rows = [
        {
            "price": price.id,
            "rates": "free"
            if price.free
            else ", ".join(
                f"{rate.amount} {price.currency} per {rate.per:,} {rate.unit}"
                for rate in price.rates
            ),
            "from": str(price.effective_from),
            "checked": f"{price.checked_on}{' (old)' if price.id in old else ''}",
            "ends": f"{price.retires_on or ''}",
            "source": price.source,
        }
        for price in book.prices
        if not check or price.id in old | ending
    ]
    return rows, check and bool(rows)
