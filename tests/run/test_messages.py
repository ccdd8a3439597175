from __future__ import annotations

import pytest

from graphtools.run.child import Died
from graphtools.run.messages import death_of, problem_of, tidy

pytestmark = pytest.mark.usefixtures("command_line")

IN_A_RUN = """Graph execution error:

Detected at node 'a/r' defined at (most recent call last):
    File "model.py", line 12, in <module>
Node: 'a/r'
Input to reshape is a tensor with 3 values, but the requested shape requires a multiple of 2
\t [[{{node a/r}}]]

Original stack trace for 'a/r':
  File "model.py", line 12, in <module>
"""
IN_A_FUNCTION = """Graph execution error:

Could not find variable weights. This could mean much. Debug info: container=localhost
\t [[{{node matmul/ReadVariableOp}}]]
\t [[StatefulPartitionedCall]]"""
TWICE = """2 root error(s) found.
  (0) Invalid argument: You must feed a value for placeholder tensor 'x' with dtype float
\t [[{{node x}}]]
\t [[y/_1]]
  (1) Invalid argument: You must feed a value for placeholder tensor 'x' with dtype float
0 successful operations."""


@pytest.mark.parametrize(
    ("text", "message", "node"),
    [
        (
            IN_A_RUN,
            "Input to reshape is a tensor with 3 values, but the requested shape requires a"
            " multiple of 2",
            "a/r",
        ),
        (
            IN_A_FUNCTION,
            "Could not find variable weights. This could mean much.",
            "matmul/ReadVariableOp",
        ),
        (TWICE, "You must feed a value for placeholder tensor 'x' with dtype float", "x"),
        ("Node 'r': Unknown input node 'zz'", "Node 'r': Unknown input node 'zz'", "r"),
        (
            "Input 0 of node s/r was passed int32 from b:0 incompatible with expected float.",
            "Input 0 of node s/r was passed int32 from b:0 incompatible with expected float.",
            "s/r",
        ),
        (
            "NodeDef missing attr 'T' from Op<name=Reshape; attr=T:type>; NodeDef: {{node r}}",
            "NodeDef missing attr 'T' from Op<name=Reshape; attr=T:type>",
            "r",
        ),
        (
            "Op type not registered 'Relu7' in binary running on host. Make sure the Op and Kernel"
            " are registered in the binary running in this process.",
            "Op type not registered 'Relu7'",
            "",
        ),
        (
            "Converting GraphDef to Graph has failed with an error: 'Node 'r': Unknown input node"
            " 'zz'' The binary trying to import the GraphDef was built when GraphDef version was"
            " 1645. The GraphDef was produced by a binary built when GraphDef version was 0.",
            "Node 'r': Unknown input node 'zz'",
            "r",
        ),
        ("", "", ""),
    ],
)
def test_a_message_becomes_its_first_line_and_its_node(text: str, message: str, node: str) -> None:
    assert tidy(text) == (message, node)


def test_a_message_without_end_is_cut() -> None:
    assert len(tidy("x" * 10_000).message) == 400


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (TWICE, "--inputs"),
        (IN_A_FUNCTION, "freeze"),
        ("Cannot feed value of shape (1, 4) for Tensor a:0", "--input-shape"),
        ("Op type not registered 'Relu7'", "custom op"),
        ("something else", ""),
    ],
)
def test_what_can_be_done_is_said(text: str, remedy: str) -> None:
    assert remedy in problem_of("failed", text).remedy


def test_the_node_is_said_once() -> None:
    assert str(problem_of("refused", "Node 'r': bad")).count("'r'") == 1
    assert "at node 'a/r': Input to reshape" in problem_of("failed", IN_A_RUN).message


@pytest.mark.parametrize(
    ("code", "log", "kind", "message"),
    [
        (-9, "", "memory", "lack of memory"),
        (-6, "terminate called: std::bad_alloc", "memory", "lack of memory"),
        (-6, "x\n2024-01-01 10:00: F a/b.cc:12] Check failed: n > 0\n@ 0x7f", "crashed", "n > 0"),
        (-6, "F0000 00:00:17.1 99 b.cc:12] Check failed: 1 == 2", "crashed", "SIGABRT.*1 == 2"),
        (-11, "", "crashed", r"TensorFlow crashed \(SIGSEGV\)$"),
        (1, "Traceback:\nImportError: no numpy", "crashed", r"\(exit code 1\): ImportError"),
        (3221225477, "", "crashed", "exit code 3221225477"),
        (-200, "", "crashed", "signal 200"),
    ],
)
def test_a_death_has_a_diagnosis(code: int, log: str, kind: str, message: str) -> None:
    problem = death_of(Died(code, log))
    assert problem.kind == kind
    with pytest.raises(type(problem), match=message):
        raise problem
