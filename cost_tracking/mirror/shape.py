"""What the copy looks like: lines of numbers, the words that they stand for, and sums of months.

Text is kept once, in ``word``, since grouping ten million lines by whole numbers takes a fraction
of what it takes by names. ``monthly`` holds the lines added up by everything that they are asked
by, apart from the asset; it may hold several rows of one group, which questions add up.
"""

VERSION = 2
"""Of the tables; a copy of another version is made anew."""
NAMES = ("campaign", "asset", "market", "locale", "placement", "channel", "provider", "stage")
"""What a line may name; what it does not name is empty text here."""
WORDS = ("month", "cost_type", *NAMES, "currency")
"""The columns that hold the number of a word."""
FLAGS = ("rework", "waste")
DIVIDED = tuple(name for name in (*WORDS, *FLAGS) if name != "asset")
"""What ``monthly`` is divided by."""

LINE = {
    "seq": "BIGINT",
    **dict.fromkeys(WORDS, "UINTEGER"),
    **dict.fromkeys(FLAGS, "UTINYINT"),
    "micros": "BIGINT",
}
MONTHLY = {**{name: LINE[name] for name in DIVIDED}, "micros": "BIGINT", "lines": "BIGINT"}
VERDICT = {
    "seq": "BIGINT",
    "campaign": "UINTEGER",
    "asset": "UINTEGER",
    "verdict": "VARCHAR",
    "decided_at": "VARCHAR",
}
TABLES = {
    "line": LINE,
    "monthly": MONTHLY,
    "verdict": VERDICT,
    "word": {"id": "UINTEGER", "text": "VARCHAR"},
    "mark": {"version": "BIGINT", "ledger": "BIGINT", "decisions": "BIGINT", "merged": "BIGINT"},
}
"""``mark`` has one row: how far the copy goes, and how many rows ``monthly`` had when its groups
were last made one row each."""
