"""Whoever draws."""
