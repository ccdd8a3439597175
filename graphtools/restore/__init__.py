"""Which variables of a model a training configuration restores from a checkpoint, and why."""
