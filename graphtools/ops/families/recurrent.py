"""Shapes of recurrent cells and layers, and of connectionist temporal classification."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dim, Dims, merge_dim, multiply, replaced, with_rank
from graphtools.ops.families._outputs import always, check_ranks, count_attr, like_input, merged_dim


@shape_function("LSTMBlockCell")
def lstm_cell(call: Call) -> list[Dims]:
    """Gates, states and outputs, `[batch, cells]` each."""
    batch = with_rank(call.input(0), 2)[0]
    cells = with_rank(call.input(1), 2)[1]
    return [(batch, cells)] * 7


@shape_function("LSTMBlockCellGrad")
def lstm_cell_grad(call: Call) -> list[Dims]:
    """Gradients of the state, of the 4 gates, and of 3 peepholes."""
    batch = with_rank(call.input(0), 2)[0]
    cells = with_rank(call.input(1), 2)[1]
    return [(batch, cells), (batch, multiply(cells, 4)), (cells,), (cells,), (cells,)]


@shape_function("BlockLSTM", "BlockLSTMV2")
def block_lstm(call: Call) -> list[Dims]:
    """Gates, states and outputs, `[steps, batch, cells]` each; a bias has 4 entries a cell."""
    steps, batch, _ = with_rank(call.input(1), 3)
    bias = with_rank(call.input(8), 1)[0]
    if bias is not None and bias % 4:
        raise Contradiction(f"the bias cannot have {bias} entries: there are 4 for each cell")
    return [(steps, batch, None if bias is None else bias // 4)] * 7


@shape_function("BlockLSTMGrad", "BlockLSTMGradV2")
def block_lstm_grad(call: Call) -> list[Dims]:
    """Gradients of input, states, weights, peepholes and bias, in their shapes."""
    return [
        with_rank(call.input(position), rank)
        for position, rank in enumerate((3, 2, 2, 2, 1, 1, 1, 1), start=1)
    ]


@shape_function("GRUBlockCell")
def gru_cell(call: Call) -> list[Dims]:
    """Gates, candidate and state, `[batch, cells]` each."""
    batch = with_rank(call.input(0), 2)[0]
    cells = with_rank(call.input(1), 2)[1]
    return [(batch, cells)] * 4


@shape_function("GRUBlockCellGrad")
def gru_cell_grad(call: Call) -> list[Dims]:
    """Gradients of input, state, candidate and both gates."""
    dims = with_rank(call.input(0), 2)
    state = with_rank(call.input(1), 2)
    gates = with_rank(call.input(2), 2)[1]
    cells = (dims[0], state[1])
    return [dims, cells, cells, (dims[0], gates)]


@shape_function("CTCLoss", "CTCLossV2")
def ctc_loss(call: Call) -> list[Dims]:
    """A loss for each sequence, and the gradient of the input."""
    inputs = with_rank(call.input(0), 3)
    indices = with_rank(call.input(1), 2)
    values = with_rank(call.input(2), 1)
    merge_dim(indices[0], values[0])
    batch = merge_dim(inputs[1], with_rank(call.input(3), 1)[0])
    return [(batch,), replaced(inputs, 1, batch)]


@shape_function("CTCGreedyDecoder")
def ctc_greedy(call: Call) -> list[Dims]:
    """A sparse matrix of the decoded, and a probability for each sequence."""
    batch = merge_dim(with_rank(call.input(0), 3)[1], with_rank(call.input(1), 1)[0])
    return [(None, 2), (None,), (2,), (batch, 1)]


@shape_function("CTCBeamSearchDecoder")
def ctc_beam_search(call: Call) -> list[Dims]:
    """For each path a sparse matrix, and probabilities for each sequence."""
    batch = merge_dim(with_rank(call.input(0), 3)[1], with_rank(call.input(1), 1)[0])
    paths = count_attr(call, "top_paths")
    sparse: list[Dims] = [(None, 2)] * paths + [(None,)] * paths + [(2,)] * paths
    return [*sparse, (batch, paths)]


@shape_function("CudnnRNN", "CudnnRNNV2", "CudnnRNNV3")
def cudnn(call: Call) -> list[Dims]:
    """Outputs, states, and what the gradient needs."""
    check_ranks(call, 3, 3)
    steps = with_rank(call.input(0), 3)
    state = call.input(1)
    cell = call.input(2)
    with_rank(call.input(3), 1)
    directions = 2 if call.attr("direction") == b"bidirectional" else 1
    units: Dim = multiply(merged_dim(state, 2), directions)
    lstm = call.attr("rnn_mode") == b"lstm"
    if lstm and call.node.op == "CudnnRNNV3":
        with_rank(cell, 3)
    last: Dims = (state if call.node.op != "CudnnRNNV3" else cell) if lstm else ()
    more: list[Dims] = [None] if call.node.op == "CudnnRNN" else [None, None]
    return [(steps[0], steps[1], units), state, last, *more]


@shape_function("CudnnRNNBackprop", "CudnnRNNBackpropV2", "CudnnRNNBackpropV3")
def cudnn_grad(call: Call) -> list[Dims]:
    """Gradients of input, states and parameters, in their shapes."""
    return [call.input(position) for position in range(4)]


@shape_function("CudnnRNNParamsSize")
def cudnn_size(call: Call) -> Dims:
    """One number, from scalars."""
    check_ranks(call, 0, 0, 0)
    return (1,)


@shape_function("CudnnRNNParamsToCanonical", "CudnnRNNParamsToCanonicalV2")
def cudnn_to_canonical(call: Call) -> list[Dims]:
    """Matrices of weights and vectors of biases."""
    if call.node.op.endswith("V2"):
        weights, biases = (
            count_attr(call, "num_params_weights"),
            count_attr(call, "num_params_biases"),
        )
    else:
        weights = biases = count_attr(call, "num_params")
    return [*[(None, None)] * weights, *[(None,)] * biases]


shape_function("CudnnRNNCanonicalToParams", "CudnnRNNCanonicalToParamsV2")(always((None,)))
# The steps of each beam, `[steps, batch, beams]`.
shape_function("GatherTree")(like_input(0, rank=3))
