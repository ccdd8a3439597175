"""What operators make of the batch: a function of a `BatchStep` for each op."""
