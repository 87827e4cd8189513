"""Reports as tables, a module a report; ``cost_tracking.reports.forms`` writes them down."""
