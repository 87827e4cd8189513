"""The embedded writer: art directions from a table, free, without a key, always the same."""

import hashlib
from typing import Any

from cost_tracking.usage import Usage
from creative.value import fingerprint
from providers import errors
from providers.errors import Trace
from providers.writing import directions
from providers.writing.base import TextAnswer, TextRequest
from providers.writing.shape import misfits

NAME = "studio"
MODEL = "studio-1"
# Each list is as long as the most concepts of a brief, and each concept takes another line of
# each, so that all differ in all four.
SCENES = (
    "{product} rests on a smooth plinth in the middle of an empty studio",
    "{product} lies on a sunlit table beside a window and a single green plant",
    "{product} floats above a still, mirror-like surface",
    "{product} stands at the end of a long quiet street in the early morning",
    "{product} leans against a stack of folded fabric",
    "{product} rises out of soft rolling hills",
    "{product} sits on a stone ledge over a calm sea",
    "{product} is framed by a tall archway of plain plaster",
    "{product} rests on a wooden shelf with two everyday objects",
    "{product} hangs in a field of drifting paper shapes",
    "{product} stands on a market counter before the doors open",
    "{product} lies in the grass of a wide park",
)
COMPOSITIONS = (
    "centred and symmetrical, with calm space above for text",
    "low on the left third, with the upper right left empty",
    "seen from straight above, with a wide quiet margin on all sides",
    "small against a large even sky that carries the text",
    "close and large on the right, with a plain left half",
    "on a strong diagonal, with an open corner at the top",
    "along a low horizon, with the upper two thirds free",
    "inside a natural frame, with a plain field beside it",
    "in the lower middle, with a soft blank wall behind",
    "in a loose circle of shapes, with an empty centre band",
    "from a low angle, with clear air over it",
    "far to the right, with one long empty stretch before it",
)
LIGHTS = (
    "soft daylight from the left",
    "warm low sun with long shadows",
    "cool even light without shadows",
    "first light with a thin mist",
    "one warm lamp in a dim room",
    "bright noon light with crisp edges",
    "evening light after rain",
    "light that bounces from a pale wall",
    "a gentle rim of light from behind",
    "dappled light through leaves",
    "clear northern light",
    "golden haze",
)
MOODS = (
    "confident and calm",
    "warm and unhurried",
    "light and playful",
    "fresh and hopeful",
    "close and honest",
    "bold and clear",
    "quiet and reassuring",
    "open and generous",
    "tidy and modern",
    "curious and lively",
    "proud and simple",
    "easy and free",
)


class StudioWriting:
    """Writes art directions from a table, and nothing else."""

    name = NAME
    repeatable = True
    default_model = MODEL

    def write(self, request: TextRequest) -> TextAnswer:
        """Write as many directions as the facts ask for.

        Raises:
            Unsupported: Another text is asked for, or more directions than the table holds.

        """
        trace = Trace(model=request.model)
        if request.task != directions.TASK:
            raise errors.Unsupported(
                NAME,
                f"writes directions only, not {request.task}; route writing to openai",
                trace,
            )
        facts: dict[str, Any] = dict(request.facts)
        count = int(facts.get("count", 0))
        if not 1 <= count <= len(SCENES):
            raise errors.Unsupported(
                NAME,
                f"knows {len(SCENES)} directions, not {count}; ask for fewer, or route writing "
                "to openai",
                trace,
            )
        digest = fingerprint(request.asked())
        data = {"directions": [_direction(facts, digest, number) for number in range(count)]}
        faults = list(misfits(data, request.schema_))
        if faults:
            raise errors.Unsupported(NAME, f"cannot answer in that shape: {faults[0]}", trace)
        return TextAnswer(
            data=data, usage=Usage(model=request.model, quantities={}, receipt=digest[:16])
        )


def _direction(facts: dict[str, Any], digest: str, number: int) -> str:
    products = facts.get("products") or [f"an object that stands for {facts.get('brand', 'us')}"]
    product = str(products[number % len(products)])
    # The offsets come from the brief, so that two briefs do not start with the same picture;
    # a step of one keeps the concepts of one brief apart.
    start = hashlib.sha256(digest.encode()).digest()
    scene, composition, light, mood = (
        table[(start[place] + number) % len(table)]
        for place, table in enumerate((SCENES, COMPOSITIONS, LIGHTS, MOODS))
    )
    return f"{scene.format(product=_plain(product))}; {composition}; {light}; {mood}."


def _plain(name: str) -> str:
    # A name is data: braces in it are not fields of the sentence.
    name = " ".join(name.split())[:80]
    return name[:1].upper() + name[1:]
