"""What people see where nothing fails: no message, but results that are not right."""

from __future__ import annotations

from graphtools.explain.known_errors._entry import SYMPTOM, KnownError, Likely, models, symptom

_RESTORE_PLAN = "graphtools restore-plan CHECKPOINT --pipeline PIPELINE.CONFIG --model GRAPH"
_LABELS = "graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP"
_TRAINING_LEFT = "graphtools lint FROZEN.PB --select GT2"
_FED = "graphtools io FROZEN.PB"

ERRORS = (
    symptom(
        "nothing-is-detected",
        ("nothing is detected", "etect", "bounding box", "scores are"),
        r"(?i)\b(?:nothing|no objects?|no (?:bounding )?box(?:es)?)\b[^\n]{0,30}\bdetect"
        r"|\bdetects? nothing|\bno detections|\bnot detect\w* (?:anything|any)"
        r"|\bno bounding box(?:es)?|\bscores are (?:all )?(?:0|zero|too low|very low)\b",
        "A detector that was trained finds nothing in an image.",
        "go through these causes in order",
        Likely(
            "Ids of the label map begin at 0, which is the background, have holes, or are not as "
            "many as num_classes.",
            _LABELS,
        ),
        Likely(
            "Boxes of the records are outside 0..1, empty, or in another order than ymin, xmin, "
            "ymax, xmax: programs for annotation write them so.",
            "graphtools summary TRAIN.RECORD",
        ),
        Likely(
            "Records and label map have other classes.",
            "graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD",
        ),
        Likely(
            "Training did not begin from the checkpoint, so that it needs far more steps.",
            _RESTORE_PLAN,
        ),
        Likely(
            "The image is fed with another range, size or order of channels than in training; and "
            "scores of a model that was trained briefly are below a threshold of 0.5.",
            _FED,
        ),
        Likely(
            "It is one of the ssd models of 2017_11_08, whose frozen graphs are broken: freeze it "
            "again from its checkpoint.",
            "graphtools freeze MODEL.CKPT.META -o frozen.pb",
        ),
        threads=(
            *models(2779, 2781),
            "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial"
            "-Train-Multiple-Objects-Windows-10#372",
            "dusty-nv/jetson-inference#853",
        ),
    ),
    symptom(
        "training-starts-from-scratch",
        ("training starts from scratch", "scratch", "not restored", "not loaded"),
        r"(?i)\b(?:train\w*|fine.?tun\w*|it) [^\n]{0,30}\b(?:starts?|begins?)\b[^\n]{0,20}\bscratch"
        r"|\b(?:checkpoint|weights|variables) [^\n]{0,20}\bnot (?:being )?(?:restored|loaded)",
        "A training begins with random weights, though a checkpoint was given.",
        "see which variables are restored, and by which rule the others are not",
        Likely(
            "fine_tune_checkpoint_type, scopes or names of variables do not fit: nothing that is "
            "asked for is in the checkpoint.",
            _RESTORE_PLAN,
        ),
        Likely(
            "fine_tune_checkpoint is left to be configured, or is no checkpoint.",
            "graphtools check-config PIPELINE.CONFIG",
        ),
        Likely(
            "The checkpoint has another number of classes, or is of another feature extractor.",
            "graphtools check-config PIPELINE.CONFIG --checkpoint CHECKPOINT",
        ),
        Likely(
            "The folder of the training holds a checkpoint already, which goes before the one of "
            "the configuration.",
            "graphtools variables TRAIN_DIR",
        ),
    ),
    symptom(
        "accuracy-drops-after-quantization",
        ("accuracy drops after quantization", "uantiz", "uantis", "int8"),
        r"(?i)\b(?:accuracy|precision|map)\b[^\n]{0,40}\b(?:drop\w*|los[est]\w*|lower|worse|f[ae]"
        r"ll\w*"
        r"|decreas\w*|bad)\b[^\n]{0,60}\b(?:quanti[sz]|u?int8)"
        r"|\b(?:quanti[sz]\w*|u?int8)\b[^\n]{0,60}\b(?:accuracy|worse|bad (?:results|predictions))",
        "A quantized model predicts worse than the float one.",
        "find the layer that loses most, then its reason",
        Likely(
            "One layer loses most of it: this finds the layer.",
            "graphtools verify FROZEN.PB MODEL.TFLITE --feed INPUTS.NPZ --layers",
        ),
        Likely(
            "The images of the calibration were not normalised as in training, or are too few.",
            "graphtools convert FROZEN.PB -o MODEL.TFLITE --quantize int8 --calibrate IMAGES"
            " --mean 127.5 --std 127.5",
        ),
        Likely(
            "Inputs are fed, or outputs read, without the scale and zero point of the model.",
            "graphtools io MODEL.TFLITE",
        ),
        Likely(
            "FakeQuants are missing, or have ranges that do not fit.",
            "graphtools lint FROZEN.PB --select GT4",
        ),
        Likely(
            "Batch norms are not folded, so that weights have other ranges than what is computed.",
            "graphtools lint FROZEN.PB --select GT5",
        ),
        Likely(
            "Some weights are far larger than the others: one scale for all leaves few steps to "
            "the rest.",
            "graphtools variables FROZEN.PB --stats",
        ),
    ),
    symptom(
        "outputs-differ-from-tensorflow",
        ("outputs differ between TensorFlow and TFLite", "ifferent", "iffer", "same"),
        r"(?i)\b(?:outputs?|results?|predictions?)\b[^\n]{0,40}\b(?:differ\w*|not the same)\b"
        r"[^\n]{0,60}\b(?:tf.?lite|tensorflow lite|litert|after conver\w*)"
        r"|\b(?:tf.?lite|tensorflow lite|litert)\b[^\n]{0,60}\b(?:different|differ|not the same)\b",
        "A .tflite model gives other results than the graph that it was made of.",
        "compare both with the same inputs first",
        Likely(
            "Both compute the same, and are fed differently: this says it. Where they do not, it "
            "names the first layer that differs.",
            "graphtools verify FROZEN.PB MODEL.TFLITE --feed INPUTS.NPZ --layers",
        ),
        Likely(
            "The inputs are quantized or have another dtype, order of channels or shape.",
            "graphtools io MODEL.TFLITE",
        ),
        Likely(
            "The graph was frozen for training: dropout draws random numbers, batch norms "
            "normalise by the batch.",
            _TRAINING_LEFT,
        ),
        Likely(
            "Outputs are in another order than in the graph.",
            "graphtools summary FROZEN.PB MODEL.TFLITE",
        ),
    ),
    symptom(
        "all-classes-have-the-same-score",
        ("all classes have the same score", "same", "always", "identical"),
        r"(?i)\b(?:all|every) (?:the )?class\w*\b[^\n]{0,30}\b(?:same|equal|identical)\b"
        r"|\balways (?:predicts?|returns?|gives?|outputs?)\b"
        r"|\b(?:same|identical) (?:scores?|probabilit\w+|predictions?)\b",
        "A classifier gives the same scores whatever the image is.",
        "go through these causes in order",
        Likely(
            "Images are not normalised as in training: most are saturated then.",
            _FED,
        ),
        Likely(
            "The graph still trains: batch norms normalise by the batch, which of one image leaves"
            " nothing.",
            _TRAINING_LEFT,
        ),
        Likely(
            "Moving averages were never updated: mean 0, variance 1.",
            "graphtools variables CHECKPOINT --name '*moving*' --stats",
        ),
        Likely(
            "The weights were never restored, and are the initial ones.",
            _RESTORE_PLAN,
        ),
        Likely(
            "Ranges of FakeQuants are empty.",
            "graphtools lint FROZEN.PB --select GT4",
        ),
    ),
    KnownError(
        "tflite-to-pb",
        ("tflite to pb", "tflite", "TFLite"),
        r"(?i)\btflite (?:model )?(?:back )?(?:to|into|2) (?:an? )?\.?"
        r"(?:pb|frozen|graph|saved.?model|keras|checkpoint|tensorflow\b(?! lite))",
        "Conversion to TFLite cannot be undone without loss: operators are fused, weights are "
        "quantized, and names, variables and training are gone.",
        "take the graph or SavedModel that the model was made of; weights, shapes and the graph "
        "can be read from the .tflite",
        (
            "graphtools variables MODEL.TFLITE -o weights.npz --dequantize",
            "graphtools io MODEL.TFLITE",
            "graphtools draw MODEL.TFLITE -o graph.svg",
        ),
        kind=SYMPTOM,
    ),
    KnownError(
        "joined-graphs",
        (
            "join two graphs",
            "join",
            "Join",
            "merge",
            "Merge",
            "combine",
            "Combine",
            "preprocessing",
        ),
        r"(?i)\b(?:join|merge|combine|concatenate)\w* (?:the |two |both |several )?"
        r"(?:frozen |tensorflow )?(?:graphs|models|pb files|networks)\b"
        r"|\b(?:add|put|include|insert) (?:the )?preprocessing\b",
        "Two graphs become one where the second is fed with what the first gives; so does a graph "
        "of preprocessing in front of a model. tf.import_graph_def, twice, fails on two loops of "
        "one name and leaves state that both share.",
        "look up what the one gives and the other takes, and join them",
        (
            "graphtools io FIRST.PB",
            "graphtools io SECOND.PB",
            "graphtools join FIRST.PB SECOND.PB -o joined.pb --connect OUTPUT=INPUT",
            "graphtools join MODEL.PB -o joined.pb --preprocess uint8,scale=1/127.5,shift=-1",
        ),
        kind=SYMPTOM,
    ),
)
