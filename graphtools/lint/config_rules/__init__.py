"""The checks of a training configuration, one function each; a folder's modules are all loaded."""
