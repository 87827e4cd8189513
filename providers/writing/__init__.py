"""Whoever writes."""
