"""The graph for TFLite of a frozen SSD."""
