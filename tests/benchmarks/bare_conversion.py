"""What graphtools convert is measured against: TensorFlow's converter alone, as people call it.

    python bare_conversion.py FILE TARGET INPUTS OUTPUTS SHAPES [qat]

INPUTS and OUTPUTS are names separated by commas; SHAPES is JSON, by input.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Convert one graph."""
    import tensorflow as tf

    file, target, inputs, outputs, shapes, *mode = sys.argv[1:]
    converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(
        file, inputs.split(","), outputs.split(","), json.loads(shapes)
    )
    converter.allow_custom_ops = True
    if mode:
        converter.inference_type = tf.uint8
        converter.quantized_input_stats = dict.fromkeys(inputs.split(","), (128.0, 128.0))
    with open(target, "wb") as output:
        output.write(converter.convert())


if __name__ == "__main__":
    main()
