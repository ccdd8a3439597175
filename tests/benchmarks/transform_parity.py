"""How our transforms agree with TensorFlow 1.15's: `python -m tests.benchmarks.transform_parity`.

Runs every recorded case of the C++ Graph Transform Tool and compares the graphs: the same nodes by
name, op, inputs and attributes, the same constants (equal, or within 1e-6 relative). Where only the
counts of ops were kept of a result, these are compared. Needs the shared models. What is known to
differ, and why, is in `DIFFERENCES`; the rest is listed.
"""

from __future__ import annotations

import argparse
import collections
import fnmatch
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphtools import Graph, GraphtoolsError, Node, Tensor, load
from graphtools.transforms.pipeline import transform
from tests.support import shared_models_or_none

#: The original names a folded node `name/_0__cf__0`; here it keeps its name.
_FOLDED = re.compile(r"/_\d+__cf__\d+")
#: Patterns of graphs that have loops of version 1.
_WITH_LOOPS = ("lstm", "tensor_array_rnn", "while_loop", "ssd_*_frozen")
#: Patterns of graphs with batch norms that the original does not fold.
_NEWER_BATCH_NORMS = (
    "mini_fused_bn_v2", "mini_fused_bn_v3", "mobilenet_v1_0.25_128", "ssd_mobilenet_v1_small_*",
)  # fmt: skip
#: By graph and case (patterns), why the results are meant to differ.
DIFFERENCES: dict[tuple[str, str], str] = {
    ("*", "obfuscate_names"): "colocations have the new names; with the old ones TF refused it",
    **dict.fromkeys(
        ((graph, "remove_control_dependencies") for graph in _WITH_LOOPS),
        "what puts a node into a loop or on a branch stays; its did not run",
    ),
    **dict.fromkeys(
        ((g, case) for g in _WITH_LOOPS for case in ("remove_nodes*", "chain_deploy")),
        "what tells other nodes on which branch they are stays",
    ),
    **dict.fromkeys(
        ((graph, "backport_tensor_array_v3") for graph in _WITH_LOOPS),
        "handles are strings, and an attribute that V2 lacks is gone; its did not load",
    ),
    **dict.fromkeys(
        ((graph, "merge*") for graph in ("quantize_smallnet_eval", "*quantized_small*")),
        "colocations follow, so that more is the same; its did not load",
    ),
    **dict.fromkeys(
        ((graph, "sparsify_gather") for graph in ("mobilenet_*", "ssd_*")),
        "no group_deps is added where nothing was found",
    ),
    ("mini_gather_v1_col*", "sparsify_gather"): "ids of 32 bits are widened; its did not load",
    ("*", "unknown_param"): "a parameter that a transform does not have is an error",
    ("*", "chain_shrink_all"): "the names that obfuscation gives depend on what was folded before",
    ("*", "chain_shrink_obfuscate"): "colocations have the new names",
    (
        "*",
        "fold_constants_maxsize",
    ): "what leads to too large a constant is folded as far as it is not",
    ("*", "malformed"): "a parenthesis that is not closed is an error",
    **dict.fromkeys(
        (
            (graph, case)
            for graph in _NEWER_BATCH_NORMS
            for case in ("fold_old_batch_norms", "chain_*")
        ),
        "batch norms of versions 2 and 3 fold, too",
    ),
    **dict.fromkeys(
        (("mini_fused_bn_biasadd", case) for case in ("fold_old_batch_norms", "chain_*")),
        "the bias before a batch norm is folded, too",
    ),
    **dict.fromkeys(
        (
            (graph, case)
            for graph in ("mini_fused_bn_conv_is_output", "mini_fused_bn_conv_two_consumers")
            for case in ("fold_old_batch_norms", "chain_*")
        ),
        "not folded, since the convolution is read elsewhere; its changed the outputs",
    ),
    ("*_fbnv1", "fold_old_batch_norms"): "weights and constants behind reads are folded, too",
    ("mini_zero_pad_conv", "fuse_pad_and_conv"): "padding with zeros is fused, too",
    **dict.fromkeys(
        (("*_tflite", case) for case in ("fold_constants*", "chain_*")),
        "its could not fold constants beside an op that it does not know",
    ),
    ("mini_gather*", "quantize_nodes_input"): "integers are not quantized; its did not load",
    **dict.fromkeys(
        (
            (graph, case)
            for graph in ("mini_devices_ctrl", "mini_unfused_bn_identity", "mini_fake_quant_*")
            for case in ("quantize_nodes*", "chain_eightbit*")
        ),
        "another of several equal constants stays",
    ),
    **dict.fromkeys(
        (
            (graph, case)
            for graph in ("quantize_smallnet_eval", "ssd_*_tflite_nopost")
            for case in ("quantize_nodes*", "chain_eightbit*")
        ),
        "colocations follow, so that more is the same",
    ),
    **dict.fromkeys(
        (("ssd_*_frozen", case) for case in ("quantize_nodes*", "chain_eightbit*")),
        "products of unknown shapes stay, which the eight-bit kernel gets wrong",
    ),
}
#: Attributes that ops have got since TensorFlow 1.15, of which the original does not know.
NEWER = {
    "AvgPool": {"explicit_paddings"},
    "DepthwiseConv2dNative": {"explicit_paddings"},
    "FusedBatchNorm": {"exponential_avg_factor"},
    "FusedBatchNormV2": {"exponential_avg_factor"},
    "FusedBatchNormV3": {"exponential_avg_factor"},
    "MatMul": {"grad_a", "grad_b"},
    "MaxPool": {"explicit_paddings"},
}
#: sparsify_gather of the original adds this node also where it has nothing to wait for.
_GROUP = "group_deps"
#: Where several nodes are the same, the original leaves any one of them, by the order of hashes.
_ANY_OF_THE_SAME = "merge_duplicate_nodes"


