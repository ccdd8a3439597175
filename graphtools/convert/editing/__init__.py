"""Editing `.tflite` files: one module an edit, each a function of an `Editor`."""
