"""What is known of each op: its definition, shapes, values and cost."""
