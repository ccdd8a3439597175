"""What makes tensors: placeholders, constants, ranges, one value everywhere."""
