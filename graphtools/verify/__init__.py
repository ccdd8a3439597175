"""Comparison of what two models compute, or a graph before and after a rewrite."""