def plain(text: str) -> str:
    """An input or name without what is written differently and means the same."""
    return _FOLDED.sub("", text).replace("__port__0", "").removesuffix(":0")


def equal(ours: Any, theirs: Any) -> bool:
    """Whether two attributes have the same value."""
    if not (isinstance(ours, Tensor) and isinstance(theirs, Tensor)):
        return repr(ours) == repr(theirs)
    if ours.dtype is not theirs.dtype or ours.shape != theirs.shape:
        return False
    a, b = ours.array(), theirs.array()
    if a.dtype.kind in "OSU":
        return bool(a.tolist() == b.tolist())
    if np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
        return True
    near = 2e-7 * float(np.max(np.abs(b), initial=0)) if a.dtype.kind == "f" else 0.0
    return a.dtype.kind == "f" and bool(np.allclose(a, b, rtol=1e-6, atol=near))


def differences(ours: Graph, theirs: Graph) -> Iterator[str]:
    """How two graphs differ, up to the order of their nodes."""
    left = {plain(n.name): n for n in ours}
    right = {plain(n.name): n for n in theirs if n.name != _GROUP or n.inputs}
    missing, more = sorted(right.keys() - left.keys()), sorted(left.keys() - right.keys())
    if missing:
        yield f"{len(missing)} missing: {missing[:3]}"
    if more:
        yield f"{len(more)} more: {more[:3]}"
    for name in left.keys() & right.keys():
        yield from _node_differences(left[name], right[name])


def _node_differences(ours: Node, theirs: Node) -> Iterator[str]:
    if ours.op != theirs.op:
        yield f"{ours.name}: op {ours.op}, not {theirs.op}"
    elif tuple(map(plain, ours.inputs)) != tuple(map(plain, theirs.inputs)):
        yield f"{ours.name}: inputs {ours.inputs}, not {theirs.inputs}"
    elif ours.device != theirs.device:
        yield f"{ours.name}: device {ours.device!r}, not {theirs.device!r}"
    else:
        a, b = dict(ours.attrs), dict(theirs.attrs)
        for name in NEWER.get(ours.op, set()) - b.keys():
            a.pop(name, None)
        if a.keys() != b.keys():
            yield f"{ours.name}: attributes {sorted(a)}, not {sorted(b)}"
        else:
            wrong = [key for key in a if not equal(a[key], b[key])]
            if wrong:
                values = [(a[key], b[key]) for key in wrong]
                yield f"{ours.name}: {wrong} {str(values)[:160]}"


def reason_for(graph: str, case: str) -> str:
    """Why a case is meant to differ; empty if it is not."""
    for (graphs, cases), reason in DIFFERENCES.items():
        if fnmatch.fnmatch(graph, graphs) and fnmatch.fnmatch(case, cases):
            return reason
    return ""


def main() -> int:
    """Compare all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=["*"], help="patterns of names of cases")
    parser.add_argument("--graph", default="*", help="pattern of names of graphs")
    options = parser.parse_args()
    models = shared_models_or_none()
    if models is None:
        print("needs the shared models")
        return 2
    counts: collections.Counter[str] = collections.Counter()
    for file in sorted((models / "gtt").glob("*.json")):
        if not fnmatch.fnmatch(file.stem, options.graph):
            continue
        record = json.loads(file.read_text())
        if not (models / record["source"]).is_file():
            continue
        source = load(str(models / record["source"]))
        for case, result in record["results"].items():
            if not any(fnmatch.fnmatch(case, c) for c in options.cases) or "stats" not in result:
                continue
            target = models / result.get("file", "none")
            found = _compare(source, record, result, target)
            reason = reason_for(file.stem, case) if found else ""
            outcome = "differ, meant so" if reason else "differ" if found else "agree"
            counts[outcome] += 1
            if found:
                print(f"{file.stem} {case}: {reason or found[:2]}")
    print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return 1 if counts["differ"] else 0


def _compare(
    source: Graph, record: dict[str, Any], result: dict[str, Any], target: Path
) -> list[str]:
    try:
        ours = transform(source, result["transforms"], record["inputs"], record["outputs"]).graph
    except GraphtoolsError as error:
        return [f"fails: {error.message}"]
    if target.is_file() and not any(_ANY_OF_THE_SAME in t for t in result["transforms"]):
        found = list(differences(ours, load(str(target))))
    else:
        found = list(_counts_differ(ours, result["stats"]["ops"]))
    if found and not result.get("outputs_close_1e-4", True):
        found.insert(0, "(the original changed the outputs)")
    return found


def _counts_differ(ours: Graph, theirs: dict[str, int]) -> Iterator[str]:
    """How a graph differs from recorded counts of ops."""
    counts = collections.Counter(node.op for node in ours)
    for op in sorted(counts.keys() | theirs.keys()):
        if counts[op] != theirs.get(op, 0):
            yield f"{counts[op]} {op}, not {theirs.get(op, 0)}"


if __name__ == "__main__":
    sys.exit(main())
