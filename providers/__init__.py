"""Everyone outside who draws, writes or keeps things, and bills for it.

Adapters translate and classify, one vendor a file. They never retry, price, write to the ledger or
read the environment: ``runner`` owns attempts, prices, budget, retries and stored answers.
"""
