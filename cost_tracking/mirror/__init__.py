"""A copy of the ledger in columns, for questions over millions of its lines.

It is rebuilt from the database at any time, and nothing is ever read from it that the database does
not hold: the books themselves are proven there.
"""
