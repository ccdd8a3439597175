"""Errors that people who have TensorFlow graphs run into: what they mean and what cures them.

A module is an area; its `ERRORS` are in order: where two of them fit the same words, the earlier is
meant. A new error is a new entry, with a real message in the tests.
"""
