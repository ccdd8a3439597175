"""What joins tensors and takes them apart: pack, concatenate, split."""
