"""What the steps work with: the database, the stores and the books, opened from the settings."""

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine, make_url

from cost_tracking.assets import Assets
from cost_tracking.attempts import Attempts
from cost_tracking.books import seals
from cost_tracking.books.head import Head
from cost_tracking.books.point import AsOf
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, reading, upgrade
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.rate_store import all_rates
from cost_tracking.exchange.rates import Rates
from cost_tracking.orders import OPEN
from cost_tracking.policy import Policy
from cost_tracking.prices import PriceBook
from cost_tracking.recovery import Recovery
from cost_tracking.runs import Run, Runs
from cost_tracking.waiting.claims import Claims
from creative.back_translation import BackTranslation
from creative.concept import Concept
from creative.copy_deck import CopyDeck
from creative.decision import Decision
from creative.manifest import Manifest
from creative.rendition import Rendition
from creative.value import Value
from flows.damage import damaged_manifest
from flows.owner import is_dead, this_process
from flows.policy_file import policy_in_force
from flows.price_file import priced
from flows.settings import Settings
from providers.storage.blobs import Blobs
from providers.storage.whole import write_whole
from review.access.people import People, load_people
from review.acts import Acts
from review.checkpoints import Checkpoints
from review.choices import Choices
from review.decisions import Decisions
from review.reworks import Reworks
from review.signing import Keys
from review.waits import Waits


class Drawn(Value):
    """What a run has drawn to choose from."""

    concepts: tuple[Concept, ...]


class Spoken(Value):
    """What a run says in each locale."""

    decks: tuple[CopyDeck, ...]


class BackTranslations(Value):
    """What a run says, in the language of the brief."""

    said: tuple[BackTranslation, ...]


