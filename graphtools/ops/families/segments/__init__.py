"""Sums and the like over segments."""
