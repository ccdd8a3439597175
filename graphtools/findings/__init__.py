"""The one form in which anything wrong is told, of a graph or of a configuration."""
