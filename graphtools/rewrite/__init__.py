"""How graphs are rewritten: patterns as data, the driver that applies them, the grammar."""
