"""What the error messages of this field mean."""
