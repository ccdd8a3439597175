"""From a path to a graph with endpoints, with the values of its variables: one policy for all."""
