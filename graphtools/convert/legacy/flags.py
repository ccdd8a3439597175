"""The flags of toco and tflite_convert 1.x, as data: spellings, kinds, and what became of them.

Source: `toco --help` of TensorFlow 1.15 and the flags of the native program of the same name.
"""

from __future__ import annotations

from typing import NamedTuple

TEXT, FLAG, NUMBER, INTEGER = "text", "flag", "number", "integer"


class LegacyFlag(NamedTuple):
    """A flag.

    Attributes:
        key: Name by which the rest of the program knows it.
        names: Its spellings, without dashes; the first is the one to show.
        kind: `text`, `flag`, `number` or `integer`.
        meaning: What it is for, a line.
        why: Why it has no effect; empty if it has one.
    """

    key: str
    names: tuple[str, ...]
    kind: str
    meaning: str
    why: str = ""


def _flag(key: str, kind: str, meaning: str, *others: str, why: str = "") -> LegacyFlag:
    return LegacyFlag(key, (key, *others), kind, meaning, why)


_OLD_CONVERTER = "that part of the old converter is gone"
_PRINTED = "the summary is printed; --json makes it one for programs"

FLAGS: tuple[LegacyFlag, ...] = (
    # what is converted, and where it goes
    _flag("input_file", TEXT, "The graph: a frozen .pb or .pbtxt.", "graph_def_file"),
    _flag("saved_model_dir", TEXT, "The SavedModel, in its place.", "savedmodel_directory"),
    _flag("keras_model_file", TEXT, "Not read here: export a SavedModel."),
    _flag("saved_model_tag_set", TEXT, "Tags of the SavedModel's graph.", "savedmodel_tagset"),
    _flag("saved_model_signature_key", TEXT, "Signature of the SavedModel."),
    _flag("output_file", TEXT, "Where the model goes."),
    _flag("input_format", TEXT, "TENSORFLOW_GRAPHDEF; told by the file itself."),
    _flag("output_format", TEXT, "TFLITE, GRAPHVIZ_DOT or TENSORFLOW_GRAPHDEF."),
    # its ends
    _flag("input_arrays", TEXT, "Names of the inputs, separated by commas.", "input_array"),
    _flag("output_arrays", TEXT, "Names of the outputs, separated by commas.", "output_array"),
    _flag("input_shapes", TEXT, "Their shapes, as 1,300,300,3:2,5.", "input_shape"),
    _flag("batch_size", INTEGER, "Of inputs whose first dimension is open."),
    _flag("variable_batch", FLAG, "Leave the first dimension of inputs open."),
    _flag(
        "input_data_types",
        TEXT,
        "Element types of the inputs.",
        "input_data_type",
        "input_types",
        "input_type",
        why="the graph tells the types of its inputs; --inference_input_type is that of the model",
    ),
    _flag("allow_nonexistent_arrays", FLAG, "Leave out inputs and outputs that are not there."),
    _flag("allow_nonascii_arrays", FLAG, "No effect.", why="names may have any characters"),
    # types and ranges
    _flag("inference_type", TEXT, "FLOAT, QUANTIZED_UINT8 or INT8."),
    _flag("inference_input_type", TEXT, "Type of the model's inputs; --inference_type by default."),
    _flag("inference_output_type", TEXT, "Type of its outputs, likewise."),
    _flag("mean_values", TEXT, "Quantized value of 0 in each input.", "mean_value"),
    _flag(
        "std_values",
        TEXT,
        "Quantized steps of each input for 1: (stored - mean) / std.",
        "std_value",
        "std_dev_values",
        "std_dev_value",
    ),
    _flag("default_ranges_min", NUMBER, "Smallest value of tensors without a range."),
    _flag("default_ranges_max", NUMBER, "Largest value."),
    _flag(
        "default_int16_ranges_min",
        NUMBER,
        "No effect.",
        why="tensors of 16 bits get no ranges that are made up; calibrate: graphtools convert "
        "FILE -o OUT --quantize int16x8 --calibrate DATA",
    ),
    _flag("default_int16_ranges_max", NUMBER, "No effect.", why="see --default_int16_ranges_min"),
    _flag(
        "post_training_quantize", FLAG, "Weights of 8 bits, values of floats.", "quantize_weights"
    ),
    _flag("quantize_to_float16", FLAG, "Weights of float16 instead."),
    _flag("drop_fake_quant", FLAG, "Take FakeQuant nodes out first."),
    _flag("reorder_across_fake_quant", FLAG, "Take out FakeQuants inside of fused operators."),
    _flag("change_concat_input_ranges", FLAG, "Give all that is joined one range."),
    _flag(
        "propagate_fake_quant_num_bits",
        FLAG,
        "No effect.",
        why="the converter makes 8 bits of all ranges",
    ),
    _flag(
        "arrays_extra_info_file",
        TEXT,
        "No effect.",
        why="ranges come from FakeQuant nodes, or from --default_ranges_min and "
        "--default_ranges_max",
    ),
    # ops
    _flag("allow_custom_ops", FLAG, "Make custom ops of what TFLite lacks."),
    _flag("custom_opdefs", TEXT, "OpDefs of custom ops, in protobuf's text format."),
    _flag("target_ops", TEXT, "TFLITE_BUILTINS, and SELECT_TF_OPS for TensorFlow's kernels."),
    _flag(
        "enable_select_tf_ops",
        FLAG,
        "As --target_ops=TFLITE_BUILTINS,SELECT_TF_OPS.",
        "force_select_tf_ops",
        "select_tf_ops",
    ),
    _flag(
        "drop_control_dependency",
        FLAG,
        "No effect.",
        why="control dependencies are always dropped: a TFLite model has none",
    ),
    # pictures and reports
    _flag("dump_graphviz_dir", TEXT, "Folder for .dot files of the graph.", "dump_graphviz"),
    _flag(
        "dump_graphviz_video",
        FLAG,
        "No effect.",
        why="the converter does not show its steps; --dump_graphviz_dir has the graph before and "
        "after what is done to it here",
    ),
    _flag(
        "graphviz_first_array",
        TEXT,
        "No effect.",
        why="draw a part: graphtools draw FILE -o OUT --from A --to B",
    ),
    _flag(
        "graphviz_last_array",
        TEXT,
        "No effect.",
        why="draw a part: graphtools draw FILE -o OUT --from A --to B",
    ),
    _flag("conversion_summary_dir", TEXT, "No effect.", why=_PRINTED),
    # the converter itself
    _flag(
        "experimental_new_converter",
        FLAG,
        "No effect.",
        why="there is no other: toco itself is gone",
    ),
    _flag("experimental_new_quantizer", FLAG, "No effect.", why="there is no other"),
    _flag("enable_v1_converter", FLAG, "No effect.", why="the flags of 1.x always work"),
    _flag(
        "dedupe_array_min_size_bytes",
        INTEGER,
        "No effect.",
        why="the converter stores equal constants once, whatever their size",
    ),
    _flag(
        "debug_disable_recurrent_cell_fusion",
        FLAG,
        "No effect.",
        why="the converter fuses LSTM cells of Keras and tf.nn only where they are marked",
    ),
    _flag("split_tflite_lstm_inputs", FLAG, "No effect.", why=_OLD_CONVERTER),
    _flag(
        "allow_nudging_weights_to_use_fast_gemm_kernel",
        FLAG,
        "No effect.",
        "allow_nudging_weights",
        why="kernels are fast for all weights now",
    ),
    _flag("unfold_batchmatmul", FLAG, "No effect.", why="BatchMatMul is an operator of TFLite now"),
    _flag("allow_dynamic_tensors", FLAG, "No effect.", why="tensors of open shape always convert"),
    _flag("rnn_states", TEXT, "No effect.", why=_OLD_CONVERTER),
    _flag("model_checks", TEXT, "No effect.", why="the model is always checked"),
    _flag("model_flags_file", TEXT, "No effect.", why="give its flags on the command line"),
)
