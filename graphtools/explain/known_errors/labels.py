"""Labels, logits and losses that do not fit each other."""

from graphtools.explain.known_errors._entry import KnownError

ERRORS = (
    KnownError(
        "label-outside-classes",
        ("Received a label value of", "label value"),
        r"Received a label value of (?P<label>-?\d+) which is outside the valid range of "
        r"\[0, (?P<classes>\d+)\)",
        "The label {label} is not below the model's number of classes, {classes}: labels count "
        "from "
        "0, a -1 is a name that is not in the list of classes.",
        "set the number of classes to the largest label + 1 (or subtract 1 from labels that begin "
        "with 1), or give the list of classes of these data",
        ("graphtools io GRAPH",),
        ("vrenkens/nabu#9", "zzh8829/yolov3-tf2#259"),
    ),
    KnownError(
        "logits-and-labels-differ",
        (
            "logits and labels",
            "`logits` and `labels`",
            "logits_size",
            "labels shape",
            "Rank mismatch",
        ),
        r"`?logits`? and `?labels`? must (?:have the same (?:first dimension|shape)|be "
        r"(?:same size|broadcastable))(?P<shapes>[^\n]{0,160})"
        r"|Rank mismatch: Rank of labels \(received (?P<rank>\d+)\)",
        "The output of the model and the labels have different shapes ({shapes}{rank}): the last "
        "layer is not as wide as there are classes, labels are numbers where one-hot rows are "
        "wanted or the other way, or a batch or image axis is left over.",
        "sparse_categorical_crossentropy for numbers, categorical_crossentropy for one-hot rows, "
        "a last layer of as many units as classes (1 for binary), Flatten or pooling before it",
        ("graphtools io GRAPH",),
        (
            "cqu-isse/CARLCS-CNN#1",
            "tensorflow/privacy#38",
            "fchollet/deep-learning-with-python-notebooks#157",
        ),
    ),
    KnownError(
        "shapes-incompatible-in-loss",
        ("are incompatible", "are not compatible", "must have the same rank"),
        r"Shapes (?P<one>\([^)\n]*\)) and (?P<other>\([^)\n]*\)) (?:must have the same rank|are "
        r"(?:incompatible|not "
        r"compatible))"
        r"|Dimensions (?P<left>\d+) and (?P<right>\d+) are not compatible",
        "{one}{left} meets {other}{right}: mostly the labels and the output of the model, which is "
        "not as wide as there are classes; else weights of another model.",
        "make the last layer as wide as the classes, and the loss fit the labels (sparse_ for "
        "numbers); a checkpoint of another number of classes leaves that layer out",
        ("graphtools io GRAPH",),
        ("javaidnabi31/Multi-Label-Text-classification-Using-BERT#14",),
    ),
    KnownError(
        "layer-input-shape",
        ("is incompatible with the layer", "is incompatible with layer"),
        r"Input (?P<index>\d+) (?:of layer \"?(?P<layer>[\w/]+)\"? is incompatible with the layer"
        r"|is incompatible with layer (?P<old>[\w/]+)): "
        r"(?P<why>[^\n]{1,200})",
        "The layer {layer}{old} gets another shape than it was built for: {why}.",
        "give the batch axis (image[None]), the channels and the size of the model; Reshape or "
        "Flatten between layers of different ranks",
        ("graphtools io GRAPH",),
        ("tensorflow/model-optimization#378",),
    ),
    KnownError(
        "nested-list-of-ops",
        ("Can not convert a", "Cannot convert a"),
        r"Can ?not convert a (?P<type>tuple|list|NoneType|float|int|dict|Series|ndarray) into a "
        r"Tensor or Operation",
        "A {type} stands in what is to be fetched or run, where each thing must be a tensor or an "
        "operation: a list in a list (slim.evaluation's eval_op), a None, or a name that a result "
        "has overwritten (loss = sess.run(loss)).",
        "flatten the list, and give results other names than tensors",
    ),
    KnownError(
        "not-an-element-of-this-graph",
        ("is not an element of this graph", "must be from the same graph"),
        r"(?:(?:Tensor|Operation)[\w ]{0,20}?\(?\"?(?P<tensor>[^\s\",)]{0,120}))?[^\n]{0,200}?(?:"
        r"is "
        r"not an element of this graph|must be from the same graph)",
        "Two graphs are mixed: {tensor:a tensor} was made in another graph (or thread) than the "
        "one "
        "of this session, or the session is of an older graph.",
        "work in one `with graph.as_default()`, keep graph and session together "
        "(keras.backend.set_session), and load the model where it is used",
        (),
        ("vackosar/keras-punctuator#8",),
    ),
)
