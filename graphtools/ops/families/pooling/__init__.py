"""Poolings of images and volumes, and their gradients."""
