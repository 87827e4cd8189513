"""One message, many markets: copy decks from memory, notices and translators, and their checks.

A locale is given its own language or nothing. What cannot be said in it fails that locale alone,
with the reason, and is never filled with another language.
"""
