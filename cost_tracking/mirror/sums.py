"""Writes the question that sums the copy: of whole months where they answer it, else of lines."""

# Every name in these statements is one of ``shape``, and what a person typed is bound as a value.
# ruff: noqa: S608
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cost_tracking.mirror import shape
from cost_tracking.policy import WHOLE, Policy, SpendClass

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_UNDIVIDED = f"""
    CASE working_bp WHEN {WHOLE} THEN micros ELSE 0 END AS working,
    CASE counted WHEN 0 THEN micros ELSE 0 END AS excluded,
    micros - working - excluded AS non_working"""
# The division of ``money.allocate`` between two: what is left over goes to the larger remainder,
# and of equal ones to non-working, which sorts first. The sign is put back at the end. It is done
# to each line, as the ledger does it, and so never to the sum of a month.
_DIVIDED = f"""
    (sign(micros) * (abs(micros)::HUGEINT * working_bp // {WHOLE}
        + (abs(micros)::HUGEINT * working_bp % {WHOLE} > {WHOLE // 2})::INT))::BIGINT AS working,
    0 AS excluded,
    micros - working AS non_working"""


class Query(NamedTuple):
    """A statement, and what is bound in it."""

    sql: str
    values: list[object]


def summed(
    copy: "DuckDBPyConnection",
    policy: Policy,
    by: Sequence[str],
    until: int | None,
    campaign: str | None,
) -> Query:
    """Return the statement of the sums, in which words are numbers still.

    Its columns are ``by``, ``currency``, ``working``, ``non_working``, ``excluded`` and ``lines``.

    Args:
        copy: Open to be read; it is given a temporary table of what the policy says.
        policy: Says which side of the line each cost type is of.
        by: Names of ``shape.WORDS`` and ``shape.FLAGS``.
        until: The last entry that counts; None counts all that the copy has.
        campaign: Only this one; None counts all.

    Raises:
        UnknownCostType: The ledger holds a cost type that the policy says nothing of.

    """
    groups = ", ".join((*by, "currency"))
    divides = _classes(copy, policy)
    ((newest, word),) = copy.execute(
        "SELECT ledger, (SELECT id FROM word WHERE text = ?) FROM mark", [campaign]
    ).fetchall()
    last = newest if until is None else min(until, newest)
    only = (
        Query("AND campaign = ?", [-1 if word is None else word])
        if campaign is not None
        else Query("", [])
    )
    lines = Query(
        f"SELECT {groups}, cost_type, micros, 1 AS lines FROM line WHERE seq <= ? {only.sql}",
        [last, *only.values],
    )
    # Of what is known up to an early entry, the lines are the shorter way.
    by_month = "asset" not in by and last >= newest // 2
    whole = _months(groups, newest, last, only) if by_month else lines
    parts = [(whole, _UNDIVIDED, "IN")]
    parts += [(lines, _DIVIDED, "NOT IN")] if divides else []
    classed = " UNION ALL ".join(
        f"SELECT *, {columns} FROM ({one.sql}) JOIN class USING (cost_type) "
        f"WHERE working_bp {which} (0, {WHOLE})"
        for one, columns, which in parts
    )
    sql = f"""
        SELECT {groups}, sum(working)::BIGINT AS working, sum(non_working)::BIGINT AS non_working,
            sum(excluded)::BIGINT AS excluded, sum(lines)::BIGINT AS lines
        FROM ({classed}) GROUP BY {groups} HAVING sum(lines) > 0"""
    return Query(sql, [value for one, _, _ in parts for value in one.values])


def _months(groups: str, newest: int, last: int, only: Query) -> Query:
    """Return the sums of months; what came after the last entry that counts is taken off again."""
    sql = f"SELECT {groups}, cost_type, micros, lines FROM monthly WHERE true {only.sql}"
    values = [*only.values]
    if last < newest:
        sql += (
            f" UNION ALL SELECT {groups}, cost_type, -micros, -1 FROM line WHERE seq > ? {only.sql}"
        )
        values += [last, *only.values]
    return Query(sql, values)


def in_words(source: str, by: Sequence[str], words: str = "word") -> str:
    """Return the statement of the sums with words for their numbers, the dearest first.

    Args:
        source: A table of the columns of ``summed``, or its statement in brackets.
        by: As it was summed.
        words: The table that tells words by their numbers.

    """
    names = (*by, "currency")
    worded = [name for name in names if name in shape.WORDS]
    columns = ", ".join(f"{one}_word.text AS {one}" if one in worded else one for one in names)
    joins = " ".join(
        f"JOIN {words} AS {one}_word ON {one}_word.id = summed.{one}" for one in worded
    )
    order = ", ".join(f"{one}_word.text" if one in worded else f"summed.{one}" for one in names)
    return (
        f"SELECT {columns}, working, non_working, excluded, lines "
        f"FROM {source} AS summed {joins} ORDER BY working + non_working DESC, {order}"
    )


def _classes(copy: "DuckDBPyConnection", policy: Policy) -> bool:
    """Write down what the policy says of each cost type, and say whether it divides one."""
    known = copy.execute(
        "SELECT id, text FROM word WHERE id IN (SELECT cost_type FROM monthly)"
    ).fetchall()
    rows: list[tuple[int, int, int]] = []
    for number, name in known:
        rule = policy.rule(name)
        whole = WHOLE if rule.spend_class is SpendClass.WORKING else 0
        share = whole if rule.working_bp is None else rule.working_bp
        rows.append((number, share, int(rule.spend_class is not SpendClass.EXCLUDED)))
    copy.execute("CREATE TEMP TABLE class (cost_type UINTEGER, working_bp BIGINT, counted BIGINT)")
    if rows:
        copy.executemany("INSERT INTO class VALUES (?, ?, ?)", rows)
    return any(share not in {0, WHOLE} for _, share, _ in rows)
