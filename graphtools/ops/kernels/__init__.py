"""What ops compute, with numpy: one module per family of ops."""
