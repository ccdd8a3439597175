"""Products of matrices and vectors, Einsum among them."""
