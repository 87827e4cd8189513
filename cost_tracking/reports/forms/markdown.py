"""A document as Markdown: for a pull request's comment, or a step's summary in CI."""

from cost_tracking.reports.figures import number
from cost_tracking.reports.files import COMMENT
from cost_tracking.reports.forms.document import NUMBERS, Document, Table, said
from cost_tracking.reports.inert import words
from cost_tracking.reports.seal_words import sealed_words

_TOP = 12
_MORE = 500
_LONG = 300


def as_markdown(document: Document, most: int = COMMENT) -> str:
    """Return it in at most so many bytes; a long table says how many rows it left out.

    Args:
        document: To be written.
        most: ``COMMENT`` or ``SUMMARY`` of ``files``: what GitHub takes.

    """
    # A table that stands alone may take the comment for itself.
    rows = _TOP if most <= COMMENT and len(document.tables) > 1 else _MORE
    text = _written(document, rows)
    while len(text.encode()) > most and rows > 1:
        rows //= 2
        text = _written(document, rows)
    return text


def _written(document: Document, top: int) -> str:
    lines = [f"## {_words(document.title)}", "", _words(document.lead), ""]
    lines += [line for note in document.notes for line in (f"> {_words(note)}", "")]
    for table in document.tables:
        if not table.bulk:
            lines += _table(table, top)
    facts = "; ".join(f"{_words(name)}: {_words(told)}" for name, told in document.facts)
    lines.append(f"As of {document.as_of.isoformat()}.{f' {facts}.' if facts else ''}")
    if document.mark:
        lines.append(f"{sealed_words(*document.mark)}.")
    return "\n".join(lines) + "\n"


def _table(table: Table, top: int) -> list[str]:
    heads = [one.heading for one in table.columns]
    rest = len(table.rows) - top
    marks = ("--:" if one.kind in NUMBERS else "---" for one in table.columns)
    lines = [
        f"### {table.title}",
        "",
        *([f"{_words(table.note)}", ""] if table.note else []),
        f"| {' | '.join(heads)} |",
        f"|{'|'.join(marks)}|",
    ]
    for row in table.rows[:top]:
        cells = (said(one, cell) for one, cell in zip(table.columns, row, strict=True))
        lines.append(f"| {' | '.join(map(_words, cells))} |")
    if rest > 0:
        lines.append(f"| and {number(rest)} more {'| ' * (len(heads) - 1)}|")
    return [*lines, ""]


def _words(text: str) -> str:
    return words(text if len(text) <= _LONG else f"{text[:_LONG]} …")
