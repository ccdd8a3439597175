"""Biases: a number for each channel."""
