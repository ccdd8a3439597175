"""Variables: made, read, assigned, scattered into."""
