"""Names of nodes and tensors that are not in the graph."""

from graphtools.explain.known_errors._entry import (
    WARNING,
    KnownError,
    models,
    tensorflow,
)

_SHELL = (
    "The name {name} has quotes or blanks in it, which the shell did not take away: cmd.exe keeps "
    "single quotes, and copied text may have typographic ones."
)

ERRORS = (
    KnownError(
        "shell-quotes",
        ("is not in graph", "were found.", "does not exist in the graph"),
        r"AssertionError: (?P<name>['\"\u2018\u201c][^\n]{0,200}?|\s[^\n]{0,200}?) is not in graph"
        r"|Invalid tensors '(?P<quoted>['\"\u2018\u201c ][^\n]{0,300}?)' were found"
        r"|The operation, [\"'](?P<operation>['\u2018\u201c][^\n,]{0,200}), does not exist",
        _SHELL.replace("{name}", "{name}{quoted}{operation}"),
        "write names without quotes or in double quotes, separated by commas without blanks",
        ("graphtools io GRAPH",),
        tensorflow(36772, 41829),
    ),
    KnownError(
        "not-in-graph",
        ("is not in graph",),
        r"AssertionError: (?P<name>[^\s'\"][^\n]{0,200}?)(?P<port>:\d+)? is not in graph",
        "The graph has no node {name}{port}: names are those of nodes, without :0, with all their "
        "scopes, "
        "and a graph of another training run has others.",
        "take the outputs that the graph has",
        ("graphtools io GRAPH", "graphtools node GRAPH {name}"),
        tensorflow(3986, 24369),
    ),
    KnownError(
        "invalid-tensors",
        ("Invalid tensors",),
        r"Invalid tensors '(?P<names>[^'\n]{0,500})' were found",
        "The graph has no tensors {names}: the converter takes names of nodes or tensors as they "
        "are in the graph, with all scopes. An empty or truncated file has none at all.",
        "take the inputs and outputs that the graph has",
        ("graphtools io GRAPH",),
        tensorflow(25922, 23319, 27429, 34614),
    ),
    KnownError(
        "tensor-does-not-exist",
        ("refers to a Tensor which does not exist",),
        r"The name '(?P<name>[^'\n]+)' refers to a Tensor which does not exist\. "
        r"(?:The operation, [\"']?(?P<node>[^\"'\n,]+)|The operation has only)",
        "The graph that is loaded has no node {node:with so many outputs}. Where a graph is "
        "imported without name='', all names begin with import/.",
        "take a name that the graph has, or import it with name=''",
        ("graphtools node GRAPH {node:{name}}", "graphtools io GRAPH"),
        tensorflow(12063, 26128),
    ),
    KnownError(
        "collection-of-lost-node",
        ("refers to an Operation not in the graph",),
        r"The name '(?P<name>[^'\n]+)' refers to an Operation not in the graph",
        "A collection of the .meta file names {name}, which its graph does not have: nodes were "
        "removed or cut off, or the collection (queues, summaries, conditions) does not fit after "
        "import_scope.",
        "freeze or strip the .meta with graphtools, which needs no collections; or import the "
        "graph alone: tf.import_graph_def(meta.graph_def)",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools summary GRAPH",
        ),
        models(7149),
        within=r"import_meta_graph|import_scoped_meta_graph|from_proto|clear_devices",
    ),
    KnownError(
        "operation-not-in-graph",
        ("refers to an Operation not in the graph",),
        r"The name '(?P<name>[^'\n]+)' refers to an Operation not in the graph",
        "The graph has no node {name}. For save/restore_all and save/Const:0 that means a graph "
        "without a Saver, as an exported or frozen one.",
        "freeze with a checkpoint and the names of the outputs; graphtools needs no Saver nodes",
        (
            "graphtools node GRAPH {name}",
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
        ),
    ),
    KnownError(
        "operation-is-no-tensor",
        ("Tensor names must be of the form", "looks like a tensor name", "not a Tensor"),
        r"The name '(?P<name>[^'\n]+)' (?:refers to an Operation, not a Tensor"
        r"|looks like an \(invalid\) (?:Operation|Tensor) name)",
        "{name} is the name of a node where one of a tensor is wanted, or the other way.",
        "write {name}:0 for the first output of the node; graphtools takes both spellings",
        ("graphtools node GRAPH {name}",),
        tensorflow(3986, 24369),
    ),
    KnownError(
        "input-nodes-not-found",
        ("The following input nodes were not found",),
        r"The following input nodes were not found: *(?P<names>[^\n\"]{0,300})",
        "strip_unused cuts the graph at {names}, which it does not have.",
        "take the inputs that the graph has, or names of nodes at which to cut it",
        ("graphtools io GRAPH", "graphtools strip GRAPH -o cut.pb --inputs INPUT --outputs OUTPUT"),
    ),
    KnownError(
        "input-node-not-found",
        ("not found in graph",),
        r"Input node (?P<name>[^\n]{1,200}?) not found in graph",
        "A node has the input {name}, which the graph does not have: the name is misspelt in "
        "--inputs or --outputs, or a transform removed what was still needed.",
        "take names that the graph has; lint finds inputs that hang in the air",
        ("graphtools io GRAPH", "graphtools lint GRAPH --select GT101"),
    ),
    KnownError(
        "fetch-not-found",
        ("FetchOutputs node", "unable to find feed output", "feed_devices or fetch_devices"),
        r"FetchOutputs node (?P<fetch>[^\s:]+)(?::\d+)?: not found"
        r"|FeedInputs: unable to find feed output (?P<feed>[^\s:]+)"
        r"|Tensor (?P<tensor>[^\s,]+), specified in either feed_devices or fetch_devices was not",
        "The graph has no node {fetch}{feed}{tensor}, which was named as an input or output.",
        "take the inputs and outputs that the graph has",
        ("graphtools io GRAPH", "graphtools node GRAPH {fetch}{feed}{tensor}"),
    ),
    KnownError(
        "output-array-not-produced",
        ("is not produced by any op in this graph",),
        r"Specified output array \"(?P<name>[^\"\n]+)\" is not produced by any op in this graph",
        "The graph has no output {name}: it is misspelt, or was cut off with what does not lead "
        "from the inputs that were given.",
        "take the outputs that the graph has",
        ("graphtools io GRAPH", "graphtools path GRAPH INPUT {name}"),
    ),
    KnownError(
        "input-map-not-found",
        ("Attempted to map inputs that were not found",),
        r"Attempted to map inputs that were not found in graph_def: \[(?P<names>[^\]\n]{1,300})\]",
        "input_map names {names}, and the graph that is imported has no such tensors: it was "
        "frozen with other names or scopes, or these inputs were stripped or made constants.",
        "name the inputs that the graph has",
        ("graphtools io GRAPH", "graphtools nodes GRAPH --op Placeholder"),
        (*tensorflow(21647), *models(8202), "ry/tensorflow-vgg16#3"),
    ),
    KnownError(
        "graph-lacks-an-input",
        ("graph_def is invalid at node",),
        r"graph_def is invalid at node u?'(?P<node>[^'\n]+)': Input tensor '(?P<input>[^'\n]+)' "
        r"not found in graph_def",
        "The node {node} reads {input}, which is not in the graph: nodes were taken out by hand, "
        "or the graph was cut in the middle of what is still read.",
        "cut the whole graph again by what the outputs need; nodes of the same name that are to "
        "stand in are given to import_graph_def as input_map",
        (
            "graphtools lint GRAPH --select GT101",
            "graphtools strip GRAPH -o cut.pb --outputs OUTPUTS",
        ),
        (*tensorflow(7726, 4044), "gustavz/realtime_object_detection#8"),
    ),
    KnownError(
        "no-inputs-spotted",
        ("No inputs spotted",),
        r"No inputs spotted",
        "summarize_graph lists placeholders alone; a graph for training reads its input from a "
        "queue or a tf.data iterator.",
        "cut the graph behind its input pipeline, at the first node that has the image",
        ("graphtools io GRAPH --all", "graphtools strip GRAPH -o cut.pb --inputs NODE"),
        ("balancap/SSD-Tensorflow#248", *tensorflow(31528, 35690, 10986)),
        WARNING,
    ),
    KnownError(
        "node-not-in-converted-graph",
        ("Graph does not contain node:",),
        r"Graph does not contain node: (?P<node>[^\s'\"]{1,300})",
        "The converter looks for {node} after it has rewritten the graph, and it is gone: the Exit "
        "of a v1 while loop cannot be the output itself.",
        "name a node behind the loop as the output (an Identity does)",
        ("graphtools nodes GRAPH --op Exit", "graphtools io GRAPH --all"),
    ),
)
