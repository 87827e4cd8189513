"""Heads of the logs, published outside of the database: what is cut off the log shows by them.

A checkpoint is a small signed JSON file. It belongs where whoever can write to the database cannot:
another machine, a bucket with a retention lock, a git repository. Each names the one before it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import AwareDatetime, ValidationError
from sqlalchemy import Engine

from cost_tracking.database import reading
from creative.value import Value, fingerprint
from providers.storage.whole import write_once
from review.chain import START, Chain
from review.signing import Keys, Signature

_PURPOSE = "checkpoint"
_NAME = re.compile(r"checkpoint-([0-9]{6,})\.json")


class End(Value):
    """Where one chain ended."""

    seq: int
    sha256: str
    rows: int


class Checkpoint(Value):
    """Where every chain ended at one moment."""

    number: int
    at: AwareDatetime
    heads: dict[str, End]
    """By the chain's name."""
    previous: str
    """The fingerprint of the checkpoint before it."""
    key_id: str
    signature: str

    @property
    def said(self) -> str:
        """Return the fingerprint of what is signed."""
        left_out = {"key_id", "signature"}
        return fingerprint(self.model_dump(mode="json", exclude=left_out))


class Checkpoints:
    """The checkpoints in one folder.

    Args:
        folder: Where they are published.
        keys: Who signs them.
        chains: What they are of.

    """

    def __init__(self, folder: Path, keys: Keys, chains: Sequence[Chain]) -> None:
        self._folder = folder
        self._keys = keys
        self._chains = chains

    def publish(self, engine: Engine, at: AwareDatetime) -> Checkpoint:
        """Write down where the chains end now; if nothing came since, the newest stands.

        Raises:
            OSError: The folder cannot be written to.

        """
        made = self._published(engine, at)
        while made is None:
            made = self._published(engine, at)
        return made

    def _published(self, engine: Engine, at: AwareDatetime) -> Checkpoint | None:
        """Return the newest checkpoint, or None where another process took its number just now."""
        with reading(engine) as connection:
            heads = {one.name: one.head(connection) for one in self._chains}
        ends = {name: End(**head._asdict()) for name, head in heads.items()}
        before = list(self._kept())
        if before and isinstance(before[-1][1], Checkpoint) and before[-1][1].heads == ends:
            return before[-1][1]
        last = before[-1][1] if before else None
        draft = Checkpoint(
            number=before[-1][0] + 1 if before else 1,
            at=at,
            heads=ends,
            previous=last.said if isinstance(last, Checkpoint) else START,
            key_id=self._keys.key_id,
            signature="",
        )
        signature = self._keys.sign(_PURPOSE, draft.said)
        made = draft.model_copy(update={"signature": signature.value})
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"checkpoint-{made.number:06}.json"
        whole = write_once(place, made.model_dump_json(indent=2).encode())
        return made if whole else None

    def faults(self, engine: Engine) -> list[str]:
        """Return what the published heads say is wrong with the logs, or with themselves."""
        said: list[str] = []
        previous = None
        with reading(engine) as connection:
            for number, one in self._kept():
                called = f"checkpoint {number}"
                if isinstance(one, str):
                    said.append(f"{called} {one}")
                    continue
                if not self._keys.holds(_PURPOSE, one.said, Signature(one.key_id, one.signature)):
                    said.append(f"{called} was not signed by a key that is trusted here")
                if previous is not None and one.previous != previous:
                    said.append(f"{called} does not follow the one before it")
                previous = one.said
                for chain in self._chains:
                    end = one.heads.get(chain.name)
                    if end is None:
                        continue
                    found = chain.at(connection, end.sha256)
                    if found is None:
                        lost = f"{end.rows} rows of the log `{chain.name}` up to {end.seq}"
                        said.append(f"{called} knows {lost}, and the last of them is gone")
                    elif found.rows != end.rows:
                        known = f"{end.rows} rows of the log `{chain.name}`"
                        said.append(f"{called} knows {known} where there are {found.rows} now")
        return said

    def _kept(self) -> Iterator[tuple[int, Checkpoint | str]]:
        """Yield each checkpoint by its number, or what is wrong with its file."""
        for path in sorted(self._folder.glob("checkpoint-*.json")):
            named = _NAME.fullmatch(path.name)
            if named is None:
                continue
            try:
                one = Checkpoint.model_validate_json(path.read_bytes())
            except ValidationError:
                yield int(named[1]), "is not one of ours; restore its file"
                continue
            right = one.number == int(named[1])
            yield int(named[1]), one if right else "has the number of another; restore its file"
