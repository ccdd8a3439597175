"""What joins, cuts and changes strings."""
