"""What people see of an import: what changed, what was matched, and what was not."""

from rich.text import Text

from cost_tracking.spend_import.feedback import Heard
from cost_tracking.spend_import.imported import Imported
from flows.show import OUT, rows

SHOWN = 20
"""How many rows of a list people see; `--json` gives more."""


def spend(done: Imported) -> None:
    """Show what an export held and changed."""
    days = f"{done.first_day} to {done.last_day}"
    zones = ", ".join(done.time_zones)
    would = "would change" if done.dry_run else "changed"
    _say(
        f"{done.platform}, account {', '.join(done.accounts)}, {days} in time zone {zones}: "
        f"{done.rows:,} rows"
    )
    change = ", ".join(map(str, done.change)) or "nothing"
    _say(
        f"{done.changed:,} {would}: {done.new:,} new, {done.restated:,} restated, "
        f"{done.reversed:,} reversed; {done.unchanged:,} as they were. Media: {change}"
    )
    for currency, share in done.matched().items():
        told = "nothing was spent" if share is None else f"matched {share} % of working spend"
        parts = (one for one in done.spent if one.money.currency == currency)
        _say(f"{told}: {', '.join(f'{one.name} {one.money}' for one in parts)}")
    if done.unmatched:
        found = [
            {"ad": one.name, "campaign": one.campaign or "none", "spend": str(one.money)}
            for one in done.unmatched[:SHOWN]
        ]
        rows(_counted("unmatched: posted, of no asset", len(done.unmatched)), found)
    if done.missing:
        verb = "reversed" if done.window else "imported before, and not in this file; they stand"
        gone = [
            {"day": str(one.day), "ad": one.label, "id": one.ad_id, "spend": str(one.money)}
            for one in done.missing[:SHOWN]
        ]
        rows(_counted(verb, len(done.missing)), gone)
    for campaign, lacking in done.uncounted.items():
        _say(
            f"the working budget of {campaign} could not count all of it; give the brief a rate: "
            f"{', '.join(lacking)}"
        )


def feedback(heard: Heard) -> None:
    """Show what a file of feedback held."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(heard.kinds.items()))
    new = "nothing is recorded" if heard.dry_run else f"{heard.new:,} of them new"
    _say(f"{heard.rows:,} rows ({kinds or 'none'}), {new}")
    if heard.skipped:
        left = [{"line": line, "names": name} for line, name in heard.skipped[:SHOWN]]
        rows(_counted("left out: of none of our assets", len(heard.skipped)), left)


def _counted(title: str, count: int) -> str:
    return title if count <= SHOWN else f"{title} (the first {SHOWN} of {count:,})"


def _say(line: str) -> None:
    # Names out of a file are text: nothing in them is markup.
    OUT.print(Text(line))
