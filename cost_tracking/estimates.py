"""How much a request will take, from what is known of it before it is sent."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from cost_tracking.money import Money
from cost_tracking.usage import exact
from creative.value import Value

Factor = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, allow_inf_nan=False)]


class UnknownPrice(KeyError):
    """The book does not say what something costs, so it may not be bought."""

    def __str__(self) -> str:
        return str(self.args[0])


class Facts(Value):
    """What is known of a request before it is sent."""

    input_bytes: int = Field(default=0, ge=0)
    """Of all text that is sent, in UTF-8."""
    input_characters: int = Field(default=0, ge=0)
    """Of the text that is to be translated."""
    max_output_tokens: int = Field(default=0, ge=0)
    """The limit that the request sets on what is written."""
    width: int = Field(default=0, ge=0)
    height: int = Field(default=0, ge=0)
    quality: str = ""
    images: int = Field(default=1, ge=1)
    references: int = Field(default=0, ge=0)
    """Pictures that go along to be followed."""
    declared: Money | None = None
    """What a person declared that it costs; None for all that is bought here."""


class Estimate(Value):
    """What a request will cost, in the currency of its price."""

    expected: Money
    """What a quote says."""
    most: Money
    """What is reserved. It bounds what the request can cost, as far as the price's source knows."""


class ImageTokens(Value):
    """How many output tokens a picture takes.

    ``ceil(a * b * (offset + width * height) / scale)``, where ``a`` is the number of patches along
    the longer side at this quality and ``b``, rounded half up, as many along the shorter one.
    """

    patches: Mapping[str, int]
    """By quality, along the longer side."""
    offset: int
    scale: int = Field(gt=0)
    most: Factor = Decimal(1)
    """By what to multiply it, for the most that a picture may take."""
    references: Mapping[str, Factor] = {}
    """How much of a unit each picture takes that is to be followed; a price without it knows no
    price of a request that brings one."""
    references_most: Factor = Decimal(1)
    """By what to multiply that, for the most."""
    source: str


class PictureUnits(Value):
    """What a picture takes where it is billed by the piece or by its pixels."""

    each: Mapping[str, Factor] = {}
    """How much of a unit every picture takes, whatever its size: ``image``, ``operation`` …"""
    megapixel: int | None = Field(default=None, gt=0)
    """Pixels of one ``output_megapixel``, of which a part counts as a whole; None where the size
    is not billed."""
    references: Mapping[str, Factor] = {}
    """How much of a unit each picture takes, at most, that is to be followed."""
    most: Factor = Decimal(1)
    """By what to multiply it, for the most that a picture may take."""
    source: str


class Estimates(Value):
    """The rules that turn facts into quantities."""

    bytes_per_token: Factor = Decimal(4)
    """Of text, as expected. At most a byte is a token, since every token holds one or more."""
    extra_tokens: int = 0
    """What the provider adds to every request."""
    expected_output: Factor = Decimal("0.5")
    """The part of ``max_output_tokens`` that is used as a rule; at most it is all of it."""
    image: ImageTokens | None = None
    picture: PictureUnits | None = None
    """In place of ``image``, where no tokens are billed."""
    source: str = ""

    def quantities(
        self, price: str, operation: str, facts: Facts
    ) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Return how much a request takes, as expected and at most, by unit.

        Raises:
            UnknownQuality: A picture's quality is not one that the book knows.
            ValueError: The facts lack what the operation needs.

        """
        if operation == "image":
            return self._image(price, facts)
        if operation == "text":
            return self._text(price, facts)
        if not facts.input_characters:
            raise ValueError(f"{price}: a {operation} needs its number of characters")
        characters = {"character": Decimal(facts.input_characters)}
        return characters, characters

    def _text(self, price: str, facts: Facts) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        if not facts.max_output_tokens:
            raise ValueError(f"{price}: a text needs a limit on its tokens, or it has no most")
        limit = Decimal(facts.max_output_tokens)
        expected = _up(limit * min(self.expected_output, Decimal(1)))
        return (
            {"input_text_token": self._read(facts), "output_text_token": expected},
            {"input_text_token": self._read_at_most(facts), "output_text_token": limit},
        )

    def _image(self, price: str, facts: Facts) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        if self.picture is not None:
            return _units(self.picture, price, facts)
        if self.image is None or facts.quality not in self.image.patches:
            known = ", ".join(self.image.patches) if self.image else "none"
            raise UnknownPrice(
                f"{price}: nobody has entered what {facts.quality!r} quality takes; choose {known}"
            )
        if not facts.width or not facts.height:
            raise ValueError(f"{price}: a picture needs its width and height")
        if facts.references and not self.image.references:
            raise UnknownPrice(f"{price}: nobody has entered what a picture to follow takes")
        tokens = _picture(self.image, facts) * facts.images
        most = _up(tokens * self.image.most)
        expected = {"input_text_token": self._read(facts), "output_image_token": tokens}
        at_most = {"input_text_token": self._read_at_most(facts), "output_image_token": most}
        for unit, much in self.image.references.items() if facts.references else ():
            taken = much * facts.references
            expected[unit] = expected.get(unit, Decimal(0)) + taken
            most_taken = _up(taken * self.image.references_most)
            at_most[unit] = at_most.get(unit, Decimal(0)) + most_taken
        return expected, at_most

    def _read(self, facts: Facts) -> Decimal:
        return _up(Decimal(facts.input_bytes) / self.bytes_per_token) + self.extra_tokens

    def _read_at_most(self, facts: Facts) -> Decimal:
        return Decimal(facts.input_bytes + self.extra_tokens)


def _units(
    rule: PictureUnits, price: str, facts: Facts
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    one = dict(rule.each)
    if rule.megapixel is not None:
        if not facts.width or not facts.height:
            raise ValueError(f"{price}: a picture needs its width and height")
        one["output_megapixel"] = _up(Decimal(facts.width * facts.height) / rule.megapixel)
    for unit, much in rule.references.items():
        if facts.references:
            one[unit] = one.get(unit, Decimal(0)) + much * facts.references
    expected = {unit: much * facts.images for unit, much in one.items()}
    return expected, {unit: much * rule.most for unit, much in expected.items()}


def _picture(rule: ImageTokens, facts: Facts) -> Decimal:
    longer, shorter = max(facts.width, facts.height), min(facts.width, facts.height)
    along = rule.patches[facts.quality]
    across = (Decimal(along * shorter) / longer).to_integral_value(ROUND_HALF_UP)
    area = facts.width * facts.height
    return _up(Decimal(along * across * (rule.offset + area)) / rule.scale)


def _up(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_CEILING)
