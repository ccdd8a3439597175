"""Values of small integer tensors, known in part: one module per family of ops."""
