"""Writes sums of the copy into a file, all groups of them, without a row passing through Python."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cost_tracking.mirror import shape
from cost_tracking.mirror.pivot import Asked, keep, opened
from cost_tracking.mirror.sums import in_words
from cost_tracking.policy import Policy
from cost_tracking.reports.inert import inert

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MONEY = ("working", "non_working", "excluded")
Form = Literal["csv", "parquet"]
_FORMS: dict[Form, str] = {
    "csv": "FORMAT csv, HEADER",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def write_sums(path: Path, policy: Policy, asked: Asked, target: Path, form: Form) -> int:
    """Write the sums as CSV or Parquet, the dearest first.

    Money is in major units with six decimals, in Parquet as DECIMAL(26, 6). A word of a CSV that a
    sheet would take for a formula is given an apostrophe, as ``inert`` does; Parquet is for
    machines, and its text is as it is.

    Args:
        path: The copy.
        policy: Says which side of the line each cost type is of.
        asked: What is summed; ``top`` limits the groups.
        target: The file; it is replaced.
        form: Which of the two.

    Returns:
        How many groups were written.

    Raises:
        UnknownCostType: The ledger holds a cost type that the policy says nothing of.

    """
    with closing(opened(path)) as copy:
        keep(copy, policy, asked)
        words = _safe_words(copy, asked) if form == "csv" else "word"
        money = ", ".join(f"{one} * 0.000001::DECIMAL(7, 6) AS {one}" for one in _MONEY)
        limit = "" if asked.top is None else f" LIMIT {asked.top}"
        told = f"SELECT * REPLACE ({money}) FROM ({in_words('summed', asked.by, words)}{limit})"  # noqa: S608 - of ours
        copy.execute(f"COPY ({told}) TO ? ({_FORMS[form]})", [str(target)])
        ((groups,),) = copy.execute("SELECT count(*) FROM summed").fetchall()
    return int(min(groups, asked.top or groups))


def _safe_words(copy: "DuckDBPyConnection", asked: Asked) -> str:
    """Return a table of the words that the sums use, such that no sheet takes one for a formula."""
    names = [name for name in (*asked.by, "currency") if name in shape.WORDS]
    used = " UNION ".join(f"SELECT {name} FROM summed" for name in names)  # noqa: S608 - of ours
    known = copy.execute(f"SELECT id, text FROM word WHERE id IN ({used})").fetchall()  # noqa: S608
    changed = [(number, safe) for number, text in known if (safe := inert(text)) != text]
    copy.execute("CREATE TEMP TABLE changed (id UINTEGER, text VARCHAR)")
    if changed:
        copy.executemany("INSERT INTO changed VALUES (?, ?)", changed)
    copy.execute(
        "CREATE TEMP VIEW safe AS SELECT id, coalesce(changed.text, word.text) AS text "
        "FROM word LEFT JOIN changed USING (id)"
    )
    return "safe"
