"""Messages in one spelling, and what a text says of an error."""

from __future__ import annotations

import pytest

from graphtools.explain.normal import CODES, message_of, normal
from graphtools.explain.op_releases import attribute_release, op_release
from graphtools.explain.public_names import fate


@pytest.mark.parametrize("words", CODES)
def test_a_code_is_dropped_in_either_spelling(words: str) -> None:
    for spelt in (words, words.upper().replace(" ", "_")):
        assert normal(f"{spelt}: it failed") == "it failed"
        assert message_of(f"x {spelt}: it failed").code == CODES[words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.ValueError (see above for traceback): x", "a.ValueError: x"),
        ("tensorflow.python.errors_impl.NotFoundError: x", "NotFoundError: x"),
        ("{{function_node __inference_f_1}} x", "x"),
        ("[[Node: a/b = Add[T=DT_FLOAT](c, d)]]", "[[Node: a/b = Add[T=DT_FLOAT](c, d)]]"),
        ("[[{{node a/b}} = Add[T=DT_FLOAT](c, d)]]", "[[Node: a/b = Add[T=DT_FLOAT](c, d)]]"),
        ("[[node a/b (defined at x.py:1) ]]", "[[Node: a/b (defined at x.py:1) ]]"),
        ("[Errno 13] Permission denied: 'x'", "[Errno 13] Permission denied: 'x'"),
        ("\u2018x\u2019", "'x'"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_one_spelling(text: str, expected: str) -> None:
    assert normal(text) == expected


def test_lines_stay_lines() -> None:
    text = "a\n2 root error(s) found.\n  (0) Invalid argument: b\n\t [[{{node c}}]]\n"
    assert normal(text).count("\n") == text.count("\n")


def test_what_a_text_says() -> None:
    text = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in restore\n'
        "tensorflow.python.framework.errors_impl.DataLossError: Data loss: bad file\n"
        "\t [[Node: save_1/RestoreV2 = RestoreV2[dtypes=[DT_FLOAT]](a, b)]]\n"
    )
    told = message_of(text)
    assert told.exception == told.code == "DataLossError"
    assert told.core == "bad file"
    assert (told.node, told.op, told.scope) == ("save_1/RestoreV2", "RestoreV2", "save_1")
    assert told.calls == ("restore",)
    log = (
        "2020-01-22 00:16:54.071217: F tensorflow/lite/toco/import_tensorflow.cc:2690] Check failed"
    )
    assert (message_of(log).core, message_of(log).tool) == ("Check failed", "TOCO")


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("Session", "1", "tf.compat.v1.Session"),
        ("log", "1", "tf.math.log"),
        ("contrib", "1", "1.15"),
        ("estimator", "1", "2.16"),
        ("nn.relu", "12", "__file__"),
        ("random.set_seed", "2", "__version__"),
        ("mul", "", "tf.multiply"),
        ("no_such_name", "", "documentation"),
    ],
)
def test_what_became_of_a_name(name: str, known: str, words: str) -> None:
    told = fate(name)
    assert told.known == known
    assert words in told.cure
    assert told.cause.endswith(".")


@pytest.mark.parametrize(
    ("op", "attr", "words"),
    [
        ("ResizeBilinear", "half_pixel_centers", "1.14"),
        ("Conv2D", "no_such", "either"),
        ("NoSuchOp", "x", ""),
    ],
)
def test_in_which_releases_an_op_has_an_attribute(op: str, attr: str, words: str) -> None:
    assert words in attribute_release({"op": op, "attr": attr})["since"]


@pytest.mark.parametrize(
    ("op", "words"),
    [("AddV2", "since 1.5"), ("ThreeNN", "custom op"), ("Conv2D", "built without it")],
)
def test_in_which_releases_an_op_is(op: str, words: str) -> None:
    assert words in op_release({"op": op})["known"]
