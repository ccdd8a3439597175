"""Sums and the like along axes."""
