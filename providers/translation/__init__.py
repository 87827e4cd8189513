"""Whoever says the message again, to readers of another language."""
