"""Conversion to TFLite: what is asked, checked before, run and checked after."""
