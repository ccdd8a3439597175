"""What tells of shapes and computes with them."""
