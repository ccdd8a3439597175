"""Lints graphs and training configurations: rules, findings, and how they are selected."""
