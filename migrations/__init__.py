"""The history of the tables, run by ``cost_tracking.database.upgrade``; the wheel carries it."""
