"""What this machine and installation have and lack."""

import importlib.metadata
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from composition.engine import check_shaping
from composition.errors import ShapingUnavailable
from composition.order import Look
from cost_tracking.database import UnknownDatabase, open_database, sqlite_wal_warning
from creative.brand import Colours
from creative.problem import InvalidInput
from flows.listings import OLD, SOON
from flows.price_file import priced
from flows.settings import Settings
from providers import registry
from providers.errors import NotConfigured, ProviderError, redact
from providers.settings import ProviderSettings
from review.signing import PRIVATE, BadKey, Keys

ROOM = 1_000_000_000
"""Bytes of free disk under which a campaign may not fit."""

_PLAIN = Look(colours=Colours(primary="#000000", background="#FFFFFF"), brand_name="kampanj")

Row = dict[str, str]


def doctor(settings: Settings, now: datetime, *, online: bool = False) -> list[Row]:
    """Return what was looked at, each ``ok``, ``warning`` or ``fault``, with the mend.

    Args:
        settings: Of this installation.
        now: The present moment, in UTC.
        online: Ask also each vendor that has a key whether it knows it, which is free.

    """
    return [
        *_shaping(),
        *_database(settings),
        *_disk(settings),
        *_keys(settings),
        *_signing(settings),
        *_plugins(settings),
        *_imports(settings, online=online),
        *(_reached(settings) if online else ()),
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
    plugged = {one for kind in registry.GROUPS for one in registry.plugged(kind)}
    known = {one for kind in registry.GROUPS for one in registry.names(kind)}
    for name in sorted(known - plugged):
        lacks = registry.lacking(name, settings.providers)
        yield _row("warning" if lacks else "ok", name, lacks or "ready")


def _signing(settings: Settings) -> Iterator[Row]:
    """Name the key that signs people's decisions; looking makes none."""
    folder = settings.home.resolve() / "keys"
    if not (folder / PRIVATE).is_file():
        yield _row("ok", "signing key", "the first decision makes it")
        return
    try:
        key = Keys(folder).key_id
    except (BadKey, OSError) as error:
        yield _row("fault", "signing key", str(error))
    else:
        yield _row("ok", "signing key", f"{key}; give {folder / key}.pub.pem to who audits")


def _plugins(settings: Settings) -> Iterator[Row]:
    """Build what installed packages bring: only they know what they lack."""
    builders: dict[registry.Kind, Callable[[str, ProviderSettings], object]] = {
        "image": registry.image_provider,
        "writing": registry.text_provider,
        "translation": registry.translator,
    }
    for kind, build in builders.items():
        for name in registry.plugged(kind):
            try:
                build(name, settings.providers)
            except NotConfigured as error:
                yield _row("warning", name, str(error))
            except Exception as error:  # noqa: BLE001 - a stranger's package may raise anything
                said = redact(str(error), *settings.providers.secrets)
                yield _row("fault", name, f"it cannot be built: {type(error).__name__}: {said}")
            else:
                yield _row("ok", name, f"ready ({kind}, of an installed package)")


def _imports(settings: Settings, *, online: bool) -> Iterator[Row]:
    """Read the sheet of the pictures that somebody brings; one in a bucket only if asked to."""
    place = settings.providers.imports_folder
    if not place or ("://" in place and not online):
        return
    try:
        registry.image_provider("import", settings.providers)
    except (InvalidInput, ProviderError) as error:
        yield _row("fault", "imports", str(error))
    else:
        yield _row("ok", "imports", f"{place}: every picture is declared and can be read")


def _reached(settings: Settings) -> Iterator[Row]:
    """Ask each account once: those of a region where it has another key or another address."""
    from providers.reach import ASKED, of

    told = settings.providers
    yield from _asked(told, ASKED, "")
    for region, there in told.regions.items():
        names = [name for name in ASKED if any(of(name, setting) for setting in there)]
        yield from _asked(told.at(region), names, f"@{region}")


def _asked(told: ProviderSettings, names: Iterable[str], where: str) -> Iterator[Row]:
    from providers.reach import reach

    for name in names:
        if registry.lacking(name, told):
            continue
        what = f"{name}{where} online"
        try:
            yield _row("ok", what, reach(name, told))
        except ProviderError as error:
            # Of Amazon nobody knows before whether this machine has keys.
            absent = isinstance(error, NotConfigured) and error.trace.status is None
            yield _row("warning" if absent else "fault", what, str(error))


def _dates(settings: Settings, now: datetime) -> Iterator[Row]:
    today = now.date()
    for model in registry.models(settings.providers).ending(today, SOON):
        gone = model.retires_on is not None and model.retires_on < today
        ends = f"{'ended' if gone else 'ends'} on {model.retires_on}"
        said = f"{ends}; choose another in the brief's providers"
        yield _row("warning", f"{model.provider} {model.model}", said)
    try:
        old = priced(settings).stale(today, OLD)
    except InvalidInput as error:
        yield _row("fault", "prices", str(error))
        return
    for price in old:
        said = f"last checked on {price.checked_on}; look it up at {price.source}"
        yield _row("warning", f"price {price.id}", said)
    if not old:
        yield _row("ok", "prices", f"all were checked within {OLD} days")
