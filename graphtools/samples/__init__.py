"""Images, arrays and TFRecords as samples for the inputs of a model."""
