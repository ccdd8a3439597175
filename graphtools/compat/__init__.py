"""Which nodes of a graph TensorFlow Lite's converter takes, and why not: tables and rules."""
