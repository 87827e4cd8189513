"""What a campaign is made of, as frozen values; a module a noun.

This is the bottom of the house. It opens only the files that ship beside it, knows no network,
no clock and no environment, and everything above it speaks in its words.
"""
