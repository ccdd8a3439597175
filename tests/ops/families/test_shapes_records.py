"""Texts, sparse and ragged tensors, records, files, recurrent layers, datasets, devices."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.dims import Contradiction
from graphtools.ops.families.files import slice_shape
from tests.ops.families.shape_cases import finding, scalar, shapes_of, value

N = None
INT64, STRING = dtype("int64"), dtype("string")
SPARSE = [(7, 2), (7,), (2,)]


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("StringJoin", [(2, N), (), (N, 3)], {"N": 3}, [(2, 3)]),
        ("StringJoin", [(), ()], {"N": 2}, [()]),
        ("StringJoin", [(), N], {"N": 2}, [N]),
        ("StringSplitV2", [(5,), ()], {}, [(N, 2), (N,), (2,)]),
        ("Substr", [(2, 3), (3,), (3,)], {}, [(2, 3)]),
        ("UnicodeDecode", [(2, 3)], {}, [(7,), (N,)]),
        ("UnicodeEncode", [(9,), (4,)], {}, [(3,)]),
        ("DecodeRaw", [(2,)], {"out_type": FLOAT32}, [(2, N)]),
        ("DecodePaddedRaw", [(2,), scalar(8)], {"out_type": FLOAT32}, [(2, 2)]),
        ("SparseToDense", [(7, 2), value(4, -1), (7,), ()], {}, [(4, N)]),
        ("SparseAdd", [*SPARSE, *SPARSE, ()], {}, [(N, 2), (N,), (2,)]),
        ("SparseConcat", [(7, 2), (5, N), (7,), (5,), (2,), (2,)], {"N": 2, "concat_dim": 0},
         [(12, 2), (12,), (2,)]),
        ("SparseTensorDenseMatMul", [(7, 2), (7,), value(4, 5), (5, 3)], {}, [(4, 3)]),
        ("SparseTensorDenseMatMul", [(7, 2), (7,), value(5, 4), (3, 5)],
         {"adjoint_a": True, "adjoint_b": True}, [(4, 3)]),
        ("SparseReduceSum", [(7, 2), (7,), value(4, 5), value(0)], {}, [(5,)]),
        ("SparseReduceSum", [(7, 2), (7,), value(4, 5), value(0)], {"keep_dims": True}, [(1, 5)]),
        ("SparseFillEmptyRows", [(7, 2), (7,), value(4, 5), ()], {}, [(N, 2), (N,), (4,), (7,)]),
        ("DenseToDenseSetOperation", [(4, 5), (4, 6)], {"set_operation": b"a"},
         [(N, 2), (N,), (2,)]),
        ("RaggedTensorToSparse", [(4,), (9, 3)], {"RAGGED_RANK": 1}, [(27, 3), (27,), (3,)]),
        ("RaggedRange", [(4,), (), (4,)], {}, [(5,), (N,)]),
        ("RaggedGather", [(4,), (9, 3), (2,)], {"PARAMS_RAGGED_RANK": 1, "OUTPUT_RAGGED_RANK": 1},
         [(N,), (N, 3)]),
        ("DecodeCSV", [(6,), (), (1,)], {"OUT_TYPE": [FLOAT32, INT64]}, [(6,), (6,)]),
        ("ParseSingleExample", [(), ()], {"num_sparse": 1, "sparse_types": [INT64],
         "Tdense": [FLOAT32], "dense_shapes": [Shape((2, 3))]}, [(N, 1), (N,), (1,), (2, 3)]),
        ("ParseExampleV2", [(6,), (0,), (1,), (1,), (1,), ()], {"num_sparse": 1,
         "sparse_types": [INT64], "Tdense": [FLOAT32], "dense_shapes": [Shape((N, 3))],
         "ragged_value_types": [INT64], "ragged_split_types": [INT64]},
         [(N, 2), (N,), (2,), (6, N, 3), (N,), (7,)]),
        ("DecodeProtoV2", [(6,)], {"output_types": [FLOAT32] * 2}, [(6, 2), (6, N), (6, N)]),
        ("RestoreV2", [(), (2,), (2,)], {"dtypes": [FLOAT32] * 2}, [N, N]),
        ("MatchingFiles", [()], {}, [(N,)]),
        ("ReaderReadV2", [(), ()], {}, [(), ()]),
        ("BlockLSTMV2", [(), (9, 2, 4), (2, 8), (2, 8), (12, 32), (8,), (8,), (8,), (32,)], {},
         [(9, 2, 8)] * 7),
        ("LSTMBlockCell", [(2, 4), (2, 8), *[N] * 6], {}, [(2, 8)] * 7),
        ("GRUBlockCellGrad", [(2, 4), (2, 8), (12, 16), *[N] * 7], {},
         [(2, 4), (2, 8), (2, 8), (2, 16)]),
        ("CTCLoss", [(9, N, 5), (7, 2), (7,), (2,)], {}, [(2,), (9, 2, 5)]),
        ("CTCBeamSearchDecoder", [(9, 2, 5), (2,)], {"top_paths": 2, "beam_width": 3},
         [(N, 2)] * 2 + [(N,)] * 2 + [(2,)] * 2 + [(2, 2)]),
        ("CudnnRNN", [(9, 2, 4), (2, 2, 8), (2, 2, 8), (N,)], {"direction": b"bidirectional",
         "rnn_mode": b"lstm"}, [(9, 2, 16), (2, 2, 8), (2, 2, 8), N]),
        ("UniformCandidateSampler", [(6, 1)], {"num_true": 1, "num_sampled": 4, "unique": True,
         "range_max": 9}, [(4,), (6, 1), (4,)]),
        ("IteratorGetNext", [()], {"output_types": [FLOAT32], "output_shapes": [Shape((N, 3))]},
         [(N, 3)]),
        ("MapDataset", [()], {}, [()]),
        ("AllToAll", [(6, 4), N], {"split_dimension": 0, "concat_dimension": 1,
         "split_count": 3}, [(2, 12)]),
        ("CollectiveGather", [(2, 3)], {"group_size": 4}, [(8, 3)]),
        ("SdcaFprint", [(6,)], {}, [(6, 2)]),
        ("BoostedTreesBucketize", [(6,), (3,)], {"num_features": 1}, [(6,)]),
        ("Print", [(2, 3), ()], {"U": [FLOAT32]}, [(2, 3)]),
        ("ScalarSummary", [(), ()], {}, [()]),
    ],
)  # fmt: skip
def test_shapes(op: str, inputs: Any, attrs: dict[str, Any], expected: Any) -> None:
    assert shapes_of(op, inputs, attrs) == expected


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "words"),
    [
        ("StringJoin", [(2,), (3,)], {"N": 2}, "[2] and [3]"),
        ("DecodePaddedRaw", [(2,), scalar(7)], {"out_type": FLOAT32}, "multiple of 4"),
        ("SparseTensorDenseMatMul", [(7, 2), (7,), value(4, 5), (6, 3)], {}, "5 and 6"),
        ("SparseConcat", [(7, 2), (5, 3), (7,), (5,), (2,), (2,)], {"N": 2, "concat_dim": 0},
         "2 and 3"),
        ("RaggedGather", [(4,), (9, 3), (2,)], {"PARAMS_RAGGED_RANK": 1, "OUTPUT_RAGGED_RANK": 9},
         "9 splits"),
        ("RaggedTensorToSparse", [(4,)], {"RAGGED_RANK": 10**9}, "cannot be"),
        ("DecodeCSV", [(6,), (2,)], {"OUT_TYPE": [FLOAT32]}, "no single value"),
        ("ParseSingleExample", [(), ()], {"num_sparse": 0, "Tdense": [FLOAT32],
         "dense_shapes": [Shape(None)]}, "must be known"),
        ("BlockLSTM", [(), N, N, N, N, N, N, N, (30,)], {}, "4 for each cell"),
        ("CTCLoss", [(9, 3, 5), (7, 2), (7,), (2,)], {}, "3 and 2"),
        ("IteratorGetNext", [()], {"output_types": [FLOAT32], "output_shapes": []},
         "one for each"),
        ("SaveV2", [(), (2,), (2,), (3,)], {"dtypes": [FLOAT32]}, "must be 1, not 2"),
        ("AllToAll", [(6, 4), N], {"split_dimension": 0, "concat_dimension": 1,
         "split_count": 4}, "4 parts"),
        ("PrintV2", [(2,)], {}, "rank 0"),
    ],
)  # fmt: skip
def test_contradictions(op: str, inputs: Any, attrs: dict[str, Any], words: str) -> None:
    assert words in finding(op, inputs, attrs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"", N), (b"10 4 0,5:-", (5, 4)), (b"10 3,2", (2,)), ("4 -", (4,))],
)
def test_slices_of_checkpoints(text: bytes | str, expected: Any) -> None:
    assert slice_shape(text) == expected


@pytest.mark.parametrize("text", [b"10 4 -", b"10 8,5", b"a -", b"10 -1,5", b"10 5", b"10 2,x"])
def test_slices_that_are_none(text: bytes) -> None:
    with pytest.raises(Contradiction):
        slice_shape(text)
