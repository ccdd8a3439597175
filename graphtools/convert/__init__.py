"""Conversion to TFLite: `conversion`, and `calibration`, which gives it typical inputs."""
