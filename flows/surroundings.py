"""What this machine and installation have and lack."""

import importlib.metadata
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from composition.engine import check_shaping
from composition.errors import ShapingUnavailable
from composition.order import Look
from cost_tracking.database import UnknownDatabase, open_database, sqlite_wal_warning
from cost_tracking.prices import price_book
from creative.brand import Colours
from flows.settings import Settings
from providers import registry

OLD = 60
"""Days after which a price should be looked up again."""
SOON = 60
"""Days before a model ends at which we say so."""
ROOM = 1_000_000_000
"""Bytes of free disk under which a campaign may not fit."""

_PLAIN = Look(colours=Colours(primary="#000000", background="#FFFFFF"), brand_name="kampanj")

Row = dict[str, str]


def providers(settings: Settings) -> list[dict[str, Any]]:
    """Return every provider of every kind, with what it lacks."""
    kinds: tuple[registry.Kind, ...] = ("image", "writing", "translation")
    return [
        {
            "kind": kind,
            "provider": name,
            "ready": not registry.lacking(name, settings.providers),
            "lacks": registry.lacking(name, settings.providers),
        }
        for kind in kinds
        for name in registry.names(kind)
    ]


def prices(now: datetime, *, check: bool) -> tuple[list[dict[str, Any]], bool]:
    """Return the price book's rows, or only those that need a look, and whether any does."""
    book, today = price_book(), now.date()
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


def doctor(settings: Settings, now: datetime) -> list[Row]:
    """Return what was looked at, each ``ok``, ``warning`` or ``fault``, with the mend."""
    return [
        *_shaping(),
        *_database(settings),
        *_disk(settings),
        *_keys(settings),
        *_dates(settings, now),
    ]


def _row(state: str, what: str, said: str) -> Row:
    return {"state": state, "what": what, "said": said}


def _shaping() -> Iterator[Row]:
    try:
        check_shaping(_PLAIN)
    except ShapingUnavailable as error:
        yield _row("fault", "shaping", str(error))
    else:
        yield _row("ok", "shaping", "Arabic, Hebrew, Hindi and Thai come out joined and in order")
    pillow = importlib.metadata.version("pillow")
    yield _row("ok", "pillow", pillow)


def _database(settings: Settings) -> Iterator[Row]:
    kind = "SQLite in the state folder" if settings.database_url is None else "the configured one"
    try:
        if settings.database_url or (settings.home / "kampanj.db").is_file():
            engine = open_database(settings.database)
            with engine.connect():
                yield _row("ok", "database", f"{kind} answers")
            engine.dispose()
        else:
            yield _row("ok", "database", f"{kind}; the first run makes it")
    except (SQLAlchemyError, UnknownDatabase) as error:
        said = type(error).__name__
        yield _row("fault", "database", f"{said}: check KAMPANJ_DATABASE_URL and the server")
    warning = sqlite_wal_warning() if settings.database_url is None else None
    if warning:
        yield _row("warning", "sqlite", warning)
    else:
        yield _row("ok", "sqlite", sqlite3.sqlite_version)


def _disk(settings: Settings) -> Iterator[Row]:
    place = settings.home if settings.home.is_dir() else settings.home.resolve().parent
    while not place.is_dir():
        place = place.parent
    free = shutil.disk_usage(place).free
    state = "ok" if free > ROOM else "warning"
    yield _row(state, "disk", f"{free / 1e9:.1f} GB free for the state folder")


def _keys(settings: Settings) -> Iterator[Row]:
    for name in sorted({one for kind in registry.GROUPS for one in registry.names(kind)}):
        lacks = registry.lacking(name, settings.providers)
        yield _row("warning" if lacks else "ok", name, lacks or "ready")


def _dates(settings: Settings, now: datetime) -> Iterator[Row]:
    today = now.date()
    for model in registry.models(settings.providers).ending(today, SOON):
        said = f"ends on {model.retires_on}; choose another in the brief's providers"
        yield _row("warning", f"{model.provider} {model.model}", said)
    old = price_book().stale(today, OLD)
    for price in old:
        said = f"last checked on {price.checked_on}; look it up at {price.source}"
        yield _row("warning", f"price {price.id}", said)
    if not old:
        yield _row("ok", "prices", f"all were checked within {OLD} days")
