"""Lines that people wrote in review, entered in the brand's memory so that all campaigns say them.

Each file is checked before any is written, and is then there whole or as it was.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cost_tracking.runs import Run
from creative.amendment import Edit, edits
from creative.brief_file import load_brief
from creative.problem import InvalidInput
from creative.yaml_file import fit, parse_document
from flows.desk import Desk
from flows.exits import WrongInput
from localization.copy_text import one_space
from localization.memory import Memory, MemoryFile, State
from providers.storage.whole import write_whole


def standing(desk: Desk, run: Run) -> tuple[Edit, ...]:
    """Return the newest edit of each line of a campaign, the oldest first."""
    newest = {
        (one.locale, one.slot, one_space(one.source)): one
        for one in edits(desk.acts.amendments(run.campaign))
    }
    return tuple(sorted(newest.values(), key=lambda one: one.at))


def remember(run: Run, lines: Iterable[Edit]) -> tuple[Path, ...]:
    """Enter them in the memory of the brand, as approved by who wrote them, and say where.

    What was written for the message's own language is left out: the brief says it there.

    Raises:
        InvalidInput: The brief or a file of the memory is wrong; nothing was written.
        WrongInput: The brand has no memory.

    """
    loaded = load_brief(Path(run.brief_path))
    folder = loaded.beside_brand(loaded.brand.memory)
    if folder is None:
        raise WrongInput(f"{loaded.brand_path} names no folder as `memory`; add one first")
    Memory.load(folder)
    by_locale: dict[str, list[Edit]] = {}
    for one in lines:
        if one.locale != loaded.brief.messaging.source_locale:
            by_locale.setdefault(one.locale, []).append(one)
    contents = {
        folder / f"{locale}.yaml": _content(folder / f"{locale}.yaml", locale, theirs)
        for locale, theirs in by_locale.items()
    }
    for path, content in contents.items():
        write_whole(path, content)
    return tuple(contents)


def _content(path: Path, locale: str, lines: Sequence[Edit]) -> bytes:
    """Return a file of the memory with these lines in it; its comments stay.

    Raises:
        InvalidInput: It would not be a memory.

    """
    yaml = YAML()
    yaml.width = 400
    data: Any = {"schema": 1, "locale": locale}
    if path.is_file():
        data = yaml.load(path.read_text("utf-8"))
    entries = data.setdefault("entries", [])
    for one in lines:
        line = {
            "slot": one.slot.value,
            "source": one.source,
            "target": one.text,
            "state": State.APPROVED.value,
            "by": one.by,
            "on": one.at.date(),
        }
        key = (one.slot.value, one_space(one.source))
        there = (it for it in entries if (it["slot"], one_space(it["source"])) == key)
        old = next(there, None)
        if old is None:
            entries.append(line)
        else:
            old.update(line)
    written = io.StringIO()
    yaml.dump(data, written)
    content = written.getvalue().encode()
    file, problems = fit(parse_document(path, content), MemoryFile)
    if file is None:
        raise InvalidInput(problems)
    return content
