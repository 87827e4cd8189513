"""Runs that wait for people, and who is at which run."""
