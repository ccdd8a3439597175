"""Matrices made of diagonals, and diagonals taken from matrices."""