@dataclass(frozen=True)
class Desk:
    """One process's view of the state."""

    settings: Settings
    engine: Engine
    owner: str

    @staticmethod
    def now() -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    @property
    def who(self) -> str:
        """Return who acts."""
        return self.settings.who

    @property
    def database_name(self) -> str:
        """Return the database's address without its password."""
        return make_url(self.settings.database).render_as_string(hide_password=True)

    @property
    def home(self) -> Path:
        """Return the state folder."""
        return self.settings.home.resolve()

    @property
    def mirror(self) -> Path:
        """Return the copy of the ledger in columns, or where it would lie."""
        return self.home / "mirror.duckdb"

    @property
    def rendered(self) -> Path:
        """Return the folder of composed files, each named by its sha256.

        They can be drawn again from what was paid for, so they are kept apart from it.
        """
        return self.home / "renditions"

    def rendered_file(self, digest: str, file_format: str) -> Path:
        """Return where a composed file lies, or would."""
        return self.rendered / f"{digest}.{file_format}"

    def holds_rendered(self, digest: str, file_format: str) -> bool:
        """Say whether a composed file is there and whole; one that is not is drawn again."""
        path = self.rendered_file(digest, file_format)
        return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest

    @cached_property
    def blobs(self) -> Blobs:
        """Return the store of what was paid for, and of every brief that was run."""
        return Blobs(self.home / "blobs")

    @cached_property
    def attempts(self) -> Attempts:
        """Return the attempts."""
        return Attempts(self.engine, self.now, self.owner, books=self.books)

    @cached_property
    def recovery(self) -> Recovery:
        """Return what mends what a crash left behind."""
        return Recovery(self.engine, self.now, self.owner, books=self.books)

    @cached_property
    def budgets(self) -> Budgets:
        """Return the budgets."""
        return Budgets(self.engine, self.now)

    @cached_property
    def assets(self) -> Assets:
        """Return the versions of every rendition."""
        return Assets(self.engine, self.now)

    @cached_property
    def runs(self) -> Runs:
        """Return the runs."""
        return Runs(self.engine, self.now)

    @cached_property
    def choices(self) -> Choices:
        """Return the picks of concepts."""
        return Choices(self.engine)

    @cached_property
    def decisions(self) -> Decisions:
        """Return the log of decisions."""
        return Decisions(self.engine, self.keys)

    @cached_property
    def keys(self) -> Keys:
        """Return the keys that sign what people decide."""
        return Keys(self.home / "keys")

    @cached_property
    def acts(self) -> Acts:
        """Return where people's acts are done."""
        return Acts(self.engine, self.keys, self.now)

    @cached_property
    def waits(self) -> Waits:
        """Return what waits for people."""
        return Waits(self.engine, self.now)

    @cached_property
    def claims(self) -> Claims:
        """Return who alone is at what."""
        return Claims(self.engine, self.now, self.owner, is_dead)

    @cached_property
    def reworks(self) -> Reworks:
        """Return what is made again."""
        return Reworks(self.engine, self.acts.chain)

    @property
    def people(self) -> People | None:
        """Return who may do what, as the file has it now; None where nobody has said it.

        Raises:
            InvalidInput: The file is wrong, or is not signed as it stands.

        """
        path = self.settings.people
        return load_people(path, self.keys) if path else None

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Return where the ends of the logs are published."""
        folder = self.settings.checkpoints or self.home / "checkpoints"
        return Checkpoints(folder, self.keys, (self.decisions.chain, self.acts.chain))

    @cached_property
    def prices(self) -> PriceBook:
        """Return the price book, with what the installation's own price file says."""
        return priced(self.settings)

    @cached_property
    def rates(self) -> Rates:
        """Return the rates of exchange that ship with us, and those that were imported."""
        return all_rates(self.engine)

    def rates_then(self, then: AsOf | None) -> Rates:
        """Return the rates that were known at a point of the books, shared by all who ask."""
        if then is None:
            return self.rates
        if then.at not in self._rates_then:
            self._rates_then[then.at] = all_rates(self.engine, then.at)
        return self._rates_then[then.at]

    @cached_property
    def _rates_then(self) -> dict[datetime, Rates]:
        return {}

    @cached_property
    def books(self) -> Books | None:
        """Return the currency that the books are kept in; None where nobody has named one."""
        currency = self.settings.books_currency
        return Books(currency, self.rates) if currency else None

    @cached_property
    def policy(self) -> Policy:
        """Return what tells working from non-working money."""
        return policy_in_force(self.settings)

    def run_named(self, name: str) -> Run:
        """Return the newest run of a campaign, or a run by its id.

        Raises:
            UnknownRun: There is neither.

        """
        newest = self.runs.latest(name)
        return newest or self.runs.get(name)

    def manifest_path(self, run: str) -> Path:
        """Return where the manifest of a run is kept, beside the copy that was delivered."""
        return self.home / "manifests" / f"{run}.json"

    def manifest(self, run: str) -> Manifest:
        """Return what a run made.

        Raises:
            ValueError: It has made nothing yet.
            InvalidInput: What says what it made was changed or damaged.

        """
        path = self.manifest_path(run)
        if not path.is_file():
            raise ValueError(f"run {run} has made nothing yet; go on with `kampanj resume {run}`")
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise damaged_manifest(path) from error

    def keep_manifest(self, manifest: Manifest) -> bytes:
        """Write down what a run made, and return the file's bytes. Hold it meanwhile."""
        content = manifest.model_dump_json(indent=1).encode()
        write_whole(self.manifest_path(manifest.run), content)
        return content

    def delivered_path(self, run: str) -> Path:
        """Return where the manifest is kept as it was delivered: an edit changes the other one."""
        return self.home / "manifests" / f"{run}.delivered.json"

    @contextmanager
    def holding(self, run: str) -> Iterator[None]:
        """Keep everyone else on this machine from changing the manifest of a run meanwhile."""
        path = self.home / "manifests" / f"{run}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            # Each opening of the file is a lock of its own, also between threads of one process.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def keep_concepts(self, run: str, concepts: Iterable[Concept]) -> None:
        """Write down what a run has drawn, for people to choose from while no process waits."""
        told = Drawn(concepts=tuple(concepts))
        write_whole(self._concepts_path(run), told.model_dump_json(indent=1).encode())

    def concepts(self, run: str) -> tuple[Concept, ...]:
        """Return the concepts that a run has drawn.

        Raises:
            ValueError: It has drawn none yet.

        """
        path = self._concepts_path(run)
        if not path.is_file():
            raise ValueError(f"run {run} has drawn nothing yet; go on with `kampanj resume {run}`")
        return Drawn.model_validate_json(path.read_bytes()).concepts

    def _concepts_path(self, run: str) -> Path:
        return self.home / "manifests" / f"{run}.concepts.json"

    def keep_copy(self, run: str, decks: Iterable[CopyDeck]) -> None:
        """Write down the words of a run, for people to read beside its renditions."""
        told = Spoken(decks=tuple(decks))
        write_whole(self._copy_path(run), told.model_dump_json(indent=1).encode())

    def copy(self, run: str, locale: str, deck: str) -> Mapping[str, str]:
        """Return the words on a run's renditions by slot; empty where they are not known here.

        Args:
            run: Its id.
            locale: Of the renditions.
            deck: The sha256 of the words on them.

        """
        found = self.decks(run).get(deck)
        if found is None or found.locale != locale:
            return {}
        return {slot.value: one.text for slot, one in found.lines.items()}

    def decks(self, run: str) -> Mapping[str, CopyDeck]:
        """Return the words of a run's renditions by their sha256, as far as they are known here."""
        path = self._copy_path(run)
        if not path.is_file():
            return {}
        decks = Spoken.model_validate_json(path.read_bytes()).decks
        return {one.sha256: one for one in decks}

    def keep_back_translations(self, run: str, said: Iterable[BackTranslation]) -> None:
        """Write down what the words of a run say in the language of the brief."""
        told = BackTranslations(said=tuple(said))
        write_whole(self._back_path(run), told.model_dump_json(indent=1).encode())

    def back_translations(self, run: str) -> tuple[BackTranslation, ...]:
        """Return what the words of a run said when somebody said them back; none if nobody did."""
        path = self._back_path(run)
        if not path.is_file():
            return ()
        return BackTranslations.model_validate_json(path.read_bytes()).said

    def _back_path(self, run: str) -> Path:
        return self.home / "manifests" / f"{run}.back.json"

    def _copy_path(self, run: str) -> Path:
        return self.home / "manifests" / f"{run}.copy.json"

    def publish(self) -> None:
        """Publish where the logs of people's acts and decisions end now."""
        self.checkpoints.publish(self.engine, self.now())

    def decided(
        self, renditions: Iterable[Rendition], until: datetime | None = None
    ) -> Mapping[str, Decision]:
        """Return the newest decision on exactly these bytes, by the rendition's name.

        Args:
            renditions: Of any campaigns.
            until: The last moment that counts; None for now.

        """
        renditions = tuple(renditions)
        found: dict[str, Decision] = {}
        for campaign in {one.name.campaign for one in renditions}:
            newest = self.decisions.newest(campaign, until)
            for one in renditions:
                decision = newest.get((str(one.name), one.sha256))
                if decision:
                    found[str(one.name)] = decision
        return found

    def made_from(self, renditions: Iterable[Rendition]) -> Mapping[str, str]:
        """Return the sha256 of the list of files that each rendition was made from, by its name.

        What was made before that was kept is left out.
        """
        found: dict[str, str] = {}
        by_campaign: dict[str, dict[str, Rendition]] = {}
        for one in renditions:
            by_campaign.setdefault(one.name.campaign, {})[str(one.name)] = one
        for campaign, its in by_campaign.items():
            for asset in self.assets.history(campaign):
                name = f"{asset.slot}_v{asset.version}"
                if name in its and asset.made_from:
                    found[name] = asset.made_from
        return found

    def seal(self) -> Head | None:
        """Seal the books up to now, and write their head down outside of the database.

        Returns:
            The head, or None while nothing was ever posted.

        """
        sealed = seals.seal(self.engine, self.now())
        if sealed is None:
            return None
        if str(sealed.head) not in map(str, self.heads()):
            self.home.mkdir(parents=True, exist_ok=True)
            with self._heads.open("a", encoding="ascii") as file:
                file.write(f"{sealed.head}\n")
        return sealed.head

    def sealed(self, until: int) -> Head | None:
        """Return the newest head that reaches no further than an entry; None before the first."""
        with reading(self.engine) as connection:
            newest = seals.newest(connection, until)
        return newest.head if newest else None

    def heads(self) -> tuple[Head, ...]:
        """Return the heads that were written down here.

        Raises:
            ValueError: A line of the file is none.

        """
        if not self._heads.is_file():
            return ()
        lines = self._heads.read_text(encoding="ascii").splitlines()
        return tuple(Head.read(line) for line in lines if line)

    @property
    def _heads(self) -> Path:
        return self.home / "ledger-heads.txt"

    def take_back(self) -> None:
        """Take back the attempts of processes of this host that are known to be gone."""
        held = {one.owner for state in OPEN for one in self.recovery.list(state=state)}
        for owner in sorted(held):
            if is_dead(owner):
                self.recovery.reap(dead=owner)


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """Open the state, bring its tables up to date, and close it at the end."""
    engine = open_database(settings.database)
    try:
        upgrade(engine)
        yield Desk(settings, engine, this_process())
    finally:
        engine.dispose()
