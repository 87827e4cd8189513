"""Every table there is: those of the books, and those of each room beside them.

Whoever needs all of them (migrations, and tests that compare or empty them) imports from here; a
room whose tables were not imported would be missing without a word.
"""

from cost_tracking.acceptance.tables import asset_event
from cost_tracking.allocation.tables import allocation, spend_document
from cost_tracking.books.tables import period, seal
from cost_tracking.budgeting.tables import (
    budget_count,
    budget_forecast,
    budget_hold,
    budget_limit_change,
    budget_transfer,
)
from cost_tracking.exchange.tables import fx_rate
from cost_tracking.spend_import.tables import import_row, spend_file
from cost_tracking.tables import APPEND_ONLY as BOOKS
from cost_tracking.tables import METADATA
from cost_tracking.waiting.tables import claim, form, waiting

__all__ = ["APPEND_ONLY", "METADATA"]

ROOMS = (seal, period, asset_event, spend_file, import_row, fx_rate, spend_document, allocation)
BUDGETING = (budget_limit_change, budget_hold, budget_count, budget_transfer, budget_forecast)
WAITING = (claim, waiting, form)
"""Their rows are changed: they say how things stand, and what people did stands elsewhere."""
APPEND_ONLY = (*BOOKS, *(table.name for table in (*ROOMS, *BUDGETING)))
"""The tables whose rows a trigger keeps from being changed or deleted."""
