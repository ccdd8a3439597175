"""What TensorFlow refuses in a graph: the one place for lint, compat, convert and all others."""
