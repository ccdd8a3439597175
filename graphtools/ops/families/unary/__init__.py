"""Functions of each element of one tensor: arithmetic, casts, activations, running sums."""
