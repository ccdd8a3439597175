"""Targets beside TFLite, one file each; see `graphtools.convert.target`."""
