"""Files that do not load: graphs, SavedModels, TFLite models."""

from collections.abc import Mapping

from graphtools.explain.known_errors._entry import KnownError, models, tensorflow
from graphtools.explain.op_releases import attribute_release, op_release


def _guess_of_text(names: Mapping[str, str]) -> dict[str, str]:
    """What a file is, by where its text ends to be one."""
    place = names["place"] or names["spot"] or names["line"]
    if names["got"].startswith("<"):
        return {"guess": "a web page (HTML) that was saved in place of the raw file"}
    if place == "1:1":
        return {"guess": "it begins with a byte order mark, or is binary (a graph) or empty"}
    if place:
        return {"guess": "a brace, quote or colon is missing there or in the line before"}
    return {"guess": "most often a binary graph that is read as text"}


ERRORS = (
    KnownError(
        "binary-read-as-text",
        ("codec can't decode byte",),
        r"'(?P<codec>utf-?8|ascii|charmap|cp\d+|gbk)' codec can't decode byte",
        "A binary file is read as text: a .pb graph without input_binary, a file opened with 'r' "
        "instead of 'rb', or a graph that is truncated or no graph at all.",
        "read it as binary (--input_binary=true, open(path, 'rb')), and see what the file is",
        ("graphtools summary FILE",),
        tensorflow(10983, 5780),
    ),
    KnownError(
        "no-such-field",
        ("has no field named",),
        r"Message type \"(?P<type>[\w.]+)\" has no field named \"(?P<field>[^\"]+)\"",
        "The text has the field {field}, which {type} does not have: it is misspelt, stands in the "
        "wrong block, or belongs to another release or another kind of file.",
        "take the field {field} out, or read the file with the release it was written for",
        ("graphtools check-config PIPELINE.CONFIG", "graphtools summary FILE"),
    ),
    KnownError(
        "text-not-parsed",
        ("ParseError", "Error parsing text-format", "Expected identifier"),
        r"ParseError:(?!\s*\d+:\d+\s+:\s+Message\s+type)(?!.{0,80}?Expected\s+string)"
        r"\s*(?P<place>\d+:\d+)?(?:[^\n]{0,80}?Expected identifier(?: or number)?,? got "
        r"(?P<got>[^\n]{0,20}))?|Error parsing "
        r"text-format (?P<type>[\w.]+)"
        r"(?:: (?P<line>\d+:\d+))?|(?P<spot>\d+:\d+) : .{0,80}Expected identifier"
        r"(?: or number)?",
        "The file is not the text of the message that is expected: {guess:mostly a binary graph "
        "that is read as text}, or a typing error "
        "({place}{line}{spot}).",
        "open the file and correct that place, or fetch it anew as UTF-8 without a mark (the raw "
        "file, not its page); binary graphs are given as binary (--input_binary=true), and "
        "graphtools reads both without a flag",
        ("graphtools summary FILE", "graphtools check-config PIPELINE.CONFIG"),
        (*tensorflow(10983, 5780, 17129), *models(6853)),
        table=_guess_of_text,
    ),
    KnownError(
        "graph-not-parsed",
        (
            "Error parsing message",
            "invalid wire type",
            "Truncated message",
            "Wrong wire type",
            "Cannot parse file",
            "Unexpected end-group tag",
            "Can't parse",
        ),
        r"Cannot parse file b?'(?P<file>[^'\n]*)'|Can't parse (?P<read>\S+\.pb\w*) as binary proto"
        r"|DecodeError: *(?:Unexpected end-group tag|Error parsing message(?: with type "
        r"'(?P<type>[\w.]+)')?"
        r"|Tag had invalid wire type|Truncated message|Wrong wire type in tag"
        r"|Protocol message tag had invalid wire type)",
        "The file holds no {type:message of the type that is expected}: it is text or a "
        "SavedModel where a binary GraphDef is wanted, a download that broke off, or a web page "
        "or Git LFS pointer in place of the model.",
        "see what the file is; a SavedModel becomes a GraphDef by freezing it",
        ("graphtools summary FILE", "graphtools freeze SAVED_MODEL -o frozen.pb"),
        tensorflow(17683, 23809, 13746) + models(3831) + ("ahangchen/ncs_detection#1",),
    ),
    KnownError(
        "saved-model-missing",
        (
            "SavedModel file does not exist at",
            "Could not find SavedModel",
            "No versions of servable",
        ),
        r"Could not find SavedModel \.pb or \.pbtxt at supplied export directory path:? *(?P<path>"
        r"[^\n]{1,300})|No versions of servable (?P<servable>\S+) found"
        r"|SavedModel file does not exist at:? *(?P<folder>[^\n{]{1,300}?)"
        r"(?:[/\\]*\{saved_model\.pb|\s*$|\n)",
        "{folder}{path}{servable} is no folder with a saved_model.pb in it: it may be the .pb "
        "file itself, a "
        "frozen "
        "graph, a Keras .h5 file, or the wrong folder.",
        "give the folder that holds saved_model.pb; a frozen graph is no SavedModel",
        ("graphtools summary {folder:FOLDER}",),
        (*tensorflow(22480, 47837), "onnx/tensorflow-onnx#1474"),
    ),
    KnownError(
        "saved-model-tags",
        (
            "could not be found in SavedModel",
            "meta graph def matching supplied tags",
            "does not have tags",
        ),
        r"(?:MetaGraphDef associated with tags? |Could not find meta graph def matching supplied "
        r"tags: |SavedModel does not have tags:? )(?P<tags>\{[^}\n]*\}|'[^'\n]*'|[\w, ]+?)"
        r"(?: could not be found in SavedModel|[.\n]|$)(?:.{0,400}?available[_ ]tags:? *'?"
        r"(?P<available>\[[^\]\n]{0,200}\]))?",
        "The SavedModel has no graph with the tags {tags}; it has {available:other ones}. Nothing "
        "at all ([]) means that the saved_model.pb is a frozen graph of that name.",
        "name the tags that are there, or freeze the file as the graph it is",
        ("graphtools signatures SAVED_MODEL --all", "graphtools summary SAVED_MODEL"),
        (
            *tensorflow(38080, 25288),
            "onnx/tensorflow-onnx#991",
            "maru-labo/doodle#24",
            "tensorflow/serving#1769",
            "tensorflow/tfjs#5161",
        ),
    ),
    KnownError(
        "signature-missing",
        (
            "in the SavedModel's SignatureDefs",
            "Only support a single signature key",
            "KeyError: 'serving_default'",
            "not found in signature",
        ),
        r"KeyError: '(?P<missing>serving_default)'|Serving signature (?:name|key):? "
        r"?\"?(?P<served>\w+)\"? not found"
        r"|tensor alias not found in signature: (?P<alias>\w+)|No '(?P<key>[^'\n]*)' in the "
        r"SavedModel's "
        r"SignatureDefs\. "
        r"Possible values are (?P<available>[^\n]{0,200})|Only support a single signature key",
        "Which signature is meant is not sure ({key}{missing}{served}{alias}): the SavedModel has "
        "{available:several, or none of that name}.",
        "name one of them: --signature",
        (
            "graphtools signatures SAVED_MODEL",
            "graphtools convert SAVED_MODEL -o model.tflite --signature KEY",
            "graphtools saved-model SAVED_MODEL -o renamed --rename-signature OLD=serving_default",
        ),
        (*tensorflow(26833), "Adlik/Adlik#409"),
    ),
    KnownError(
        "input-file-not-parsed",
        ("Unable to parse input file",),
        r"Unable to parse input file '(?P<file>[^'\n]*)'",
        "{file} is neither a binary GraphDef nor the text of one: it is a SavedModel, a .tflite or "
        ".h5 file, or damaged.",
        "see what it is; graphtools convert takes SavedModels, checkpoints and graphs alike",
        ("graphtools summary {file}",),
    ),
    KnownError(
        "op-not-registered",
        ("Op type not registered",),
        r"Op type not registered '(?P<op>[^'\n]+)'",
        "The program that reads the graph has no op {op}. {known:It is a custom "
        "op, or one of another release.}",
        "load the library of this custom op (tf.load_op_library), or cut the graph before it; "
        "graphtools "
        "reads the graph without knowing the op",
        ("graphtools nodes GRAPH --op {op} --long", "graphtools op {op}"),
        (*tensorflow(13902, 29574, 45837), "tensorflow/serving#992"),
        table=op_release,
    ),
    KnownError(
        "attribute-unknown",
        ("NodeDef mentions attr",),
        r"NodeDef mentions attr '(?P<attr>[^'\n]+)' not in Op(?:<name=(?P<op>\w+))?",
        "The graph was written by a newer TensorFlow: its {op} nodes have the attribute {attr}, "
        "which the release that reads it does not know{since}.",
        "remove the attribute where it has its default value, which changes nothing, or at once "
        "all that have theirs; nodes that are skipped have another, and need a newer TensorFlow",
        (
            "graphtools transform GRAPH -o out.pb --skips --transforms "
            "'remove_attribute(attribute_name={attr}, at_default=true)'",
            "graphtools transform GRAPH -o out.pb --transforms "
            "'remove_attribute(attribute_name=\"*\")'",
        ),
        tensorflow(32175, 21345, 1528) + models(9373),
        table=attribute_release,
    ),
    KnownError(
        "attribute-missing",
        ("NodeDef missing attr",),
        r"NodeDef missing attrs? '(?P<attr>[^'\n]+)' from Op<name=(?P<op>\w+)"
        r"(?:.{0,1500}?NodeDef: (?:\{\{node )?(?P<node>[^\s}=]+))?",
        "The node {node:of it} ({op}) lacks the attribute {attr}, which has no default: it was "
        "taken out by a transform, or the graph was written by hand.",
        "find what is missing with lint; add_default_attributes adds those that have a default",
        (
            "graphtools lint GRAPH",
            "graphtools transform GRAPH -o out.pb --transforms add_default_attributes",
        ),
    ),
    KnownError(
        "attribute-value-not-allowed",
        ("is not in the list of allowed values",),
        r"Value for attr '(?P<attr>[^'\n]+)' of \"?(?P<value>[^\"\n ]+)\"? is not in the list of "
        r"allowed "
        r"values: (?P<allowed>[^\n;]{1,200})(?:.{0,100}?NodeDef: (?:\{\{node "
        r")?(?P<node>[^\s}=]+))?",
        "{node:A node} has {attr}={value}, and its op takes {allowed} only: another release allows "
        "more, or the input has a type that the op has no kernel for.",
        "give it one of those values; lint finds all such nodes",
        ("graphtools lint GRAPH --select GT113,GT116", "graphtools node GRAPH {node:NODE}"),
    ),
    KnownError(
        "op-is-gone",
        ("is not available in GraphDef version",),
        r"Op (?P<op>\w+) is not available in GraphDef version (?P<version>\d+)\. It has been "
        r"removed "
        r"in version (?P<removed>\d+)\.? ?(?P<instead>[^\n]{0,200})",
        "The graph has {op}, which graphs of version {removed} and later may not have: the graph "
        "lost its versions on the way (the Graph Transform Tool drops them), or mixes old and new.",
        "fold such nodes into others; graphtools keeps the versions of a graph",
        (
            "graphtools lint GRAPH --select GT111,GT123",
            "graphtools transform GRAPH -o out.pb --transforms 'fold_constants "
            "fold_old_batch_norms'",
        ),
    ),
    KnownError(
        "producer-too-old",
        ("below min producer", "above current version"),
        r"GraphDef (?:producer version (?P<version>\d+) below min producer (?P<wanted>\d+)"
        r"|min consumer version (?P<minimum>\d+) above current version (?P<current>\d+))",
        "The graph and this TensorFlow are too far apart: the graph says version "
        "{version}{minimum}, TensorFlow has or wants {wanted}{current}.",
        "load it with a release of its time; graphtools reads graphs of every version",
        ("graphtools summary GRAPH",),
    ),
    KnownError(
        "graph-above-2gb",
        ("larger than 2GB", "larger than the limit (2147483647", "exceeded maximum protobuf size"),
        r"GraphDef cannot be larger than 2GB|would be larger than the limit \(2147483647 bytes\)"
        r"|exceeded maximum protobuf size of 2GB",
        "The weights are constants of the graph, which together exceed the 2 GB that a protobuf "
        "message may have.",
        "keep the weights in a checkpoint or SavedModel, or make them smaller; graphtools itself "
        "reads and writes larger graphs",
        (
            "graphtools size GRAPH",
            "graphtools transform GRAPH -o small.pb --transforms quantize_weights",
        ),
    ),
    KnownError(
        "colocated-with-unknown",
        ("expects to be colocated with unknown node",),
        r"Node '(?P<node>[^'\n]+)' expects to be colocated with unknown node '(?P<other>[^'\n]+)'",
        "The node {node} has the attribute _class, which places it beside {other}, and that node "
        "was removed or renamed (obfuscate_names does not rename it there).",
        "drop what refers to nodes that are gone: it only says on which device a node runs",
        ("graphtools transform GRAPH -o out.pb --transforms drop_lost_colocations",),
    ),
    KnownError(
        "node-not-unique",
        ("is not unique",),
        r"Node '(?P<node>[^'\n]+)' is not unique",
        "Two nodes of the graph are called {node}: a transform or a merge of graphs has added one "
        "that was there.",
        "rename one of them, or make the graph anew; lint finds all of them",
        ("graphtools lint GRAPH --select GT102",),
    ),
    KnownError(
        "attribute-not-in-node",
        ("No attr named",),
        r"No attr named '(?P<attr>[^'\n]+)' in NodeDef(?:[^\[]{0,60}\[\[Node: (?P<node>[^\s\]]+)"
        r"(?: = (?P<op>\w+))?)?",
        "The node {node:of the graph} ({op}) lacks the attribute {attr}: the graph is of a release "
        "before the op had it{since}, and the defaults were not filled in.",
        "add the attributes that have a default, or freeze it anew with the release that reads it",
        ("graphtools transform GRAPH -o out.pb --transforms add_default_attributes",),
        tensorflow(18744),
        table=attribute_release,
    ),
    KnownError(
        "op-not-in-list",
        ("KeyError:", "op_dict[node.op]"),
        r"KeyError: u?'(?P<op>[A-Z]\w{1,80})'",
        "The graph has the op {op}, which this TensorFlow does not know. {known:It is a "
        "custom op, or one of another release.}",
        "load the library (tf.load_op_library) or import the package that has the op before the "
        "graph, take the release that wrote it, or cut the nodes off",
        ("graphtools nodes GRAPH --op {op} --long", "graphtools op {op}"),
        (
            "tensorflow/compression#32",
            "CharlesShang/FastMaskRCNN#142",
            "davidsandberg/facenet#58",
        ),
        within=r"import_graph_def|op_dict|import_meta_graph|importer\.py",
        outside=r"Op type not registered",
        table=op_release,
    ),
    KnownError(
        "saved-model-not-callable",
        ("object is not callable", "object has no attribute 'predict'", "object has no attribute"),
        r"'(?:_UserObject|AutoTrackable)' object (?:is not callable|has no attribute "
        r"'(?P<attr>\w+)')",
        "What tf.saved_model.load gives is no Keras model: it has what was saved, here without "
        "{attr:a function to call}.",
        "call model.signatures['serving_default'](tf.constant(x)), or load it with keras where it "
        "was saved by keras",
        ("graphtools signatures SAVED_MODEL",),
    ),
)
