"""The rules: one module a family, one decorated function a rule."""
