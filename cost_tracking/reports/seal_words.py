"""Says how far a report's ledger is sealed: a printed page can then be held against the books."""

from cost_tracking.books.head import Head
from cost_tracking.reports.figures import number


def sealed_words(up_to: int, sealed: Head | None) -> str:
    """Return where the report's ledger ends, and what it is sealed as.

    Args:
        up_to: The newest entry that the report tells.
        sealed: The newest head that reaches no further; None where nothing is sealed yet.

    >>> sealed_words(1207, Head.read("1200:" + "ab" * 32))[:77]
    'Ledger up to entry 1,207; sealed up to entry 1,200 as abababababab (1200:abab'
    """
    told = f"Ledger up to entry {number(up_to)}"
    if sealed is None:
        return f"{told}; none of it is sealed yet (kampanj db seal does it)"
    open_ = "" if sealed.seq >= up_to else "; the entries after that are not under it"
    return f"{told}; sealed up to entry {number(sealed.seq)} as {sealed.short} ({sealed}){open_}"
