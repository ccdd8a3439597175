"""The commands, one a file: parse, call the library, render, exit code. No logic."""
