"""Functions from graphs and models to frozen dataclasses. Nothing here prints."""
