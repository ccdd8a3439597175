"""What moves blocks between space and batch or channels."""
