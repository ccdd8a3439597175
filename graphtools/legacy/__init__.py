"""Command lines of toco and tflite_convert of TensorFlow 1."""
