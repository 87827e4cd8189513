"""Finds the headings of an export, whatever stands before them, and which column is what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.platform import AmountColumn, Platform, plain, with_currency
from cost_tracking.spend_import.sheet import Record
from cost_tracking.spend_import.spend_row import LEVELS, Said


@dataclass(slots=True)
class Columns:
    """Which column of a file holds what, by its number."""

    heading: Sequence[str]
    amount: int
    of: AmountColumn
    currency: str
    """From the heading of the amount."""
    fields: Mapping[str, int]
    breakdown: Mapping[str, int]

    def cell(self, record: Record, field: str) -> str:
        """Return what a record says of a field, without blanks around it."""
        place = self.fields.get(field)
        return record.cells[place].strip() if place is not None else ""

    def name(self, field: str) -> str:
        """Return the heading of a field as the file writes it, or the field's own name."""
        place = self.amount if field == "amount" else self.fields.get(field)
        return field if place is None else self.heading[place].strip()


class Headings:
    """Knows the headings of one platform.

    Args:
        platform: Describes it.
        said: What the file does not say itself.
        faults: Takes what is missing.

    """

    def __init__(self, platform: Platform, said: Said, faults: Faults) -> None:
        self.platform, self.said, self.faults = platform, said, faults
        self._aliases = {
            name: {plain(one): rank for rank, one in reversed(list(enumerate(known)))}
            for name, known in platform.columns.items()
        }
        self._cuts = {
            name: {plain(one) for one in known} for name, known in platform.breakdown.items()
        }

    def score(self, cells: Sequence[str]) -> int:
        """Return how many fields a record heads; 0 if it is not the headings."""
        headings = {plain(cell) for cell in cells}
        if self._amount_column(cells) is None or not headings & set(self._aliases["day"]):
            return 0
        return sum(bool(headings & set(known)) for known in self._aliases.values())

    def absent(self, record: Record) -> None:
        """Note what is missing in the record that is most like the headings."""
        cells = record.cells
        found = ", ".join(shown(cell.strip()) for cell in cells[:12] if cell.strip()) or "nothing"
        headings = {plain(cell) for cell in cells}
        if not headings & set(self._aliases["day"]):
            known = ", ".join(self.platform.columns["day"][:3])
            self.faults.add(
                record.line,
                "day",
                f"no column holds the day; there is: {found}",
                _ask(f"Export it by day ({known})"),
            )
        if self._amount_column(cells) is None:
            known = ", ".join(self.platform.amounts[0].headings[:3])
            self.faults.add(
                record.line,
                "amount",
                f"no column holds the spend; there is: {found}",
                _ask(f"Export the column {known}"),
            )
        if not self.faults:
            said = f"the headings stand below line {record.line}, or on several lines"
            self.faults.add(record.line, "", said, "Export it again, as CSV")

    def columns(self, heading: Record) -> Columns:
        """Return which column is what, and note what is missing or stands twice."""
        cells = heading.cells
        names = [plain(cell) for cell in cells]
        found = self._amount_column(cells)
        if found is None:
            raise AssertionError("the headings were scored by their amount")
        place, column, currency = found
        fields: dict[str, int] = {}
        for name, known in self._aliases.items():
            ranked = sorted((known[one], at) for at, one in enumerate(names) if one in known)
            if ranked:
                fields[name] = ranked[0][1]
        cuts = {
            name: names.index(next(one for one in names if one in known))
            for name, known in self._cuts.items()
            if known & set(names)
        }
        for more in self.said.breakdown:
            if plain(more) not in names:
                said = f"no column is headed {shown(more)}"
                self.faults.add(heading.line, "--breakdown", said, "Write it as the file does")
            else:
                cuts[plain(more)] = names.index(plain(more))
        # A column that names the ad is no breakdown of it, whatever else it is called.
        cuts = {name: at for name, at in cuts.items() if at not in fields.values()}
        for at in {place, *fields.values(), *cuts.values()}:
            if names.count(names[at]) > 1:
                said = f"two columns are headed {shown(cells[at].strip())}"
                self.faults.add(heading.line, cells[at].strip(), said, "Keep one of the two")
        columns = Columns(cells, place, column, currency, fields, cuts)
        self._check_identity(heading, columns)
        return columns

    def _check_identity(self, heading: Record, columns: Columns) -> None:
        if not any(name in columns.fields for _, *pair in LEVELS for name in pair):
            known = ", ".join(
                self.platform.columns[name][0]
                for name in ("ad_id", "ad_name")
                if name in self.platform.columns
            )
            said = "no column says which ad a row is of"
            self.faults.add(heading.line, "", said, f"Export it by ad, with: {known}")
        if "account" not in columns.fields and not self.said.account:
            said = "no column says which account it is of"
            self.faults.add(
                heading.line, "account", said, "Give --account ID, or export its column"
            )
        told = columns.of.currency or columns.currency or "currency" in columns.fields
        if not told and not self.said.currency:
            said = "nothing says which currency it is in"
            self.faults.add(
                heading.line, "currency", said, "Give --currency EUR, or export its column"
            )

    def _amount_column(self, cells: Sequence[str]) -> tuple[int, AmountColumn, str] | None:
        headings = [plain(cell) for cell in cells]
        split = [with_currency(cell) for cell in cells]
        for column in self.platform.amounts:
            if column.beside and not {plain(one) for one in column.beside} & set(headings):
                continue
            for known in map(plain, column.headings):
                if known in headings:
                    return headings.index(known), column, ""
                for place, (bare_heading, currency) in enumerate(split):
                    if bare_heading == known and currency:
                        return place, column, currency
        return None


def _ask(mend: str) -> str:
    return f"{mend}; for a file of your own, describe it with --source csv --mapping FILE"
