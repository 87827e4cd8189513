"""The name of a rendition's file: readable by people, and back into its parts by machines."""

import re
from typing import Self

from creative.value import Value

SLUG = r"[a-z0-9][a-z0-9-]{1,62}"
_NAME = re.compile(
    rf"(?P<campaign>{SLUG})_(?P<market>[A-Z]{{2}})_(?P<locale>[A-Za-z]{{2,3}}(?:-[A-Za-z0-9]{{2,8}})*)"
    r"_(?P<placement>[a-z0-9][a-z0-9_.]*[a-z0-9])_(?P<concept>c[1-9][0-9]*)"
    r"_v(?P<version>[1-9][0-9]*)(?:\.(?P<format>jpg|png))?",
    re.ASCII,
)


class AssetName(Value):
    """``<campaign>_<market>_<locale>_<placement>_<concept>_v<N>``.

    Only letters, digits, ``-``, ``_`` and ``.`` occur, so a name is safe on S3 and on Windows.
    Campaigns and locales hold no underscore, which is why the parts can be told apart.

    >>> name = AssetName.parse("tea_CH_de-CH_meta_feed_1x1_c2_v3.jpg")
    >>> name.placement, name.concept, name.version
    ('meta_feed_1x1', 'c2', 3)
    >>> str(name)
    'tea_CH_de-CH_meta_feed_1x1_c2_v3'
    """

    campaign: str
    market: str
    locale: str
    placement: str
    concept: str
    version: int

    def __str__(self) -> str:
        """Return the name without its ending."""
        return f"{self.slot}_v{self.version}"

    @property
    def slot(self) -> str:
        """Return the name without its version: what stays the same when the asset is redone."""
        parts = (self.campaign, self.market, self.locale, self.placement, self.concept)
        return "_".join(parts)

    def path(self, file_format: str) -> str:
        """Return where the file lies below the campaign's folder, with forward slashes."""
        return f"assets/{self.market}/{self.locale}/{self}.{file_format}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name, with or without its ending.

        Raises:
            ValueError: It is not one of ours.

        """
        found = _NAME.fullmatch(name)
        if not found:
            raise ValueError(f"{name!r} is not the name of a rendition")
        return cls(
            campaign=found["campaign"],
            market=found["market"],
            locale=found["locale"],
            placement=found["placement"],
            concept=found["concept"],
            version=int(found["version"]),
        )
