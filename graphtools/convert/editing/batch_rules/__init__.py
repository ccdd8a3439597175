"""What operators make of the batch: a function of a `Step` for each op."""
