"""What ops cost to run: one module per family of ops."""
