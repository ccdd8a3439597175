"""What quantizes, computes with quantized tensors, or imitates it."""
