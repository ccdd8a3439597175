"""Calibration data: samples that are read and checked for a converter."""
