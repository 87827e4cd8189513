"""Media spend and feedback as platforms export them, read whole or not at all.

A file is read by a description of its platform that is data (``cost_tracking/data/platforms``), its
rows are joined to assets, and each becomes an entry of the ledger under a natural key, so that a
second import of the same days changes only what the platform has restated.
"""
