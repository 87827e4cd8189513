"""What people see of an audit trail and of a restatement, in a terminal."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

from cost_tracking.money import Money
from cost_tracking.reports.restatement import Change, Restatement
from flows.show import OUT, rows

if TYPE_CHECKING:
    from flows.auditing import Waiting

_MOST = 40
"""How much of a list a terminal is shown; ``--json`` has all."""
_FEW = 3


def trail(told: Mapping[str, Any], depth: int = 0) -> None:
    """Show a figure with its amounts and terms, or the list of figures."""
    if "figures" in told:
        found = [{"figure": name, "value": _said(value)} for name, value in told["figures"].items()]
        rows(f"Figures of {told['campaign']}", found)
        return
    margin = "  " * depth
    _line(f"{margin}{told['name']}: {_said(told['value'])}, {_how(told)}", "bold")
    under = [*_amounts(told), *((one, "") for one in told["counted"])]
    for first, second in under[:_MOST]:
        _line(f"{margin}  {first}")
        if second:
            _line(f"{margin}      {second}", "dim")
    if len(under) > _MOST:
        _line(f"{margin}  and {len(under) - _MOST:,} more; --json has all", "dim")
    for term in told["terms"]:
        trail(term, depth + 1)
    if not depth:
        _line(f"{'It is' if told['exact'] else 'It is NOT'} exactly what makes it.")


def restatement(told: Restatement) -> None:
    """Show the figures that changed, each with what changed it."""
    _line(f"{told.campaign}, from entry {told.before} to entry {told.after}", "bold")
    news = [one for one in told.changes if one.moved]
    shown = [one for one in news if not one.figure.startswith("asset:")][:_MOST]
    for one in shown:
        by = "" if one.by is None else f" ({_text(one.by, signed=True)})"
        _line(f"{one.figure}: {_text(one.before)} → {_text(one.after)}{by}")
        for because in _because(one):
            _line(f"    {because}", "dim")
    if not shown:
        _line("no figure changed")
    if len(news) > len(shown):
        _line(f"and {len(news) - len(shown):,} more, as each rendition's; --json has all", "dim")


def waiting(told: "Waiting") -> None:
    """Show what the books wait for, and the charges that break a rule."""
    items = told.open
    late = f"; {len(items.stale):,} are older than {items.stale_after} days" if items.stale else ""
    still = [one for one in items.estimates if one.actual is None]
    _line(f"{len(still):,} estimates without an actual{late}", "bold")
    for one in still[:_MOST]:
        _line(f"  {one.estimated}, {one.key}, for {one.effective_on}, {one.age} days ago")
    settled = [one for one in items.estimates if one.actual is not None]
    _line(f"{len(settled):,} estimates that came out", "bold")
    for one in settled[:_MOST]:
        off = _text(one.off, signed=True)
        _line(f"  {one.key}: {one.estimated} estimated, {one.actual} charged ({off})")
    for title, found in (
        ("Owed, and no bill has come", items.unbilled),
        ("Charged, by payee", items.owed),
        ("Paid and not used, or not shared out", items.advances),
        ("Left by exchange and rounding", items.exchange),
    ):
        _line(title, "bold")
        for balance in found[:_MOST]:
            _line(f"  {balance.account}: {balance.amount}, since {balance.since}")
        if not found:
            _line("  nothing", "dim")
    if items.books:
        count = sum(one.lines for one in items.unconverted)
        _line(f"{count:,} lines that say nothing in {items.books}, the books' currency", "bold")
        for gap in items.unconverted:
            days = f"{gap.first} to {gap.last}"
            _line(f"  {gap.amount} in {gap.lines:,} lines, of {days}: reports convert them by day")
    _line(f"{len(told.odd):,} charges that break a rule", "bold")
    for odd in told.odd[:_MOST]:
        _line(f"  {odd.rule.replace('_', ' ')}: {odd.said}")
        _line(f"      {', '.join(odd.evidence)}", "dim")


def _line(text: str, style: str = "") -> None:
    plain = "".join(one if one.isprintable() else " " for one in text)
    OUT.print(Text(plain, style=style), soft_wrap=True)


def _because(one: Change) -> Iterator[str]:
    for cause in one.causes[:_FEW]:
        why = {"new": "is new", "gone": "is gone", "share": "bears another share"}[cause.what]
        yield f"{_text(cause.by, signed=True)}: {cause.spent.id} {why}, {cause.spent.reference}"
    if len(one.causes) > _FEW:
        yield f"and {len(one.causes) - _FEW:,} more amounts"
    if one.more or one.fewer:
        yield f"{len(one.more):,} more, {len(one.fewer):,} fewer than before"
    if one.terms:
        yield f"as {' and '.join(one.terms)} changed"


def _amounts(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for part in told["parts"]:
        spent, posted = part["spent"], part["spent"]["posted"] or {}
        whole = part["amount"] == spent["amount"]
        share = "" if whole else f" of {_said(spent['amount'])}"
        what = f"{spent['cost_type']}, {spent['provider']}, {spent['stage']}"
        proof = posted.get("document") or spent["reference"]
        first = f"{part['id']:<8} {_said(part['amount'])}{share}  {what}  [{proof}]"
        if not posted:
            yield first, spent["basis"]
            continue
        second = (
            f"{posted['key']}, for {posted['effective_on']}, recorded {posted['recorded_at'][:19]}"
            f" by {posted['actor'] or posted['source']}"
        )
        for word in ("reverses", "reversed_by", "supersedes", "superseded_by"):
            if posted[word]:
                second += f", {word.replace('_', ' ')} {posted[word]}"
        yield first, second


def _how(told: Mapping[str, Any]) -> str:
    match told["how"]:
        case "sum":
            return f"the sum of {len(told['parts']):,} amounts"
        case "given":
            return f"given by {told['source']}"
        case "count":
            return "counted"
    return f"the {told['how']} of " + " and ".join(one["figure"] for one in told["terms"])


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(Money.of(Decimal(value["amount"]), value["currency"]))
    if isinstance(value, str):
        return _text(Decimal(value))
    return _text(value)


def _text(value: Money | Decimal | int | None, *, signed: bool = False) -> str:
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        value = value.quantize(Decimal("0.0001")).normalize()
        return f"{value:+f}" if signed else f"{value:f}"
    negative = value.micros < 0 if isinstance(value, Money) else value < 0
    return f"+{value}" if signed and not negative else str(value)
