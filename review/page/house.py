"""What the review page asks of whoever keeps the campaigns, and what it is told.

The page knows no database, no settings and no clock. It is given a ``House``, and each call of it
is short and whole by itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from pydantic import AwareDatetime

from creative.choice import Choice
from creative.concept import Concept
from creative.decision import Decision
from creative.value import Value
from review.access.people import Person
from review.access.sessions import Session
from review.acts import Request, Ruling, Seen
from review.light_table import Item, State

PictureFormat = Literal["jpg", "png", "webp"]
Standing = Literal["running", "stopped", "waiting", "done", "failed"]
"""How far a run is. One that is ``stopped`` was cut off, and nobody carries it out now."""


class Missing(Exception):
    """There is no such thing; the message names it."""


class Declined(Exception):
    """It cannot be done as things are; the message says why, and what to do."""


class Picture(Value):
    """One picture, by the bytes that it must have."""

    sha256: str
    width: int
    """In pixels, as is the height."""
    height: int
    alt: str


class Card(Value):
    """One campaign among others."""

    campaign: str
    title: str
    standing: Standing
    changed_at: AwareDatetime
    """When its newest run last moved."""
    states: Mapping[State, int] = {}
    """How many renditions are how far; those that are nowhere are left out."""
    markets: int = 0
    covers: tuple[Picture, ...] = ()
    """A few renditions that show what it looks like."""
    sketches: tuple[Picture, ...] = ()
    """Its concepts, while nothing else is drawn."""
    to_choose: int = 0
    """How many concepts somebody has to choose before it goes on."""
    until: AwareDatetime | None = None
    """When it stops waiting for an answer; None where it waits for ever, or for nobody."""
    fault: str = ""
    """Why it cannot be shown."""


class Campaign(Value):
    """One campaign with its renditions."""

    name: str
    title: str
    run: str
    """The newest, which delivers what is decided here."""
    standing: Standing
    requester: str
    """Who asked for it; they do not approve it."""
    two_people: bool
    items: tuple[Item, ...]
    """In the manifest's order; none while nothing is drawn."""
    failed_locales: Mapping[str, str] = {}
    to_choose: int = 0
    """How many concepts somebody has to choose before it goes on."""
    until: AwareDatetime | None = None
    """When it stops waiting for an answer; None where it waits for ever, or for nobody."""
    lapse: str = ""
    """What happens then, in words."""


class Sketched(Value):
    """One concept to choose, or not."""

    concept: Concept
    cost: str
    """What its picture cost, written for people; empty where that is not known."""


class Choosing(Value):
    """The concepts of a campaign, and what was chosen of them."""

    campaign: str
    title: str
    run: str
    standing: Standing
    wanted: int
    """How many the brief asks for."""
    sketched: tuple[Sketched, ...]
    choice: Choice | None = None
    """The newest."""
    stands: bool = False
    """Whether it is of exactly these pictures."""


class Line(Value):
    """One line of a rendition's words, beside what it says in the language of the brief."""

    slot: str
    text: str
    source: str
    """The brief's own line; empty for a notice, which is never translated."""
    whence: str
    """Where the text came from, in a few words; empty where that is not known."""
    editable: bool = False
    back: str = ""
    """The text said again in the language of the brief; empty where nobody has done that."""
    back_by: str = ""
    """Who did."""
    back_of: str = ""
    """The words that it is of, where the text has changed since; empty where it is of the text."""
    unsaid: str = ""
    """Why nobody could."""


class Area(Value):
    """A part of a rendition, in its pixels."""

    name: str
    left: int
    top: int
    right: int
    bottom: int


class Version(Value):
    """One earlier version of a rendition."""

    version: int
    picture: Picture
    made_at: AwareDatetime


class Whole(Value):
    """One rendition with all that a person needs to decide about it."""

    campaign: Campaign
    """With all the others, which one goes on to."""
    item: Item
    lines: tuple[Line, ...]
    source_locale: str
    safe: Area | None
    """Where words and logo may stand; None where the placement is unknown."""
    areas: tuple[Area, ...]
    """Where each part of it stands; empty where that is not known any more."""
    decisions: tuple[Decision, ...]
    """Every one about this name, the oldest first, on whatever bytes."""
    earlier: tuple[Version, ...]
    """Its versions before this one, the newest first."""
    delivered: str
    """Where the file lies by now; empty where it was not delivered."""
    most_bytes: int = 0
    """What the placement lets a file weigh; 0 where that is unknown."""


