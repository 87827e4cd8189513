"""What a campaign costs: money, prices, attempts, budgets, the ledger and its reports.

It knows no provider, no network, no clock and no environment; whoever calls it passes the time in.
"""
