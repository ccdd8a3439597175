"""The flags of old programs, as data: spellings, kinds, and what became of them."""

from __future__ import annotations

from typing import NamedTuple

#: Kinds; MANY takes all values that follow.
TEXT, FLAG, NUMBER, INTEGER, MANY = "text", "flag", "number", "integer", "many"


class LegacyFlag(NamedTuple):
    """A flag.

    Attributes:
        key: Name by which the rest of the program knows it.
        names: Its spellings, without dashes; the first is the one to show.
        kind: `text`, `flag`, `number`, `integer` or `many`.
        meaning: What it is for, a line.
        why: Why it has no effect; empty if it has one.
        default: What it is if it is not given.
        required: Whether it has to be given.
    """

    key: str
    names: tuple[str, ...]
    kind: str
    meaning: str
    why: str = ""
    default: object = None
    required: bool = False


def flag(
    names: str,
    kind: str,
    meaning: str,
    why: str = "",
    *,
    default: object = None,
    required: bool = False,
) -> LegacyFlag:
    """A flag of a table: its spellings, separated by blanks, and the rest of `LegacyFlag`."""
    spellings = tuple(names.split())
    return LegacyFlag(spellings[0], spellings, kind, meaning, why, default, required)


def gone(names: str, kind: str, why: str) -> LegacyFlag:
    """A flag that is read, and has no effect any more."""
    return flag(names, kind, "No effect.", why)


_OLD_CONVERTER = "that part of the old converter is gone"
_PRINTED = "the summary is printed; --json makes it one for programs"

# fmt: off
#: Of toco and tflite_convert 1.x: `toco --help` of TensorFlow 1.15, and the native program's.
FLAGS: tuple[LegacyFlag, ...] = (
    # what is converted, and where it goes
    flag("input_file graph_def_file", TEXT, "The graph: a frozen .pb or .pbtxt."),
    flag("saved_model_dir savedmodel_directory", TEXT, "The SavedModel, in its place."),
    flag("keras_model_file", TEXT, "Not read here: export a SavedModel."),
    flag("saved_model_tag_set savedmodel_tagset", TEXT, "Tags of the SavedModel's graph."),
    flag("saved_model_signature_key", TEXT, "Signature of the SavedModel."),
    flag("output_file", TEXT, "Where the model goes."),
    flag("input_format", TEXT, "TENSORFLOW_GRAPHDEF; told by the file itself."),
    flag("output_format", TEXT, "TFLITE, GRAPHVIZ_DOT or TENSORFLOW_GRAPHDEF."),
    # its ends
    flag("input_arrays input_array", TEXT, "Names of the inputs, separated by commas."),
    flag("output_arrays output_array", TEXT, "Names of the outputs, separated by commas."),
    flag("input_shapes input_shape", TEXT, "Their shapes, as 1,300,300,3:2,5."),
    flag("batch_size", INTEGER, "Of inputs whose first dimension is open."),
    flag("variable_batch", FLAG, "Leave the first dimension of inputs open."),
    flag("input_data_types input_data_type input_types input_type", TEXT,
         "Element types of the inputs.",
         "the graph tells the types of its inputs; --inference_input_type is that of the model"),
    flag("allow_nonexistent_arrays", FLAG, "Leave out inputs and outputs that are not there."),
    gone("allow_nonascii_arrays", FLAG, "names may have any characters"),
    # types and ranges
    flag("inference_type", TEXT, "FLOAT, QUANTIZED_UINT8 or INT8."),
    flag("inference_input_type", TEXT, "Type of the model's inputs; --inference_type by default."),
    flag("inference_output_type", TEXT, "Type of its outputs, likewise."),
    flag("mean_values mean_value", TEXT, "Quantized value of 0 in each input."),
    flag("std_values std_value std_dev_values std_dev_value", TEXT,
         "Quantized steps of each input for 1: (stored - mean) / std."),
    flag("default_ranges_min", NUMBER, "Smallest value of tensors without a range."),
    flag("default_ranges_max", NUMBER, "Largest value."),
    gone("default_int16_ranges_min", NUMBER,
         "tensors of 16 bits get no ranges that are made up; calibrate: graphtools convert "
         "FILE -o OUT --quantize int16x8 --calibrate DATA"),
    gone("default_int16_ranges_max", NUMBER, "see --default_int16_ranges_min"),
    flag("post_training_quantize quantize_weights", FLAG, "Weights of 8 bits, values of floats."),
    flag("quantize_to_float16", FLAG, "Weights of float16 instead."),
    flag("drop_fake_quant", FLAG, "Take FakeQuant nodes out first."),
    flag("reorder_across_fake_quant", FLAG, "Take out FakeQuants inside of fused operators."),
    flag("change_concat_input_ranges", FLAG, "Give all that is joined one range."),
    gone("propagate_fake_quant_num_bits", FLAG, "the converter makes 8 bits of all ranges"),
    gone("arrays_extra_info_file", TEXT,
         "ranges come from FakeQuant nodes, or from --default_ranges_min and "
         "--default_ranges_max"),
    # ops
    flag("allow_custom_ops", FLAG, "Make custom ops of what TFLite lacks."),
    flag("custom_opdefs", TEXT, "OpDefs of custom ops, in protobuf's text format."),
    flag("target_ops", TEXT, "TFLITE_BUILTINS, and SELECT_TF_OPS for TensorFlow's kernels."),
    flag("enable_select_tf_ops force_select_tf_ops select_tf_ops", FLAG,
         "As --target_ops=TFLITE_BUILTINS,SELECT_TF_OPS."),
    gone("drop_control_dependency", FLAG,
         "control dependencies are always dropped: a TFLite model has none"),
    # pictures and reports
    flag("dump_graphviz_dir dump_graphviz", TEXT, "Folder for .dot files of the graph."),
    gone("dump_graphviz_video", FLAG,
         "the converter does not show its steps; --dump_graphviz_dir has the graph before and "
         "after what is done to it here"),
    gone("graphviz_first_array", TEXT, "draw a part: graphtools draw FILE -o OUT --from A --to B"),
    gone("graphviz_last_array", TEXT, "draw a part: graphtools draw FILE -o OUT --from A --to B"),
    gone("conversion_summary_dir", TEXT, _PRINTED),
    # the converter itself
    gone("experimental_new_converter", FLAG, "there is no other: toco itself is gone"),
    gone("experimental_new_quantizer", FLAG, "there is no other"),
    gone("enable_v1_converter", FLAG, "the flags of 1.x always work"),
    gone("dedupe_array_min_size_bytes", INTEGER,
         "the converter stores equal constants once, whatever their size"),
    gone("debug_disable_recurrent_cell_fusion", FLAG,
         "the converter fuses LSTM cells of Keras and tf.nn only where they are marked"),
    gone("split_tflite_lstm_inputs", FLAG, _OLD_CONVERTER),
    gone("allow_nudging_weights_to_use_fast_gemm_kernel allow_nudging_weights", FLAG,
         "kernels are fast for all weights now"),
    gone("unfold_batchmatmul", FLAG, "BatchMatMul is an operator of TFLite now"),
    gone("allow_dynamic_tensors", FLAG, "tensors of open shape always convert"),
    gone("rnn_states", TEXT, _OLD_CONVERTER),
    gone("model_checks", TEXT, "the model is always checked"),
    gone("model_flags_file", TEXT, "give its flags on the command line"),
)
# fmt: on
