from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphtools.errors import Damaged, FileProblem, InvalidValue, UnknownName
from graphtools.graph import Shape, Versions
from graphtools.verify.feeds import (
    describe_feeds,
    load_feeds,
    make_feeds,
    random_feeds,
)
from tests.arrays import save
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")

GRAPH = graph(
    """
    image = Placeholder dtype=uint8 shape=[?,?,?,3]
    x = Placeholder dtype=float shape=[?,4,?]
    scope/ids = Placeholder dtype=int32 shape=[5]
    half = Placeholder dtype=bfloat16 shape=[2]
    spectrum = Placeholder dtype=complex64 shape=[2]
    words = Placeholder dtype=string shape=[2]
    training = Placeholder dtype=bool shape=[]
    mask = Placeholder dtype=bool shape=[64]
    keep_prob = Placeholder dtype=float shape=[]
    any = Placeholder dtype=float shape=unknown
    switch = Placeholder dtype=bool shape=unknown
    handle = Placeholder dtype=resource shape=[]
    """
)
GRAPH.set_versions(Versions(1000))  # in old graphs an empty shape says that it is unknown
INPUTS = "image x scope/ids half spectrum words training mask keep_prob".split()


def test_random_values_have_the_type_and_the_shape_of_their_input() -> None:
    arrays = random_feeds(GRAPH, INPUTS).arrays
    assert {n: (a.dtype.name, a.shape) for n, a in arrays.items()} == {
        "image:0": ("uint8", (1, 64, 64, 3)),
        "x:0": ("float32", (1, 4, 8)),
        "scope/ids:0": ("int32", (5,)),
        "half:0": ("float32", (2,)),
        "spectrum:0": ("complex64", (2,)),
        "words:0": ("object", (2,)),
        "training:0": ("bool", ()),
        "mask:0": ("bool", (64,)),
        "keep_prob:0": ("float32", ()),
    }


def test_random_values_are_in_the_usual_range() -> None:
    arrays = random_feeds(GRAPH, INPUTS).arrays
    assert arrays["image:0"].min() < 10
    assert arrays["image:0"].max() > 245
    assert arrays["x:0"].min() < 0 < arrays["x:0"].max()
    assert set(arrays["scope/ids:0"]) <= set(range(5))
    assert arrays["words:0"].tolist() == [b"", b""]
    assert set(arrays["mask:0"]) == {True, False}


def test_scalars_are_those_of_inference() -> None:
    arrays = random_feeds(GRAPH, INPUTS).arrays
    assert not arrays["training:0"]
    assert arrays["keep_prob:0"] == 1
    assert random_feeds(GRAPH, ["switch"]).arrays["switch:0"].shape == ()


def test_random_values_are_the_same_each_time_and_differ_by_seed_and_input() -> None:
    first, again = (random_feeds(GRAPH, i).arrays["x:0"] for i in (["x"], ["image", "x"]))
    assert np.array_equal(first, again)
    other = random_feeds(GRAPH, ["x"], seed=1)
    assert not np.array_equal(first, other.arrays["x:0"])
    assert other.source == "random, seed 1"


def test_shapes_can_be_given() -> None:
    feeds = random_feeds(GRAPH, ["any", "x:0"], {"any:0": Shape((2, 3)), "x": Shape((7, 4, None))})
    assert [(f.name, f.dtype, f.shape) for f in describe_feeds(feeds)] == [
        ("any", "float32", (2, 3)),
        ("x", "float32", (7, 4, 8)),
    ]


