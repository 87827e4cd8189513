"""What a campaign delivered, in a form that machines audit."""

from typing import Literal

from pydantic import AwareDatetime

from creative.choice import Choice
from creative.concept import Concept
from creative.decision import Decision
from creative.input_file import InputFile
from creative.rendition import Rendition
from creative.value import Value


class Cost(Value):
    """An asset's exact share of the money, as decimal text in the report's currency."""

    currency: str
    direct: str
    """Paid for this asset alone."""
    allocated: str
    """Its share of what several assets have in common."""


class Why(Value):
    """What somebody said that had a rendition made anew."""

    by: str
    code: str = ""
    """Of the acceptance policy; empty for an edit."""
    note: str = ""
    """Their words; of an edit, the line as they wrote it."""


class Replaced(Value):
    """The version that a rendition took the place of."""

    asset: str
    """Its name, with the version."""
    sha256: str
    how: Literal["copy", "picture", "layout", "edit", "inputs"]
    """What is new: what was made again after a rejection, a line that a person wrote, or the
    brief, the brand, its words or the program."""
    because: tuple[Why, ...] = ()
    """Empty where only inputs changed."""
    rework: str = ""
    """The id of the rework in the log of acts."""
    attempt: str = ""
    """The request that it took; empty where none did."""


class ManifestAsset(Value):
    """One rendition, what was decided about it, and what it cost."""

    rendition: Rendition
    decision: Decision | None
    """None while it waits for a person."""
    delivered: str | None
    """The path below the campaign's folder, or None while it may not be delivered."""
    cost: Cost
    made_from: str = ""
    """The sha256 of the list of files, each with its version, that these bytes were made from: the
    blob store keeps it by this name. Empty in manifests from before it was kept."""
    replaces: Replaced | None = None
    """None of a first version."""


class Manifest(Value):
    """Every asset of one campaign, with its hashes, findings, decision, cost and provenance."""

    schema_version: Literal[1] = 1
    campaign: str
    run: str
    brief_sha256: str
    brand_sha256: str
    made_by: str
    """The program and its version."""
    decisions_head: str
    """The newest link of the chain of decisions when this was written: with it, a log that was cut
    off at its end is found."""
    decisions_key: str = ""
    """The id of the key that signs them; empty in manifests from before they were signed."""
    ledger_head: str = ""
    """The same of the ledger, as ``NUMBER:SHA256``; empty while nothing was ever posted."""
    at: AwareDatetime
    concepts: tuple[Concept, ...]
    redrawn: tuple[Concept, ...] = ()
    """The key visuals that were drawn again for some renditions, after somebody rejected them."""
    choice: Choice
    assets: tuple[ManifestAsset, ...]
    inputs: tuple[InputFile, ...] = ()
    """Every file that the run rests on now; what it took up as it was may be of older ones. Empty
    in manifests from before they were kept."""
    failed_locales: dict[str, str]
    """Locales that have no copy, and why. They are never filled with another language."""
