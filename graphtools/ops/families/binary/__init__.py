"""Functions of two tensors, element by element: arithmetic, comparisons, and their gradients."""
