"""Calibration data: images, arrays and TFRecords as samples for the inputs of a graph."""
