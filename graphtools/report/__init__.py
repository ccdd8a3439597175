"""Documents as data, and one renderer per format."""
