"""How the books are kept: posted in batches, sealed, closed by the month, trued up, and proven."""
