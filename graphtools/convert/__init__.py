"""What needs TensorFlow: it is imported in child processes only, and only when called."""
