"""Measures what a TensorFlow's converter takes, for the tables of `compat`."""
