"""Whoever keeps files."""
