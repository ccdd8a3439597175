"""Pictures of graphs: what is written on them, drawn by graphviz or by a layout of our own."""
