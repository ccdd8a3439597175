"""What needs TensorFlow or LiteRT: they are imported in child processes only, and only when called.

- `runtime`: the child processes, and what TensorFlow and LiteRT say in them.
- `conversion`, with `calibration`: graphs to TFLite; `legacy` is toco's command line.
- `verification`: what two models compute, compared; `bench` times them.
- `ssd`: the graph for TFLite of a frozen SSD.
- `probing`: the measurements behind the tables of `graphtools.compat`.
- `explaining`: what error messages mean.
"""
