"""Text of others, made so that whoever opens a file reads it and nothing runs.

Only files for people are treated so. What machines read (JSON, Parquet, FOCUS, ``--machine`` CSV)
carries the text as it is, because to change it there would be to falsify it.
"""

import re

# OWASP ASVS 1.2.10, with the full-width forms that a sheet folds into the same signs.
_FORMULA = re.compile(r"[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\0]")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~&])")
_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
# What XML 1.0 has no letter for; a workbook that holds one of these cannot be opened.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CELL = 32_767
"""The most letters that a cell of a workbook holds; more would be cut off without a word."""
_CUT = " … (cut)"


def inert(text: str) -> str:
    """Return a text that no sheet takes for a formula: one that starts like it gets an apostrophe.

    >>> inert("=1+1"), inert("Tea")
    ("'=1+1", 'Tea')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def cell(text: str) -> str:
    r"""Return a text that a workbook can hold; what it cannot is replaced, what is too long cut.

    >>> ascii(cell("a" + chr(0)))
    "'a\\ufffd'"
    """
    plain = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    # A workbook counts in UTF-16, in which an emoji is two.
    units = plain.encode("utf-16-le")
    if len(units) <= 2 * CELL:
        return plain
    kept = units[: 2 * (CELL - len(_CUT))].decode("utf-16-le", errors="ignore")
    return kept + _CUT


def words(text: str) -> str:
    r"""Return a text that Markdown shows and does not obey: no markup, table cell or mention.

    >>> print(words("a|b"))
    a\|b
    """
    plain = _MARKUP.sub(r"\\\1", _LINE_BREAKS.sub(" ", text))
    return plain.replace("@", "@\N{ZERO WIDTH SPACE}").replace("://", ":\N{ZERO WIDTH SPACE}//")
