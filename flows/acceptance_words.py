"""The figures of accepted assets as rows for a terminal, and as one object for a machine."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from cost_tracking.acceptance.cohort import FEW, Cohorts, Row
from cost_tracking.acceptance.savings import Savings
from cost_tracking.acceptance.wasted import Wasted
from cost_tracking.money import Money
from cost_tracking.reports.figures import NONE, SPACE, number
from flows.acceptance_report import Acceptance
from flows.desk import Desk

_PLACES = Decimal("0.000001")


def as_json(told: Sequence[Acceptance], desk: Desk) -> dict[str, Any]:
    """Return everything, with the ids behind each number, and the head that seals them."""
    return {"currencies": [_acceptance(one, desk) for one in told]}


def cohorts_as_json(told: Cohorts) -> dict[str, Any]:
    """Return the figures of outcomes; amounts are exact decimal text."""
    return {
        "currency": told.currency,
        "as_of": told.at.isoformat(),
        "by": told.by,
        "clean_up": _plain(told.clean_up),
        "clean_up_basis": told.clean_up_basis,
        "total": _row(told.total) | {"costs": told.costs()},
        "months": [_row(row) | {"costs": told.costs(month=row.month)} for row in told.months],
        "rows": [_row(row) | {"costs": told.costs(key=row.key)} for row in told.rows],
        "series": [_row(row) for row in told.series],
    }


def rows(told: Cohorts) -> list[tuple[str, list[dict[str, str]]]]:
    """Return titled tables for people: the cost for each in every reading, and what it is of."""
    lines = [(row.key or "not named", row) for row in told.rows]
    if len(told.months) > 1:
        lines += [(row.month or "none yet", row) for row in told.months]
    lines.append(("all", told.total))
    each = [{"": name, **_each(row, told.currency)} for name, row in lines]
    counts = [{"": name, **_counts(row)} for name, row in lines]
    by = f" by {told.by}" if told.by else ""
    return [(f"Cost for each{by}, in {told.currency}", each), (f"Outcomes{by}", counts)]


def notes(told: Cohorts) -> list[str]:
    """Return what a reader must know before quoting a figure."""
    counts = told.total.counts
    said = [
        "strict: all cost over what stayed accepted at its first version; it is the headline",
        "evenly, eventual: with the clean-ups that nobody recorded; eventual counts any version",
        "generated: what making each has cost at first; drift is strict over generated",
    ]
    if told.clean_up:
        said.append(
            f"a clean-up that nobody recorded counts {number(told.clean_up)}: {told.clean_up_basis}"
        )
    if counts.maturing:
        said.append(
            f"{number(counts.maturing)} are in their window: strict lies between least, if all "
            "of them stay, and strict as it is"
        )
    if told.total.few:
        said.append(f"few: below {FEW} that stayed, the cost of each moves much with every one")
    return said


def parts(row: Row) -> list[dict[str, str]]:
    """Return where the money went; the lines sum to the last."""
    its = row.parts
    lines = [
        ("first pass, kept", its.first_pass_kept, f"of it maturing {number(its.maturing)}"),
        (
            "scrap",
            its.scrap,
            ", ".join(
                f"{name} {number(money)}"
                for name, money in (
                    ("failed", its.failed),
                    ("refused", its.rejected),
                    ("undecided", its.waiting),
                    ("unusable", its.waste),
                )
                if money
            ),
        ),
        ("rework", its.rework, "after a refusal, a pull or a redo"),
        ("overhead allocated", its.overhead_allocated, "people, subscriptions, retainers"),
        ("unallocated", its.unallocated, "for places without an outcome"),
        ("cost", its.total, ""),
    ]
    return [{"part": name, "money": number(money), "": note} for name, money, note in lines]


def saving_rows(saved: Savings) -> list[dict[str, str]]:
    """Return the three numbers, each with what it was worked out from. They have no sum."""
    avoided, unspent, moved = saved.avoided, saved.unspent, saved.moved
    claimed = avoided.avoided is not None
    percent = "" if unspent.rate is None else f", {number(unspent.rate, places=1)} %"
    return [
        {
            "saving": "avoided against the baseline",
            "money": number(avoided.avoided) if claimed else "not claimed",
            "how": (
                f"{number(avoided.baseline)} - {number(avoided.actual)} = "
                f"{number(avoided.rate, places=1)} %; {avoided.scope}; {avoided.baseline_id}, "
                f"{avoided.source}, approved by {avoided.approved_by} on {avoided.approved_on}"
                + (f"; extra volume {number(avoided.extra_volume)}" if avoided.extra_volume else "")
                if claimed
                else avoided.not_claimed
            ),
        },
        {
            "saving": "not spent of the budget",
            "money": number(unspent.saved),
            "how": f"{number(unspent.budget)} - {number(unspent.actual)}{percent}"
            + (
                f"; provisional until {unspent.provisional_until}"
                if unspent.provisional_until
                else ""
            ),
        },
        {
            "saving": "moved to working spend",
            "money": number(moved.amount),
            "how": moved.broken or f"{number(len(moved.transfers))} journalled transfers",
        },
    ]


def wasted_rows(found: Sequence[Wasted]) -> list[dict[str, str]]:
    """Return the media that ran behind a fault."""
    return [
        {
            "asset": f"{one.slot}_v{one.version}",
            "media": number(one.amount),
            "reason": one.reason,
            "from": one.since.isoformat(),
            "to": "still running" if one.still_running else one.until.isoformat(),
        }
        for one in found
    ]


def _each(row: Row, currency: str) -> dict[str, str]:
    return {
        "strict": _short(row.per_accepted, currency),
        "least": _short(row.lower_bound, currency),
        "evenly": _short(row.evenly_priced, currency),
        "eventual": _short(row.per_eventual, currency),
        "generated": _short(row.per_generated, currency),
        "drift": "" if row.drift is None else f"{number(row.drift)}x",
    }


def _counts(row: Row) -> dict[str, str]:
    counts = row.counts
    return {
        "stayed": number(counts.stayed) + (" few" if row.few else ""),
        "failed": number(counts.failed),
        "maturing": number(counts.maturing),
        "generated": number(counts.generated),
        "cost": number(row.cost),
    }


def _short(value: Decimal | None, currency: str) -> str:
    """Write an amount without its currency, which the heading has."""
    if value is None:
        return NONE
    return number(Money.of(value, currency)).removesuffix(f"{SPACE}{currency}")


def _acceptance(one: Acceptance, desk: Desk) -> dict[str, Any]:
    sealed = desk.sealed(one.as_of.seq)
    return {
        "campaigns": one.campaigns,
        "up_to": one.as_of.seq,
        "sealed": sealed.model_dump() if sealed else None,
        "policy": one.policy,
        "acceptance_policy": one.rules,
        **cohorts_as_json(one.cohorts),
        "periods": [
            {
                "month": it.month,
                "posted": _plain(it.posted),
                "stayed": it.stayed,
                "per_accepted": _exact(it.per_accepted),
            }
            for it in one.periods
        ],
        "wasted_media": [_money_as_text(it.model_dump(mode="json")) for it in one.wasted],
        "savings": [_money_as_text(it.model_dump(mode="json")) for it in one.savings],
        "sentence": {
            "text": str(one.sentence),
            "phrases": one.sentence.model_dump(mode="json")["phrases"],
            "caveats": one.sentence.caveats,
        },
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "month": row.month,
        "key": row.key,
        **row.counts.model_dump(),
        "few": row.few,
        "cost": _plain(row.cost),
        "parts": {
            "first_pass_kept": _plain(row.parts.first_pass_kept),
            "scrap": _plain(row.parts.scrap),
            **{name: _plain(getattr(row.parts, name)) for name in type(row.parts).model_fields},
        },
        "per_accepted": _exact(row.per_accepted),
        "lower_bound": _exact(row.lower_bound),
        "evenly_priced": _exact(row.evenly_priced),
        "per_eventual": _exact(row.per_eventual),
        "per_generated": _exact(row.per_generated),
        "drift": _exact(row.drift),
    }


def _plain(money: Money | None) -> str | None:
    return None if money is None else str(money.amount)


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else str(value.quantize(_PLACES))


def _money_as_text(value: Any) -> Any:
    """Write every amount as exact decimal text beside its currency."""
    if isinstance(value, Mapping):
        if set(value) == set(Money.model_fields):
            money = Money.model_validate(value)
            return {"amount": str(money.amount), "currency": money.currency}
        return {name: _money_as_text(one) for name, one in value.items()}
    return [_money_as_text(one) for one in value] if isinstance(value, list) else value
