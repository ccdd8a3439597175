"""What picks and places by index: gather, scatter, select, partition."""
