"""What arranges the elements of a tensor anew: reshape, transpose, tile, reverse."""
