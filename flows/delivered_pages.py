"""The pages that lie beside a campaign's files, read back from where they were delivered.

A folder or a bucket is written to by others as well, and these are shown under the review page's
own address: so the sha256 of each page is kept here, and other bytes are not shown.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cost_tracking.runs import Run
from flows.desk import Desk
from flows.run_options import RunOptions
from providers import registry
from providers.errors import NotStored
from providers.storage.whole import write_whole


def keep(desk: Desk, run: str, digests: Mapping[str, str]) -> None:
    """Write down which pages a run has delivered: the sha256 of each, by its name."""
    write_whole(_path(desk, run), json.dumps(dict(digests)).encode())


def read(desk: Desk, run: Run, name: str) -> bytes:
    """Return a page as a run delivered it.

    Raises:
        NotStored: The run delivered no such page, or other bytes lie there by now.
        ProviderError: Where it was delivered cannot be reached.

    """
    path = _path(desk, run.id)
    digest = json.loads(path.read_bytes()).get(name) if path.is_file() else None
    if digest is None:
        raise NotStored("delivery", f"run {run.id} has delivered no {name} yet")
    place = RunOptions.model_validate(run.options).out
    content = registry.storage(place, desk.settings.providers).get(f"{run.campaign}/{name}")
    if sha256(content).hexdigest() != digest:
        raise NotStored("delivery", f"{name} is not the one that run {run.id} has delivered")
    return content


def _path(desk: Desk, run: str) -> Path:
    return desk.home / "manifests" / f"{run}.pages.json"
