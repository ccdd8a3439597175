"""Shapes of candidate sampling and of remapped vocabularies."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import SCALAR, Contradiction, Dims, with_rank
from graphtools.ops.families._outputs import check_dim, check_ranks, dim_attr, unknown_outputs


@shape_function(
    "AllCandidateSampler", "FixedUnigramCandidateSampler", "LearnedUnigramCandidateSampler",
    "LogUniformCandidateSampler", "ThreadUnsafeUnigramCandidateSampler", "UniformCandidateSampler",
)  # fmt: skip
def candidates(call: Call) -> list[Dims]:
    """The sampled classes, and expected counts of true and sampled ones."""
    sampled, true = call.int_attr("num_sampled"), call.int_attr("num_true")
    if sampled < 1 or true < 1:
        raise Contradiction(f"num_sampled {sampled} and num_true {true} must be positive")
    batch = with_rank(call.input(0), 2)[0]
    return [(sampled,), (batch, true), (sampled,)]


@shape_function("ComputeAccidentalHits")
def accidental_hits(call: Call) -> list[Dims]:
    """Three vectors: rows, classes and weights of the hits."""
    check_dim(with_rank(call.input(0), 2), 1, call.int_attr("num_true"))
    with_rank(call.input(1), 1)
    return [(None,), (None,), (None,)]


@shape_function("GenerateVocabRemapping")
def vocabulary(call: Call) -> list[Dims]:
    """For each new word its old number, and how many were found."""
    check_ranks(call, 0, 0)
    return [(dim_attr(call, "num_new_vocab"),), SCALAR]


@shape_function("LoadAndRemapMatrix")
def remapped_matrix(call: Call) -> Dims:
    """Rows and columns as stated; as many as are remapped."""
    return (dim_attr(call, "num_rows"), dim_attr(call, "num_cols"))


@shape_function("TopKUnique", "TopKWithUnique")
def top_k_unique(call: Call) -> list[Dims]:
    """The k greatest of each row, twice: values and indices."""
    rows = with_rank(call.input(0), 2)[0]
    return [(rows, dim_attr(call, "k"))] * 2


@shape_function("IsotonicRegression")
def isotonic(call: Call) -> list[Dims]:
    """For each entry a fitted value and a segment."""
    return [call.input(0), call.input(0)]


shape_function("NearestNeighbors", "WALSComputePartialLhsAndRhs", "MaskedMatmul")(unknown_outputs)
