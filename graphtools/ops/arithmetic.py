"""Ops of arithmetic that TensorFlow has under several names."""

SUMS = frozenset({"Add", "AddV2"})
QUOTIENTS = frozenset({"RealDiv", "Div"})