class Done(Value):
    """What an act came to."""

    told: str
    """In a sentence."""
    decided: tuple[str, ...] = ()
    """The assets."""
    endorsed: tuple[str, ...] = ()
    """Those that a second person must accept as well."""


class Edited(Value):
    """What an edit of copy came to."""

    told: str
    """In a sentence."""
    instead: Mapping[str, str] = {}
    """The new version of each rendition that it changed, by the one that it takes the place of."""


class Kept(NamedTuple):
    """A picture's file."""

    path: Path
    format: PictureFormat


class Porter(Protocol):
    """Who knows the people, and lets them in."""

    def who(self, session: Session) -> Person | None:
        """Return whose session it is, with the roles they hold at this moment, or None."""

    def with_password(self, name: str, password: str) -> Person | None:
        """Return whose password this is, or None."""

    def begin(self, person: Person) -> str:
        """Start a session, write that down, and return its token."""

    def session(self, token: str) -> Session | None:
        """Return the session of a token, unless it ended."""

    def end(self, token: str) -> None:
        """End a session."""

    def turned_away(self, name: str, why: str) -> None:
        """Write down that somebody was not let in, under the name that they gave."""


class House(Porter, Protocol):
    """Who keeps the campaigns.

    Raises, wherever a campaign or a rendition is named:
        Missing: There is none of that name.
        Declined: It cannot be shown, or done, as things are.
        Refused: An act was refused, and that was written down.
    """

    def campaigns(self) -> Sequence[Card]:
        """Return every campaign, the one that moved last first."""

    def campaign(self, name: str) -> Campaign:
        """Return one campaign with its renditions."""

    def rendition(self, asset: str) -> Whole:
        """Return one of its campaign's newest renditions."""

    def concepts(self, campaign: str) -> Choosing:
        """Return what there is to choose from."""

    def picture(self, sha256: str) -> Kept | None:
        """Return the file of a rendition of any campaign and version, or None."""

    def sketch(self, campaign: str, sha256: str) -> Kept | None:
        """Return the file of a concept's picture, or None."""

    def document(self, campaign: str, name: str) -> bytes:
        """Return a page as it was delivered beside the campaign's files, and no other bytes."""

    def decide(
        self,
        asks: Request,
        campaign: str,
        seen: Sequence[Seen],
        ruling: Ruling,
        minutes: Decimal | None = None,
    ) -> Done:
        """Decide about renditions, all or none.

        Args:
            asks: Who, and by which form.
            campaign: Of all of them.
            seen: Each with the bytes that were looked at.
            ruling: The same for all.
            minutes: How long the person looked, as their browser measured it; None if it did not.

        """

    def choose(self, asks: Request, campaign: str, seen: Sequence[Seen], reason: str) -> Done:
        """Choose concepts, on the pictures that were looked at."""

    def edit_copy(
        self, asks: Request, campaign: str, locale: str, slot: str, text: str, was: str
    ) -> Edited:
        """Put a person's line in the place of what a locale says, and draw it at once.

        Args:
            asks: Who, and by which form.
            campaign: Its name.
            locale: A tag, such as ``sv-SE``.
            slot: ``headline``, ``body`` or ``cta``.
            text: What it shall say.
            was: What the person saw there.

        """

    def code(self, asks: Request, campaign: str) -> str:
        """Return a personal code, for one act at a form that knows nobody."""

    def start_code(self, asks: Request, campaign: str) -> str:
        """Return a personal code, to start a campaign at a form that knows nobody.

        Args:
            asks: Who, and by which form.
            campaign: What it will be called.

        Raises:
            Declined: No campaign can be called so.
            NotAllowed: They may start none.

        """

    def go_on(self, asks: Request, campaign: str) -> Done:
        """Have the campaign's newest run go on: deliver what is accepted, redo what is not."""

    @property
    def thumbnails(self) -> Path:
        """Return the folder that keeps small pictures; it may be emptied at any time."""