@pytest.mark.parametrize(
    ("inputs", "shapes", "error", "message"),
    [
        (["any"], {}, InvalidValue, "--input-shape any=1,224,224,3"),
        (["handle"], {}, InvalidValue, "its type is resource"),
        (["imag"], {}, UnknownName, "did you mean 'image'"),
        (["x"], {"image": Shape((1,))}, UnknownName, "not among the inputs"),
        (["x"], {"y": Shape((1,))}, UnknownName, "no node 'y'"),
    ],
)
def test_what_cannot_be_fed_is_said(
    inputs: list[str], shapes: dict[str, Shape], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        random_feeds(GRAPH, inputs, shapes)


@pytest.mark.parametrize(
    "key", ["scope/ids", "scope/ids:0", "in|scope/ids:0", "in|scope|ids:0", "scope|ids"]
)
def test_values_are_read_under_any_of_their_names(key: str, tmp_path: Path) -> None:
    save(tmp_path / "io.npz", {key: np.arange(5), "out|y:0": np.zeros(1)})
    array = load_feeds(tmp_path / "io.npz", GRAPH, ["scope/ids"]).arrays["scope/ids:0"]
    assert array.dtype == np.int32
    assert array.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("words", [np.array(["ä", "b"]), np.array(["ä".encode(), b"b"])])
def test_strings_are_bytes(words: np.ndarray, tmp_path: Path) -> None:  # type: ignore[type-arg]
    np.savez(tmp_path / "io.npz", words=words)
    array = load_feeds(tmp_path / "io.npz", GRAPH, ["words"]).arrays["words:0"]
    assert array.tolist() == ["ä".encode(), b"b"]


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("other", np.zeros(1), "holds no values for the input 'x'.*\n.*its keys are 'other'"),
        ("x", np.zeros((1, 3, 1)), r"has the shape \[\?,4,\?\], its values have \[1,3,1\]"),
        ("x", np.zeros(4), "its values have"),
        ("x", np.zeros((1, 4, 1), "S1"), "is float32, its values are bytes"),
        ("x", np.zeros((1, 4, 1), "c8"), "is float32, its values are complex64"),
    ],
)
def test_values_that_do_not_fit_are_said(
    name: str,
    array: np.ndarray,  # type: ignore[type-arg]
    message: str,
    tmp_path: Path,
) -> None:
    save(tmp_path / "io.npz", {name: array})
    with pytest.raises(InvalidValue, match=message):
        load_feeds(tmp_path / "io.npz", GRAPH, ["x"])


def test_integers_must_be_in_the_range_of_the_input(tmp_path: Path) -> None:
    for top, fits in ((255, True), (256, False)):
        np.savez(tmp_path / "io.npz", image=np.full((1, 1, 1, 3), top))
        if fits:
            assert load_feeds(tmp_path / "io.npz", GRAPH, ["image"]).arrays["image:0"].max() == 255
        else:
            with pytest.raises(InvalidValue, match="is uint8, its values are int64"):
                load_feeds(tmp_path / "io.npz", GRAPH, ["image"])


def test_values_may_have_the_names_of_a_signature(tmp_path: Path) -> None:
    np.savez(tmp_path / "io.npz", positions=np.arange(5))
    keys = {"scope/ids": "positions", "x": "features"}
    feeds = make_feeds(GRAPH, ["scope/ids"], tmp_path / "io.npz", keys=keys)
    assert feeds.arrays["scope/ids:0"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(InvalidValue) as caught:
        make_feeds(GRAPH, ["x"], tmp_path / "io.npz", keys=keys)
    assert caught.value.remedy.endswith("wanted is 'x' or 'features'")


def test_a_file_that_is_no_npz_is_said(tmp_path: Path) -> None:
    path = tmp_path / "io.npz"
    with pytest.raises(FileProblem, match="does not exist"):
        load_feeds(path, GRAPH, ["x"])
    path.write_bytes(b"nonsense")
    with pytest.raises(FileProblem, match="holds pickled objects"):
        load_feeds(path, GRAPH, ["x"])
    np.save(tmp_path / "io.npy", np.zeros(3))
    with pytest.raises(FileProblem, match="a single array"):
        load_feeds(tmp_path / "io.npy", GRAPH, ["x"])
    np.savez(path, x=np.zeros(1000))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(Damaged, match="damaged"):
        load_feeds(path, GRAPH, ["x"])


def test_a_file_and_shapes_exclude_each_other(tmp_path: Path) -> None:
    np.savez(tmp_path / "io.npz", x=np.ones((1, 4, 1)))
    assert make_feeds(GRAPH, ["x"], tmp_path / "io.npz").arrays["x:0"].sum() == 4
    assert make_feeds(GRAPH, ["x"], None, {"x": Shape((2, 4, 2))}).arrays["x:0"].shape == (2, 4, 2)
    with pytest.raises(InvalidValue, match="leave out one"):
        make_feeds(GRAPH, ["x"], tmp_path / "io.npz", {"x": Shape((1, 4, 1))})
