# ruff: noqa: E501  (messages stand here as they are printed, unbroken)
"""Messages as TensorFlow 1 and 2, its tools and TFLite's runtimes print them, by known error."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """A message, the entry that it is to be recognised as, and words that the answer must have."""

    name: str
    message: str
    words: tuple[str, ...]


def sample(name: str, message: str, *words: str) -> Sample:
    return Sample(name, message, words)


SAMPLES = (
    # loading
    sample(
        "binary-read-as-text",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 44: invalid start byte",
        "input_binary",
    ),
    sample(
        "binary-read-as-text",
        "UnicodeDecodeError: 'charmap' codec can't decode byte 0x81 in position 14: character maps to <undefined>",
    ),
    sample(
        "no-such-field",
        'google.protobuf.text_format.ParseError: 108:5 : Message type "object_detection.protos.SsdFeatureExtractor" has no field named "override_base_feature_extractor_hyperparams".',
        "override_base_feature_extractor_hyperparams",
        "check-config",
    ),
    sample(
        "text-not-parsed",
        "google.protobuf.text_format.ParseError: 2:1 : Expected identifier or number, got \x13.",
        "2:1",
    ),
    sample(
        "text-not-parsed",
        "[libprotobuf ERROR google/protobuf/text_format.cc:307] Error parsing text-format tensorflow.GraphDef: 1:1: Expected identifier.",
    ),
    sample(
        "graph-not-parsed",
        "google.protobuf.message.DecodeError: Error parsing message",
        "graphtools summary",
    ),
    sample(
        "graph-not-parsed",
        "google.protobuf.message.DecodeError: Error parsing message with type 'tensorflow.GraphDef'",
        "tensorflow.GraphDef",
    ),
    sample("graph-not-parsed", "google.protobuf.message.DecodeError: Tag had invalid wire type."),
    sample("graph-not-parsed", "google.protobuf.message.DecodeError: Truncated message."),
    sample(
        "saved-model-missing",
        "OSError: SavedModel file does not exist at: model.h5/{saved_model.pbtxt|saved_model.pb}",
        "summary model.h5",
    ),
    sample(
        "saved-model-missing",
        "IOError: SavedModel file does not exist at: export/all",
        "export/all",
    ),
    sample(
        "saved-model-tags",
        "RuntimeError: MetaGraphDef associated with tags 'serve' could not be found in SavedModel. To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`\navailable_tags: []",
        "'serve'",
        "[]",
    ),
    sample(
        "saved-model-tags",
        "RuntimeError: MetaGraphDef associated with tags {'serve'} could not be found in SavedModel, with available tags '[{'train'}]'. To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`.",
        "train",
    ),
    sample(
        "signature-missing",
        "ValueError: No 'serving_default' in the SavedModel's SignatureDefs. Possible values are 'predict'.",
        "serving_default",
        "'predict'",
    ),
    sample("signature-missing", "ValueError: Only support a single signature key."),
    sample(
        "input-file-not-parsed",
        "OSError: Unable to parse input file 'model.pb'.",
        "summary model.pb",
    ),
    sample(
        "op-not-registered",
        "tensorflow.python.framework.errors_impl.NotFoundError: Op type not registered 'GatherTree' in binary running on my-host. Make sure the Op and Kernel are registered in the binary running in this process.",
        "op GatherTree",
    ),
    sample(
        "op-not-registered",
        "NotFoundError: Op type not registered 'f_DyaOpbZBttI' in binary running on vm. Make sure the Op and Kernel are registered in the binary running in this process. Note that if you are loading a saved graph which used ops from tf.contrib, accessing (e.g.) `tf.contrib.resampler` should be done before importing the graph, as contrib ops are lazily registered when the module is first accessed.",
        "f_DyaOpbZBttI",
    ),
    sample(
        "attribute-unknown",
        "ValueError: NodeDef mentions attr 'incompatible_shape_error' not in Op<name=Equal; signature=x:T, y:T -> z:bool; attr=T:type,allowed=[DT_BFLOAT16, DT_HALF, ..., DT_COMPLEX128]; is_commutative=true>; NodeDef: {{node GridAnchorGenerator/assert_equal_1/Equal}}. (Check whether your GraphDef-interpreting binary is up to date with your GraphDef-generating binary.).",
        "remove_attribute(attribute_name=incompatible_shape_error, op_name=Equal)",
    ),
    sample(
        "attribute-unknown",
        "Executor failed to create kernel. Invalid argument: NodeDef mentions attr 'Truncate' not in Op<name=Cast; signature=x:SrcT -> y:DstT; attr=SrcT:type; attr=DstT:type>; NodeDef: import/Cast_10 = Cast[DstT=DT_INT64, SrcT=DT_INT32, Truncate=false](import/Shape_53).",
        "op_name=Cast",
    ),
    sample(
        "attribute-missing",
        "ValueError: NodeDef missing attr 'strides' from Op<name=Conv2D; signature=input:T, filter:T -> output:T; attr=T:type; attr=strides:list(int)>; NodeDef: {{node conv1/Conv2D}}",
        "conv1/Conv2D",
        "strides",
    ),
    sample(
        "producer-too-old",
        "ValueError: GraphDef producer version 9 below min producer 10 supported by TensorFlow 1.0.0.  Please regenerate your graph.",
        "9",
        "10",
    ),
    sample(
        "producer-too-old",
        "GraphDef min consumer version 12 above current version 10 for TensorFlow 0.8.0.  Please upgrade TensorFlow.",
    ),
    sample("graph-above-2gb", "ValueError: GraphDef cannot be larger than 2GB."),
    sample(
        "graph-above-2gb",
        "ValueError: Cannot serialize protocol buffer of type tensorflow.GraphDef as the serialized size (2280349421bytes) would be larger than the limit (2147483647 bytes)",
    ),
    sample(
        "colocated-with-unknown",
        "ValueError: Node '1' expects to be colocated with unknown node 'InceptionV3/Conv2d_1a_3x3/weights'",
        "attribute_name=_class",
        "InceptionV3/Conv2d_1a_3x3/weights",
    ),
    sample("node-not-unique", "ValueError: Node 'x' is not unique", "called x"),
    # naming
    sample("shell-quotes", "AssertionError: 'softmax' is not in graph", "double quotes"),
    sample("shell-quotes", "ValueError: Invalid tensors ''image_tensor'' were found."),
    sample(
        "not-in-graph",
        "AssertionError: final_result:0 is not in graph",
        "final_result:0",
        "graphtools io",
    ),
    sample("invalid-tensors", "ValueError: Invalid tensors 'NoSuchNode' were found.", "NoSuchNode"),
    sample(
        "invalid-tensors",
        "ValueError: Invalid tensors 'normalized_input_image_tensor,TFLite_Detection_PostProcess' were found.",
        "normalized_input_image_tensor",
    ),
    sample(
        "tensor-does-not-exist",
        "KeyError: \"The name 'input:0' refers to a Tensor which does not exist. The operation, 'input', does not exist in the graph.\"",
        "--name input",
    ),
    sample(
        "operation-not-in-graph",
        "ValueError: Fetch argument 'save/restore_all' cannot be interpreted as a Tensor. (\"The name 'save/restore_all' refers to an Operation not in the graph.\")",
        "save/restore_all",
    ),
    sample(
        "operation-is-no-tensor",
        "ValueError: The name 'softmax' refers to an Operation, not a Tensor. Tensor names must be of the form \"<op_name>:<output_index>\".",
        "softmax:0",
    ),
    sample(
        "operation-is-no-tensor",
        "ValueError: The name 'Mul' looks like an (invalid) Operation name, not a Tensor. Tensor names must be of the form \"<op_name>:<output_index>\".",
        "Mul:0",
    ),
    sample(
        "input-nodes-not-found",
        "KeyError: \"The following input nodes were not found: {'Mul'}\"",
        "Mul",
    ),
    sample(
        "input-node-not-found",
        "InvalidArgumentError: Input node nope not found in graph",
        "nope",
        "GT101",
    ),
    sample("fetch-not-found", "NotFoundError: FetchOutputs node nope: not found", "nope"),
    sample(
        "fetch-not-found",
        "NotFoundError: FeedInputs: unable to find feed output image_tensor:0",
        "image_tensor",
    ),
    sample(
        "fetch-not-found",
        "InvalidArgumentError: Tensor ToFloat:0, specified in either feed_devices or fetch_devices was not found in the Graph",
        "ToFloat:0",
    ),
    sample(
        "output-array-not-produced",
        'F tensorflow/lite/toco/tooling_util.cc:935] Check failed: GetOpWithOutput(model, output_array) Specified output array "softmax" is not produced by any op in this graph. Is it a typo? This should not happen. If you trigger this error please send a bug report.',
        "path GRAPH INPUT softmax",
    ),
    sample(
        "no-inputs-spotted",
        "No inputs spotted.\nNo variables spotted.\nFound 1 possible outputs: (name=save/restore_all, op=NoOp)",
    ),
    sample(
        "node-not-in-converted-graph",
        "ValueError: Graph does not contain node: while/Exit_1",
        "while/Exit_1",
    ),
    # freezing
    sample(
        "float-ref-after-freezing",
        "ValueError: Input 0 of node import/bn_Conv1/cond/AssignMovingAvg/Switch was passed float from import/bn_Conv1/moving_mean:0 incompatible with expected float_ref.",
        "bn_Conv1/cond/AssignMovingAvg/Switch",
        "--inference",
    ),
    sample(
        "resource-after-freezing",
        "ValueError: Input 0 of node StatefulPartitionedCall/functional_1/resnet50/conv1_bn/AssignNewValue was passed float from Func/StatefulPartitionedCall/input/_5:0 incompatible with expected resource.",
        "conv1_bn/AssignNewValue",
    ),
    sample(
        "not-frozen",
        "ValueError: Please freeze the graph using freeze_graph.py.",
        "graphtools freeze",
    ),
    sample(
        "input-checkpoint-missing",
        "ValueError: Input checkpoint 'model.ckpt-1000.data-00000-of-00001' doesn't exist!",
        "variables model.ckpt-1000.data-00000-of-00001",
    ),
    sample("input-graph-missing", "Input graph file 'graph.pbtxt' does not exist!", "graph.pbtxt"),
    sample("output-names-missing", "You need to supply the name of a node to --output_node_names."),
    sample(
        "read-variable-of-unknown",
        "ValueError: Cannot find the variable that is an input to the ReadVariableOp.",
    ),
    sample(
        "uninitialized-value",
        "FailedPreconditionError: Attempting to use uninitialized value InceptionV1/Logits/Conv2d_0c_1x1/biases/RMSProp_1\n\t [[{{node _retval}}]]",
        "InceptionV1/Logits/Conv2d_0c_1x1/biases/RMSProp_1",
    ),
    sample(
        "resource-variable-uninitialized",
        "FailedPreconditionError: Error while reading resource variable softmax/kernel from Container: localhost. This could mean that the variable was uninitialized. Not found: Container localhost does not exist. (Could not find resource: localhost/softmax/kernel)",
        "softmax/kernel",
    ),
    sample(
        "resource-variable-uninitialized",
        "FailedPreconditionError: Could not find variable dense/kernel. This could mean that the variable has been deleted. In TF1, it can also mean the variable is uninitialized.",
        "dense/kernel",
    ),
    sample(
        "batch-norm-without-averages",
        "WARNING:tensorflow:Incorrect shape for mean, found (0,), expected (64,), for node conv1/bn/FusedBatchNorm",
        "conv1/bn/FusedBatchNorm",
    ),
    sample(
        "batch-norm-not-foldable",
        "WARNING:tensorflow:Didn't find expected Conv2D or DepthwiseConv2dNative input to 'bn_data/FusedBatchNorm'",
        "bn_data/FusedBatchNorm",
    ),
    sample(
        "frozen-in-training-mode",
        "InvalidArgumentError: You must feed a value for placeholder tensor 'phase_train' with dtype bool",
        "--placeholder_to_const_names=phase_train=False",
    ),
    # restoring
    sample(
        "shape-mismatch-on-assign",
        "InvalidArgumentError (see above for traceback): Assign requires shapes of both tensors to match. lhs shape= [8] rhs shape= [12]",
        "[8]",
        "[12]",
    ),
    sample(
        "shape-mismatch-on-assign",
        'Assign requires shapes of both tensors to match. lhs shape= [3,3,256,24] rhs shape= [3,3,256,84]\n\t [[Node: save_1/Assign_13 = Assign[T=DT_FLOAT, _class=["loc:@ssd_300_vgg/block11_box/conv_cls/weights"], use_locking=true, validate_shape=true, _device="/job:localhost/replica:0/task:0/cpu:0"](ssd_300_vgg/block11_box/conv_cls/weights, save_1/RestoreV2_13)]]',
        "--checkpoint-exclude-scopes ssd_300_vgg/block11_box/conv_cls",
    ),
    sample(
        "shape-mismatch-in-checkpoint",
        "ValueError: Shape of variable bert/embeddings/word_embeddings:0 ((21128, 768)) doesn't match with shape of tensor bert/embeddings/word_embeddings ([30522, 768]) from checkpoint reader.",
        "30522, 768",
        "bert/embeddings/word_embeddings",
    ),
    sample(
        "key-not-in-checkpoint",
        "NotFoundError (see above for traceback): Key BoxPredictor_0/BoxEncodingPredictor/biases/ExponentialMovingAverage not found in checkpoint\n\t [[Node: save/RestoreV2 = RestoreV2[dtypes=[DT_FLOAT]]]",
        "BoxPredictor_0/BoxEncodingPredictor/biases/ExponentialMovingAverage",
    ),
    sample(
        "key-not-in-checkpoint",
        "tensorflow.python.framework.errors_impl.NotFoundError: Key _CHECKPOINTABLE_OBJECT_GRAPH not found in checkpoint",
    ),
    sample(
        "tensor-not-in-checkpoint-files",
        'NotFoundError: Tensor name "vgg_16/fc8/biases" not found in checkpoint files vgg_16.ckpt',
        "variable",
        "restore-plan vgg_16.ckpt",
    ),
    sample(
        "tensor-not-in-initial-checkpoint",
        "ValueError: Tensor resnet/conv1/weights is not found in ./resnet.ckpt checkpoint {'resnet_v1_50/conv1/weights': [7, 7, 3, 64]}",
        "resnet/conv1/weights",
    ),
    sample(
        "no-matching-checkpoint-files",
        "NotFoundError: Unsuccessful TensorSliceReader constructor: Failed to find any matching files for /data/vgg_16.ckpt\n\t [[Node: save/RestoreV2]]",
        "variables /data/vgg_16.ckpt",
    ),
    sample(
        "not-a-valid-checkpoint",
        "ValueError: The passed save_path is not a valid checkpoint: ./model/model.ckpt",
        "./model/model.ckpt",
    ),
    sample(
        "not-an-sstable",
        "DataLossError (see above for traceback): Unable to open table file /home/data/model.ckpt.data-00000-of-00001: Data loss: not an sstable (bad magic number): perhaps your file is in a different file format and you need to use a different restore operator?",
        "variables /home/data/model.ckpt.data-00000-of-00001",
    ),
    sample("not-an-sstable", "DataLossError: not an sstable (bad magic number)", "prefix"),
    sample("checkpoint-too-short", "DataLossError: file is too short to be an sstable"),
    sample(
        "checkpoint-too-short",
        "Unable to open table file model/checkpoint: Data loss: file is too short to be an sstable",
        "model/checkpoint",
    ),
    sample(
        "checkpoint-block-damaged",
        "DataLossError: Unable to read file (corrupt/model.ckpt.index). Perhaps the file is corrupt or was produced by a newer version of TensorFlow with format changes (failed to seek to header entry): block checksum mismatch",
        "corrupt/model.ckpt.index",
    ),
    sample("checkpoint-block-damaged", "DataLossError: block checksum mismatch"),
    sample(
        "checkpoint-value-damaged",
        "DataLossError: Checksum does not match: stored 3129241885 vs. calculated on the restored bytes 57513197",
        "3129241885",
    ),
    sample(
        "checkpoint-value-damaged",
        "DataLossError: TensorBundle at model.ckpt shard 0 (12 bytes): Checksum does not match: stored 1 vs. calculated on the restored bytes 2",
        "variables model.ckpt",
    ),
    sample("checkpoint-data-truncated", "OutOfRangeError: Read less bytes than requested"),
    sample(
        "checkpoint-data-missing",
        "NotFoundError: misc/no_data.ckpt.data-00000-of-00001; No such file or directory",
        "misc/no_data.ckpt.data-*",
    ),
    sample("no-variables-to-save", "ValueError: No variables to save", "restore-plan"),
    sample("no-variables-to-restore", "WARNING:tensorflow:No Variables to restore"),
    sample(
        "variable-not-in-checkpoint",
        "WARNING:root:Variable [resnet_v1_101/block1/unit_1/bottleneck_v1/conv1/BatchNorm/beta] not available in checkpoint",
        "resnet_v1_101/block1",
    ),
    sample(
        "variable-not-in-checkpoint",
        "WARNING:tensorflow:Variable InceptionV3/Logits/weights missing in checkpoint inception_v3.ckpt",
        "InceptionV3/Logits/weights",
    ),
    sample(
        "variable-of-incompatible-shape",
        "WARNING:root:Variable [BoxPredictor_0/ClassPredictor/biases] is available in checkpoint, but has an incompatible shape with model variable. Checkpoint shape: [[273]], model variable shape: [[6]]. This variable will not be initialized from the checkpoint.",
        "[273]",
        "[6]",
    ),
    sample(
        "objects-not-restored",
        "WARNING:tensorflow:Unresolved object in checkpoint: (root).optimizer.iter",
        "(root).optimizer.iter",
    ),
    sample(
        "objects-not-restored",
        "AssertionError: Some Python objects were not bound to checkpointed values, likely due to changes in the Python program: [<tf.Variable 'w:0'>]",
    ),
    sample(
        "restoring-failed",
        "tensorflow.python.framework.errors_impl.NotFoundError: Restoring from checkpoint failed. This is most likely due to a Variable name or other graph key that is missing from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint. Original error:",
    ),
    # training
    sample(
        "path-to-be-configured",
        "NotFoundError: PATH_TO_BE_CONFIGURED/model.ckpt; No such file or directory",
        "PATH_TO_BE_CONFIGURED/model.ckpt",
    ),
    sample(
        "fpn-sizes-differ",
        "ValueError: Dimensions must be equal, but are 20 and 19 for 'FeatureExtractor/MobilenetV1/fpn/top_down/add' (op: 'Add') with input shapes: [24,20,20,256], [24,19,19,256].",
        "20",
        "not 19",
        "check-config",
    ),
    sample(
        "dimensions-differ",
        "ValueError: Dimensions must be equal, but are 8 and 12 for '{{node MatMul}} = MatMul[T=DT_FLOAT](x, y)' with input shapes: [1,8], [12,3].",
        "MatMul",
    ),
    sample(
        "box-outside-image",
        "InvalidArgumentError (see above for traceback): assertion failed: [maximum box coordinate value is larger than 1.100000: ] [1.15277779]",
        "1.15277779",
    ),
    sample(
        "box-outside-image",
        "InvalidArgumentError: Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. Summarized data: b'maximum box coordinate value is larger than 1.100000: '\n1.1818783",
    ),
    sample(
        "loss-is-nan", "InvalidArgumentError: LossTensor is inf or nan. : Tensor had NaN values"
    ),
    sample("loss-is-nan", "ERROR:tensorflow:Model diverged with loss = NaN."),
    sample(
        "nan-in-summary",
        "InvalidArgumentError: Nan in summary histogram for: ModelVars/FeatureExtractor/MobilenetV1/Conv2d_13/BatchNorm/moving_variance",
        "moving_variance",
    ),
    sample(
        "duplicate-summary-tag",
        "InvalidArgumentError: Duplicate tag Losses/TotalLoss found in summary inputs",
        "Losses/TotalLoss",
        "GT207",
    ),
    sample(
        "checkpoint-type-unknown",
        "ValueError: Not supported fine_tune_checkpoint_type: detector",
        "is detector",
    ),
    sample(
        "out-of-memory",
        "ResourceExhaustedError: OOM when allocating tensor with shape[24,512,75,75] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc",
        "[24,512,75,75]",
        "GPU:0",
    ),
    sample(
        "out-of-memory",
        "RESOURCE_EXHAUSTED: OOM when allocating tensor of shape [64,512] and type float",
    ),
    sample(
        "optimizer-not-for-eval",
        "ValueError: Training op found in graph, exiting {'ApplyRMSProp'}",
        "ApplyRMSProp",
    ),
    # transforming
    sample(
        "transform-not-recognized",
        "InvalidArgumentError: Transform 'fuse_convolutions' not recognized.",
        "fuse_convolutions",
    ),
    sample(
        "lists-of-unequal-length",
        "InvalidArgumentError: You must pass a 'shape_for_name' arg for every 'name', e.g. strip_unused_nodes(name=foo, shape_for_name=\"2,2,1\", name=bar, shape_for_name=\"1\"",
        "shape_for_name",
    ),
    sample(
        "type-not-understood",
        "InvalidArgumentError: Couldn't understand type argument 'flot'",
        "flot",
    ),
    sample(
        "shape-not-understood",
        "InvalidArgumentError: Could parse as shape: '?,32,32,3'",
        "?,32,32,3",
    ),
    sample(
        "transform-parameter-missing",
        "InvalidArgumentError: remove_nodes expects at least one 'op'argument, e.g. remove_nodes(op=Identity)",
        "remove_nodes(op=Identity)",
    ),
    sample(
        "transform-parameter-missing",
        "InvalidArgumentError: rename_op expects exactly one 'old_op_name' and 'new_op_name' argument, e.g. rename_op(old_op_name=Mul, new_op_name=Multiply)",
        "'old_op_name' and 'new_op_name'",
    ),
    sample(
        "parameter-is-no-number",
        "InvalidArgumentError: Couldn't interpret the num_steps argument as a number:abc",
        "abc",
    ),
    sample(
        "parameter-given-twice",
        "InvalidArgumentError: Expected a single 'num_steps' parameter, but found 2 occurrences",
        "num_steps",
        "2 times",
    ),
    sample(
        "ranges-not-in-pairs",
        "InvalidArgumentError: You must pass both fallback_min and fallback_max into quantize_nodes",
        "fallback_max",
    ),
    sample("transform-grammar", "InvalidArgumentError: Looking for =, but found ,128,3)", ",128,3"),
    sample(
        "transform-grammar",
        "InvalidArgumentError: Looking for parameter name, but found *)",
        "parameter name",
    ),
    sample(
        "input-is-no-placeholder",
        "InvalidArgumentError: Input 'MobilenetV1/MobilenetV1/Conv2d_3_pointwise/Relu6' was expected to be a Placeholder or PlaceholderWithDefault op, but was Relu6",
        "--inputs MobilenetV1/MobilenetV1/Conv2d_3_pointwise/Relu6",
    ),
    sample(
        "log-of-ranges-missing",
        "InvalidArgumentError: You must pass a file name to min_max_log_file",
    ),
    sample(
        "batch-norm-of-bad-shape",
        "InvalidArgumentError: Beta input to batch norm has bad shape: [6]",
        "[6]",
    ),
    sample(
        "rename-cycle",
        "InvalidArgumentError: RenameNodeInputs argument contains a cycle for x",
        "inputs of x",
    ),
    sample(
        "expected-to-be-preserved",
        "2019-08-22 10:56:11.108570: W tensorflow/tools/graph_transforms/transform_utils.cc:441] Expected part_cnn/expanded_conv_16/expand/BatchNorm/beta/read/_135__cf__135 to be preserved.",
        "part_cnn/expanded_conv_16",
    ),
    sample(
        "wrong-number-of-inputs",
        "ValueError: NodeDef expected inputs 'float, float, float, float, float, float, float' do not match 2 inputs specified; Op<name=Print; signature=input:T, data: -> output:T; attr=T:type>; NodeDef: {{node MobilenetV1/Conv2d_0/BatchNorm/FusedBatchNormV3__print}}",
        "FusedBatchNormV3__print",
        "Print",
    ),
    sample(
        "inputs-of-different-frames",
        "InvalidArgumentError: node while/Less (defined at ops.py:1748)  has inputs from different frames. The input node while/Merge (defined at ops.py:1748)  is in frame 'while/while_context'. The input node while/Less/y (defined at site-packages)  is in frame ''.",
        "while/Less",
    ),
    sample(
        "inputs-of-different-frames",
        "InvalidArgumentError: {{node while/Add}} has inputs from different frames. The input {{node while/Identity}} is in frame 'while/while_context'. The input {{node one}} is in frame ''.",
        "while/Add",
        "while/Identity",
    ),
    sample(
        "graph-has-a-cycle",
        "InvalidArgumentError: Graph is invalid, contains a cycle with 2 nodes, including: a, b",
        "2 nodes",
    ),
    sample(
        "dtype-along-edge",
        "ValueError: Input 1 of node gather was passed float from ids_eightbit/dequantize:0 incompatible with expected int32.",
        "gather",
        "ids_eightbit/dequantize:0=int32",
    ),
    sample(
        "hexagon-transform",
        "F tensorflow/core/kernels/hexagon/hexagon_graph_execution.cc:1 rewrite_quantized_stripped_model_for_hexagon",
        "DSP",
    ),
    # toco
    sample(
        "toco-custom-postprocess",
        "Exception: Some of the operators in the model are not supported by the standard TensorFlow Lite runtime and are not recognized by TensorFlow. If you have a custom implementation for them you can disable this error with --allow_custom_ops, or by setting allow_custom_ops=True when calling tf.lite.TFLiteConverter(). Here is a list of builtin operators you are using: CONCATENATION, CONV_2D, DEPTHWISE_CONV_2D, LOGISTIC, RESHAPE. Here is a list of operators for which you will need custom implementations: TFLite_Detection_PostProcess.",
        "--allow-custom-ops",
    ),
    sample(
        "toco-unsupported-operators",
        "Some of the operators in the model are not supported by the standard TensorFlow Lite runtime. If those are native TensorFlow operators, you might be able to use the extended runtime by passing --enable_select_tf_ops, or by setting target_ops=TFLITE_BUILTINS,SELECT_TF_OPS when calling tf.lite.TFLiteConverter(). Here is a list of builtin operators you are using: FULLY_CONNECTED, RESHAPE. Here is a list of operators for which you will need custom implementations: TensorListFromTensor, TensorListReserve, TensorListStack, While.",
        "TensorListFromTensor, TensorListReserve, TensorListStack, While,",
    ),
    sample(
        "toco-control-flow",
        "Exception: TensorFlow Lite currently doesn't support control flow ops: Merge, Switch. We are working on supporting control flow ops, please see github issue at https://github.com/tensorflow/tensorflow/issues/28485.",
        "Merge, Switch",
    ),
    sample(
        "toco-switch-without-merge",
        "F tensorflow/lite/toco/graph_transformations/resolve_tensorflow_switch.cc:98] Check failed: other_op->type == OperatorType::kMerge Found Sub as non-selected output from Switch, but only Merge supported. Control flow ops like Switch and Merge are not generally supported.",
        "A Sub",
    ),
    sample(
        "toco-merge-predicates",
        "Exception: Merge of two inputs that differ on more than one predicate {s(cond/Equal:0,then), s(cond/pred_id:0,else)} and {}",
    ),
    sample(
        "toco-batch-norm-not-constant",
        "F tensorflow/lite/toco/graph_transformations/resolve_batch_normalization.cc:45] Check failed: IsConstantParameterArray(*model, bn_op->inputs[1]) && IsConstantParameterArray(*model, bn_op->inputs[2]) Batch normalization resolution requires that mean, multiplier and offset arrays be constant.",
        "--inference",
    ),
    sample(
        "toco-type-of-array",
        '2026-11-20 11:14:59.921555: F tensorflow/lite/toco/tooling_util.cc:2277] Check failed: array.data_type == array.final_data_type Array "image_tensor" has mis-matching actual and final data types (data_type=uint8, final_data_type=float).\nFatal Python error: Aborted',
        "image_tensor is uint8",
        "export-ssd",
    ),
    sample(
        "toco-lstm-batch",
        "2026-11-20 11:16:33.256897: F tensorflow/lite/toco/tooling_util.cc:1469] Check failed: batch == 1 (2 vs. 1)\nFatal Python error: Aborted",
        "it is 2",
    ),
    sample(
        "toco-placeholder-type",
        "2019-11-06 14:51:20.481483: I tensorflow/lite/toco/import_tensorflow.cc:193] Unsupported data type in placeholder op: 20",
        "number 20",
    ),
    sample(
        "toco-unsupported-operation",
        "2019-11-06 14:51:20.481495: I tensorflow/lite/toco/import_tensorflow.cc:659] Converting unsupported operation: TensorArrayV3",
        "--op TensorArrayV3",
    ),
    sample(
        "toco-pack-shapes",
        'F tensorflow/lite/toco/graph_transformations/propagate_fixed_sizes.cc:1] All input arrays to Pack operators must have the same shape. Input "strided_slice" is different.',
        "strided_slice",
    ),
    sample(
        "toco-std-value-flag",
        "toco: error: \n  Use --std_dev_values instead of --std_value",
        "--std_value",
    ),
    sample(
        "toco-mean-is-no-integer",
        "ValueError: invalid literal for int() with base 10: '127.5'",
        "127.5",
    ),
    sample(
        "toco-flags",
        "tflite_convert: error: unrecognized arguments: --input_file=graph.pb",
        "--input_file=graph.pb",
    ),
    sample("toco-flags", "toco: error: argument --output_file is required"),
    sample(
        "toco-flags",
        "tflite_convert: error: one of the arguments --graph_def_file --saved_model_dir --keras_model_file is required",
    ),
    sample("toco-program-missing", "/bin/sh: 1: toco_from_protos: not found", "PATH"),
    sample("toco-program-missing", "/bin/sh: toco_from_protos: command not found"),
    sample(
        "toco-program-missing",
        "'toco_from_protos' is not recognized as an internal or external command",
    ),
    sample(
        "see-console",
        "tensorflow.lite.python.convert.ConverterError: TOCO failed. See console for info.",
    ),
    sample("see-console", "tensorflow.lite.python.convert.ConverterError: See console for info."),
    sample("process-aborted", "Fatal Python error: Aborted"),
    sample("process-aborted", "Aborted (core dumped)"),
    # converting
    sample(
        "none-beyond-first-dimension",
        "ValueError: None is only supported in the 1st dimension. Tensor 'image_tensor' has invalid shape '[None, None, None, 3]'.",
        "--input-shape image_tensor=1,224,224,3",
    ),
    sample(
        "input-shape-missing",
        "ValueError: Provide an input shape for input array 'x'.",
        "--input-shape x=1,224,224,3",
    ),
    sample(
        "custom-ops-needed",
        "tensorflow.lite.python.convert_phase.ConverterError: Could not translate MLIR to FlatBuffer.<unknown>:0: error: failed while converting: 'main': \nSome ops in the model are custom ops, See instructions to implement custom ops: https://www.tensorflow.org/lite/guide/ops_custom \nCustom ops: Svd\nDetails:\n\ttf.Svd(tensor<4x4xf32>) -> (tensor<4xf32>)",
        "Svd",
    ),
    sample(
        "select-ops-needed",
        "Some ops are not supported by the native TFLite runtime, you can enable TF kernels fallback using TF Select. See instructions: https://www.tensorflow.org/lite/guide/ops_select \nTF Select ops: Erf, MatrixInverse\nDetails:\n\ttf.Erf(tensor<4xf32>) -> (tensor<4xf32>)",
        "Erf, MatrixInverse",
        "--select-tf-ops",
    ),
    sample(
        "neither-custom-nor-flex",
        'Could not translate MLIR to FlatBuffer.<unknown>:0: error: loc(fused["AddN:", "tower/add"]): \'tf.AddN\' op is neither a custom op nor a flex op',
        "tower/add",
        "--op AddN",
    ),
    sample(
        "neither-custom-nor-flex",
        "error: 'tf.Transpose' op is neither a custom op nor a flex op",
        "Transpose",
    ),
    sample(
        "tensor-list-shape",
        "ConverterError: save.py:1315:0: error: 'tf.TensorListReserve' op requires element_shape to be static during TF Lite transformation pass",
        "TensorListReserve",
        "static",
    ),
    sample(
        "tensor-list-shape",
        '<unknown>:0: error: loc(fused["TensorListReserve:", "TensorListReserve"]): \'tf.TensorListReserve\' op requires element_dtype to be 1-bit/8-bit/16-bit/32-bit/64-bit integer or 16-bit/32-bit/64-bit float type during TF Lite transformation pass',
        "whose dtype",
    ),
    sample(
        "control-flow-v1",
        "<unknown>:0: error: The graph has Control Flow V1 ops. TFLite converter doesn't support Control Flow V1 ops. Consider using Control Flow V2 ops instead. See https://www.tensorflow.org/api_docs/python/tf/compat/v1/enable_control_flow_v2.",
    ),
    sample(
        "control-flow-v1",
        "Failed to functionalize Control Flow V1 ops. Consider using Control Flow V2 ops instead.",
    ),
    sample("broken-control-flow", "Cannot find predicate for Merge node op"),
    sample("broken-control-flow", "Loop a has no LoopCond node"),
    sample(
        "broken-control-flow",
        "Merge only has 4 inputs, while only merge nodes with two inputs supported.",
    ),
    sample(
        "type-of-input-unsupported",
        "ValueError: Unsupported TensorFlow type `<dtype: 'qint8'>` provided for the input type of the TensorFlow model",
        "qint8",
    ),
    sample(
        "failed-to-legalize",
        '<unknown>:0: error: loc(fused["XlaConvV2:", "op"]): failed to legalize operation \'tf.XlaConvV2\' that was explicitly marked illegal',
        "--op XlaConvV2",
        "node GRAPH op",
    ),
    sample(
        "unresolved-materialization",
        "<unknown>:0: error: loc(fused[\"Atan2:\", \"Atan2\"]): failed to legalize unresolved materialization from ('tensor<4x1xf32>') to ('tensor<4x4xf32>') that remained live after conversion",
        "tensor<4x1xf32>",
        "Atan2",
    ),
    sample(
        "operand-of-wrong-type",
        "<unknown>:0: error: loc(fused[\"TensorScatterAdd:\", \"op\"]): 'tf.Add' op operand #0 must be tensor of floating-point or signed integer or complex or 8-bit unsigned integer or string values, but got 'tensor<4x4x4x4x4xui16>'",
        "ui16",
        "Add",
    ),
    sample(
        "operand-of-wrong-type",
        "error: 'tfl.equal' op operand #0 must be tensor of 1-bit integer or 32-bit float or TFLite uint8 type values, but got 'tensor<!tf.string>'",
        "!tf.string",
    ),
    sample(
        "slice-out-of-range",
        '<unknown>:0: error: loc(fused["Slice:", "crop/Slice"]): \'tf.Slice\' op requires 0 <= begin[i] <= begin[i] + size[i] <= Di',
        "crop/Slice",
    ),
    sample(
        "op-invariant-broken",
        '<unknown>:0: error: loc(fused["OneHot:", "labels"]): \'tf.OneHot\' op requires on_value to be a scalar',
        "labels",
        "on_value to be a scalar",
    ),
    sample(
        "op-invariant-broken",
        "<unknown>:0: error: loc(fused[\"CustomAggregator:\", \"op\"]): 'tf.CustomAggregator' op attribute 'calibration_method' failed to satisfy constraint: 32-bit signless integer attribute",
        "calibration_method",
    ),
    sample(
        "op-invariant-broken",
        '<unknown>:0: error: loc(fused["SplitV:", "op"]): \'tf.SplitV\' op split sizes should be a 1D tensor of 2 elements',
        "SplitV",
    ),
    sample("result-types-not-inferred", "LLVM ERROR: Failed to infer result type(s):", "GT310"),
    sample(
        "element-type-not-exported",
        'Could not translate MLIR to FlatBuffer.<unknown>:0: error: loc(fused["QuantizeV2:", "eight"]): Failed to convert element type \'!tf_type.qint8\': Unsupported type',
        "qint8",
        "eight",
    ),
    sample(
        "shape-above-32-bit",
        'Could not translate MLIR to FlatBuffer.<unknown>:0: error: loc(fused["Lgamma:", "op"]): result shape dimensions out of 32 bit int type range',
    ),
    sample(
        "partitioned-call-left",
        "<unknown>:0: error: The Graph contains unsupported `StatefulPartionedCallOp`(s), will retry with `guarantee_all_funcs_used_once`",
        "inline_partitionedcall",
    ),
    sample(
        "not-any-tflite-op",
        "Could not translate MLIR to FlatBuffer.<unknown>:0: error: 'tf_executor.graph' op is not any of a builtin TFLite op, a flex TensorFlow op or a custom TensorFlow op",
        "tf_executor.graph",
    ),
    sample("could-not-translate", "ConverterError: Could not translate MLIR to FlatBuffer."),
    # quantizing
    sample(
        "array-lacks-min-max",
        "F tensorflow/lite/toco/tooling_util.cc:1728] Array FeatureExtractor/MobilenetV1/MobilenetV1/Conv2d_0/Relu6, which is an input to the DepthwiseConv operator producing the output array FeatureExtractor/MobilenetV1/MobilenetV1/Conv2d_1_depthwise/Relu6, is lacking min/max data, which is necessary for quantization. If accuracy matters, either target a non-quantized output format, or run quantized training with your model from a floating point checkpoint to change the input graph to contain min/max information.",
        "Conv2d_0/Relu6 has no range",
        "GT401",
    ),
    sample(
        "array-without-min-max",
        "F tensorflow/lite/toco/graph_transformations/quantize.cc:156] Array logits does not have MinMax information, and is not a constant array. Cannot proceed with quantization.",
        "node GRAPH logits",
    ),
    sample(
        "quantized-form-missing",
        "F tensorflow/lite/toco/graph_transformations/quantize.cc:474] Unimplemented: this graph contains an operator of type Shape for which the quantized form is not yet implemented. Sorry, and patches welcome",
        "eight-bit Shape",
    ),
    sample(
        "input-stats-missing",
        "ValueError: std_dev and mean must be defined when inference_input_type is QUANTIZED_UINT8.",
        "128,128",
    ),
    sample(
        "input-stats-missing",
        "ValueError: Quantization input stats are not available for input tensors 'normalized_input_image_tensor'.",
        "--input-stats normalized_input_image_tensor=128,128",
    ),
    sample(
        "calibration-data-missing",
        "ValueError: representative_dataset is required when specifying TFLITE_BUILTINS_INT8 or INT8 supported types.",
        "--calibrate",
    ),
    sample(
        "calibration-data-missing",
        "ValueError: For full integer quantization, a `representative_dataset` must be specified.",
    ),
    sample(
        "tensor-not-calibrated",
        "RuntimeError: Max and min for dynamic tensors should be recorded during calibration: Failed for tensor cond/Identity\nEmpty min/max for tensor cond/Identity",
        "cond/Identity",
    ),
    sample(
        "op-not-quantizable",
        "RuntimeError: Quantization not yet supported for op: RESIZE_NEAREST_NEIGHBOR",
        "RESIZE_NEAREST_NEIGHBOR",
    ),
    sample(
        "op-not-quantizable",
        "RuntimeError: Quantization not yet supported for op: 'SQRT'.\nQuantization not yet supported for op: 'DIV'.",
        "SQRT",
    ),
    sample(
        "inference-types",
        "ValueError: The inference_input_type and inference_output_type must be tf.float32.",
        "must be tf.float32",
    ),
    sample(
        "inference-types",
        "ValueError: Provide an inference_input_type and inference_output_type of type tf.float32.",
    ),
    sample(
        "scale-out-of-range",
        "LLVM ERROR: scale out of expressed type range [1.175494e-38, inf]",
        "GT403",
    ),
    sample(
        "num-bits-out-of-range",
        '<unknown>:0: error: loc(fused["FakeQuantWithMinMaxArgs:", "op"]): \'tf.FakeQuantWithMinMaxArgs\' op requires num_bits to be between 2 and 16, inclusive',
    ),
    sample(
        "num-bits-out-of-range",
        "InvalidArgumentError: num_bits must be between 2 and 16, inclusive",
    ),
    sample(
        "scales-do-not-fit",
        "tensorflow/contrib/lite/kernels/conv.cc:260 real_multiplier < 1.0 was not true.",
        "real_multiplier < 1.0",
    ),
    sample(
        "scales-do-not-fit",
        "ERROR: tensorflow/lite/kernels/pooling.cc:104 input->params.scale != output->params.scale (0 != 1067869799)",
        "params.scale",
    ),
    sample(
        "edge-tpu-not-quantized",
        "Edge TPU Compiler version 15.0.340273435\nInvalid model: mobilenet_v2_1.0_224_quant.tflite\nModel not quantized",
        "mobilenet_v2_1.0_224_quant.tflite",
        "--target edgetpu",
    ),
    # running
    sample(
        "placeholder-not-fed",
        "InvalidArgumentError: You must feed a value for placeholder tensor 'x' with dtype float and shape [?,224,224,3]",
        "--inputs x",
        "[?,224,224,3]",
    ),
    sample(
        "placeholder-not-fed",
        "InvalidArgumentError: You must feed a value for placeholder tensor 'phd' with dtype bool",
        "--inputs phd",
    ),
    sample(
        "fed-shape-does-not-fit",
        "ValueError: Cannot feed value of shape (5, 100, 100, 3) for Tensor 'X:0', which has shape '(?, 100, 100)'",
        "(5, 100, 100, 3)",
        "X:0 is (?, 100, 100)",
    ),
    sample(
        "fed-shape-does-not-fit",
        "ValueError: Cannot feed value of shape (100, 256, 256, 3) for Tensor u'ExpandDims:0', which has shape '(1, ?, ?, 3)'",
        "ExpandDims:0",
    ),
    sample(
        "fed-shape-does-not-fit",
        "ValueError: Cannot feed value of shape (1, 3) for Tensor x:0, which has shape (None, 4)",
        "(None, 4)",
    ),
    sample(
        "nchw-on-cpu",
        "InvalidArgumentError: Default MaxPoolingOp only supports NHWC on device type CPU\n\t [[{{node model/resnet/first/max_pooling2d/MaxPool}}]]",
        "model/resnet/first/max_pooling2d/MaxPool",
        "to_nhwc",
    ),
    sample(
        "nchw-on-cpu",
        'InvalidArgumentError (see above for traceback): Default MaxPoolingOp only supports NHWC on device type CPU\n\t [[Node: ssd300/pool1/MaxPool = MaxPool[T=DT_FLOAT, data_format="NCHW"]]]',
        "ssd300/pool1/MaxPool",
    ),
    sample(
        "nchw-on-cpu",
        "UnimplementedError: The Conv2D op currently only supports the NHWC tensor format on the CPU. The op was given the format: NCHW",
    ),
    sample(
        "nchw-on-cpu",
        "UnimplementedError: Generic conv implementation only supports NHWC tensor format for now.",
    ),
    sample(
        "no-kernel",
        "InvalidArgumentError: No OpKernel was registered to support Op 'NcclAllReduce' used by {{node tower/reduce}} with these attrs: [T=DT_FLOAT]",
        "--op NcclAllReduce",
    ),
    sample(
        "no-kernel",
        "Invalid argument: No OpKernel was registered to support Op 'TruncatedNormal' with these attrs.  Registered devices: [CPU], Registered kernels:\n  <no registered kernels>",
        "TruncatedNormal",
    ),
    sample(
        "device-not-there",
        "InvalidArgumentError: Cannot assign a device for operation 'fake_var_3': Operation was explicitly assigned to /device:GPU:0 but available devices are [ /job:localhost/replica:0/task:0/cpu:0 ].",
        "fake_var_3",
        "/device:GPU:0",
        "remove_device",
    ),
    sample(
        "device-not-there",
        "Cannot assign a device for operation image: node image (defined at ops.py:1748)  was explicitly assigned to /device:GPU:0 but available devices are [ /job:localhost/replica:0/task:0/device:CPU:0 ]",
        "image is placed",
    ),
    sample(
        "device-not-there",
        "InvalidArgumentError: Cannot assign a device to node 'Variable_1134': Could not satisfy explicit device specification '/device:GPU:0' because no devices matching that specification are registered in this process",
        "Variable_1134",
    ),
    sample(
        "incompatible-shapes",
        "InvalidArgumentError: Incompatible shapes: [1,20,20,256] vs. [1,19,19,256]\n\t [[{{node top_down/add}}]]",
        "[1,20,20,256]",
        "--around top_down/add",
    ),
    sample(
        "reshape-of-wrong-size",
        "InvalidArgumentError: Input to reshape is a tensor with 1024 values, but the requested shape has 4096\n\t [[Node: flatten/Reshape = Reshape[T=DT_FLOAT]]]",
        "1024",
        "4096",
        "flatten/Reshape",
    ),
    sample(
        "reshape-of-wrong-size",
        "InvalidArgumentError: Input to reshape is a tensor with 12 values, but the requested shape requires a multiple of 5",
    ),
    sample("table-not-initialized", "FailedPreconditionError: Table not initialized."),
    sample(
        "container-missing",
        "NotFoundError: Container __per_step_2 does not exist. (Could not find resource: __per_step_2/aa)",
        "__per_step_2/aa",
    ),
    sample(
        "exit-without-enter",
        "InvalidArgumentError: Invalid Exit op: Cannot find a corresponding Enter op.",
    ),
    sample("exit-without-enter", "InvalidArgumentError: Retval[0] does not have value"),
    sample(
        "kernel-not-created",
        "E tensorflow/core/common_runtime/executor.cc:643] Executor failed to create kernel. Invalid argument: something new",
        "something new",
    ),
    # lite_running
    sample(
        "flex-delegate-missing",
        "RuntimeError: Regular TensorFlow ops are not supported by this interpreter. Make sure you apply/link the Flex delegate before inference.Node number 1 (FlexRandomStandardNormal) failed to prepare.",
        "FlexRandomStandardNormal",
    ),
    sample(
        "flex-delegate-missing",
        "ERROR: Select TensorFlow op(s), included in the given model, is(are) not supported by this interpreter. Make sure you apply/link the Flex delegate before inference. See instructions: https://www.tensorflow.org/lite/guide/ops_select\nERROR: Node number 13 (FlexTensorArrayV3) failed to prepare.",
        "FlexTensorArrayV3",
    ),
    sample(
        "custom-operator-unresolved",
        "RuntimeError: Encountered unresolved custom op: NMS.Node number 3 (NMS) failed to prepare.",
        "operator NMS",
    ),
    sample(
        "custom-operator-unresolved",
        "Encountered an unresolved custom op. Did you miss a custom op or delegate?",
    ),
    sample(
        "operator-version-too-new",
        "ERROR: Didn't find op for builtin opcode 'MUL' version '5'. An older version of this builtin might be supported. Are you using an old TFLite binary with a newer model?\nERROR: Registration failed.",
        "MUL of version 5",
    ),
    sample(
        "not-a-tflite-model",
        "ValueError: Model provided has model identifier 'norm', should be 'TFL3'",
        "norm",
    ),
    sample(
        "not-a-tflite-model",
        "java.lang.IllegalArgumentException: ByteBuffer is not a valid TensorFlow Lite model flatbuffer",
    ),
    sample(
        "java-buffer-size",
        "java.lang.IllegalArgumentException: Cannot copy to a TensorFlowLite tensor (normalized_input_image_tensor) with 270000 bytes from a Java Buffer with 1228800 bytes.",
        "270000",
        "1228800",
    ),
    sample(
        "java-buffer-size",
        "java.lang.IllegalArgumentException: Cannot convert between a TensorFlowLite buffer with 1072812 bytes and a ByteBuffer with 270000 bytes.",
        "1072812",
    ),
    sample(
        "java-type",
        "java.lang.IllegalArgumentException: Cannot convert between a TensorFlowLite tensor with type FLOAT32 and a Java object of type [B (which is compatible with the TensorFlowLite type UINT8).",
        "FLOAT32",
    ),
    sample(
        "set-tensor-type",
        "ValueError: Cannot set tensor: Got value of type FLOAT32 but expected type UINT8 for input 0, name: serving_default_input:0",
        "serving_default_input:0",
        "UINT8",
    ),
    sample(
        "set-tensor-type",
        "ValueError: Cannot set tensor: Got tensor of type 4 but expected type 2 for input 25",
        "2 int32",
    ),
    sample(
        "set-tensor-shape",
        "ValueError: Cannot set tensor: Dimension mismatch. Got 3 but expected 4 for input 0.",
        "3 where 4",
    ),
    sample(
        "set-tensor-shape",
        "ValueError: Cannot set tensor: Dimension mismatch. Got 224 but expected 300 for dimension 1 of input 0.",
        "dimension 1",
    ),
    sample(
        "tensors-not-allocated", "ValueError: Tensor data is null. Run allocate_tensors() first"
    ),
    sample(
        "reference-to-internal-data",
        "RuntimeError: There is at least 1 reference to internal data\n      in the interpreter in the form of a numpy array or slice. Be sure to\n      only hold the function returned from tensor() if you are using raw\n      data access.",
    ),
    sample(
        "lite-reshape-size",
        "RuntimeError: tensorflow/lite/kernels/reshape.cc:69 num_input_elements != num_output_elements (32000 != 16000)Node number 0 (RESHAPE) failed to prepare.",
        "32000",
        "16000",
    ),
    sample(
        "lite-types-differ",
        "RuntimeError: tensorflow/lite/kernels/concatenation.cc:85 output->type != input_type (1 != 2)Node number 20 (CONCATENATION) failed to prepare.",
        "concatenation",
    ),
    sample(
        "gpu-delegate-operators",
        "E/tensorflow: Failed to apply delegate: Following operations are not supported by GPU delegate:\n    ADD: OP is supported, but tensor type isn't matched!\n    ADD_N: Operation is not supported.",
        "ADD:",
        "--target gpu",
    ),
    sample(
        "gpu-delegate-operators",
        "ERROR: Next operations are not supported by GPU delegate:\nCONCATENATION: \nCONV_2D: ",
    ),
    sample(
        "delegate-needs-static-shapes",
        "ERROR: Attempting to use a delegate that only supports static-sized tensors with a graph that has dynamic-sized tensors (tensor#58 is a dynamic-sized tensor).",
        "tensor 58",
    ),
    sample(
        "operator-failed-to-prepare",
        "RuntimeError: Node number 0 (CONV_2D) failed to prepare.",
        "CONV_2D",
    ),
    # environment
    sample(
        "graph-transforms-gone",
        "ModuleNotFoundError: No module named 'tensorflow.tools.graph_transforms'",
        "graphtools transform",
    ),
    sample(
        "graph-transforms-gone",
        "ImportError: cannot import name 'graph_transforms' from 'tensorflow_core.tools' (/usr/lib/python3.7/site-packages/tensorflow_core/tools/__init__.py)",
    ),
    sample("contrib-gone", "ModuleNotFoundError: No module named 'tensorflow.contrib'"),
    sample("contrib-gone", "AttributeError: module 'tensorflow' has no attribute 'contrib'"),
    sample(
        "from-frozen-graph-gone",
        "AttributeError: type object 'TFLiteConverterV2' has no attribute 'from_frozen_graph'",
        "from_frozen_graph",
    ),
    sample(
        "tensorflow-has-no-attribute",
        "AttributeError: module 'tensorflow' has no attribute 'GraphDef'",
        "tf.compat.v1.GraphDef",
    ),
    sample(
        "eager-execution", "RuntimeError: tf.placeholder() is not compatible with eager execution."
    ),
    sample("eager-execution", "RuntimeError: Supervisors are incompatible with eager execution."),
    sample(
        "protobuf-descriptors",
        "TypeError: Descriptors cannot not be created directly.\nIf this call came from a _pb2.py file, your generated code is out of date and must be regenerated with protoc >= 3.19.0.",
    ),
    sample("protobuf-descriptors", "TypeError: Descriptors cannot be created directly."),
    sample(
        "numpy-versions",
        "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash.",
        "2.0.0",
    ),
    sample(
        "instructions-missing",
        "F tensorflow/core/platform/cpu_feature_guard.cc:37] The TensorFlow library was compiled to use AVX instructions, but these aren't available on your machine.",
        "AVX",
    ),
    sample(
        "tensorflow-does-not-load",
        "ImportError: DLL load failed while importing _pywrap_tensorflow_internal: The specified module could not be found.",
    ),
    sample(
        "object-detection-not-installed",
        "ModuleNotFoundError: No module named 'object_detection'",
        "PYTHONPATH",
    ),
    sample(
        "object-detection-not-installed",
        "ImportError: cannot import name 'string_int_label_map_pb2'",
    ),
    sample("object-detection-not-installed", "ModuleNotFoundError: No module named 'nets'"),
)
