"""The rules for TFLite models, one function each; a folder's modules are all loaded."""
