"""From a path to a graph with endpoints, frozen where values are there: one policy for all."""
