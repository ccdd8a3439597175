"""What decides beyond the types of an op: one function per op or family, each with its source."""
