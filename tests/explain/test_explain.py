"""Errors are recognised by their real messages, with their names, and their commands exist."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import shlex
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.cli import main
from graphtools.commands._shared import Command
from graphtools.errors import FileProblem, InvalidValue, NothingFound
from graphtools.explain.explain import (
    Explanation,
    explain_file,
    explain_log,
    explain_text,
    remedy_of,
)
from graphtools.explain.known_errors._entry import ERROR, GENERAL, HARMLESS, SYMPTOM, WARNING
from graphtools.explain.search import Entry, entries
from graphtools.lint.tables import all_rules
from graphtools.transforms.pipeline import checked_steps
from tests.explain import error_messages, family_messages
from tests.explain.sample import Sample
from tests.support import shared_models

SAMPLES = error_messages.SAMPLES + family_messages.SAMPLES
NAMES = [entry.error.name for entry in entries()]
LOG = """\
Traceback (most recent call last):
  File "lite.py", line 989, in convert
    raise ConverterError("See console for info.\\n%s\\n%s\\n" % (stdout, stderr))
tensorflow.lite.python.convert.ConverterError: See console for info.
2019-11-06 14:51:20.481483: I import_tensorflow.cc:193] Unsupported data type in placeholder op: 20
2019-11-06 14:51:20.481495: I import_tensorflow.cc:659] Converting unsupported operation: Foo
2019-11-06 14:51:20.481495: I import_tensorflow.cc:659] Converting unsupported operation: Bar
2019-11-06 14:51:22.871205: F quantize.cc:156] Array logits does not have MinMax information, \
and is not a constant array. Cannot proceed with quantization.
Fatal Python error: Aborted
"""


def named(entry: Entry) -> str:
    return entry.error.name


def told(found: Explanation) -> str:
    return " ".join((found.cause, found.cure, *found.commands))


def test_there_are_many_entries_and_each_has_a_name_of_its_own() -> None:
    assert len(NAMES) >= 150
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in NAMES)


def test_every_entry_has_a_real_message() -> None:
    assert {sample.name for sample in SAMPLES} == set(NAMES)


@pytest.mark.parametrize("entry", entries(), ids=named)
def test_an_entry_is_whole(entry: Entry) -> None:
    error = entry.error
    assert error.kind in (ERROR, WARNING, HARMLESS, SYMPTOM, GENERAL)
    assert not error.likely or len(error.likely) == len(error.commands)
    assert all(cause.endswith(".") for cause in error.likely)
    assert error.cause.rstrip("}").endswith(".")
    assert not error.cure.rstrip("}").endswith(".")
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", thread) for thread in error.threads)
    assert all(sign.strip() for sign in error.signs)
    groups = set(re.compile(error.pattern).groupindex)
    for template in (error.cause, error.cure, *error.commands):
        used = {field for _, field, _, _ in string.Formatter().parse(template) if field}
        assert used <= groups or error.table is not None, template


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.name}: {s.message[:40]}")
def test_a_message_is_recognised_with_its_names(sample: Sample) -> None:
    found = explain_text(sample.message).found
    assert [f.name for f in found[:1]] == [sample.name]
    for word in sample.words:
        assert word in told(found[0])
    assert " ()" not in found[0].cause
    assert "  " not in found[0].cause


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.name}: {s.message[:40]}")
def test_it_is_recognised_in_the_middle_of_a_log_too(sample: Sample) -> None:
    before = "".join(f"INFO:tensorflow:global step {n}: loss = 0.5\n" for n in range(200))
    found = explain_text(f"{before}{sample.message}\n{before}").found
    assert found[0].name == sample.name
    assert 201 <= found[0].line <= 201 + sample.message.count("\n")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.name}: {s.message[:40]}")
def test_line_breaks_of_a_terminal_do_no_harm(sample: Sample) -> None:
    words = sample.message.split()
    if len(words) < 4:
        return
    broken = "\n".join(" ".join(words[n : n + 2]) for n in range(0, len(words), 2))
    assert sample.name in [f.name for f in explain_text(broken).found]


def commands_of(sample: Sample) -> tuple[str, ...]:
    return next(f for f in explain_text(sample.message).found if f.name == sample.name).commands


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.name}: {s.message[:40]}")
def test_every_command_parses(sample: Sample) -> None:
    for line in commands_of(sample):
        program, called, *args = shlex.split(line)
        assert program == "graphtools"
        module = importlib.import_module(f"graphtools.commands.{called.replace('-', '_')}")
        command: Command = module.COMMAND
        assert command.name == called
        if args == ["--help"]:
            continue
        context = command.make_context(called, args, parent=main.make_context("graphtools", ["x"]))
        assert not context.args


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.name}: {s.message[:40]}")
def test_the_pipelines_of_commands_are_ones(sample: Sample) -> None:
    for line in commands_of(sample):
        args = shlex.split(line)
        if "--transforms" in args:
            assert checked_steps(args[args.index("--transforms") + 1])


def test_the_rules_that_commands_select_exist() -> None:
    codes = set(all_rules())
    for entry in entries():
        for command in entry.error.commands:
            for given_codes in re.findall(r"--select (\S+)", command):
                for code in given_codes.split(","):
                    assert any(known.startswith(code) for known in codes), (entry.error.name, code)


@pytest.mark.parametrize("entry", entries(), ids=named)
@pytest.mark.slow
def test_no_pattern_is_slow_on_long_junk(entry: Entry) -> None:
    sign = entry.error.signs[0]
    pattern = re.compile(entry.error.pattern, re.DOTALL | re.MULTILINE)
    start = time.perf_counter()
    sum(ord(c) for c in "a" * 1_000_000)  # what this machine can do now
    unit = time.perf_counter() - start
    for junk in ("a", " ", "'", '"', "/", "[", "x/", "1 ", "a, ", "{{node ", "loc(fused[", sign):
        line = (sign + junk * 6_000)[:6_000]
        start = time.perf_counter()
        pattern.search(line)
        assert time.perf_counter() - start < max(4 * unit, 0.2), junk


def test_a_log_tells_the_reason_first_and_each_entry_once() -> None:
    found = explain_text(LOG, "toco.log").found
    assert [(f.name, f.line) for f in found] == [
        ("array-without-min-max", 8),
        ("toco-placeholder-type", 5),
        ("toco-unsupported-operation", 6),
    ]
    assert "Foo" in found[2].cause


def test_what_is_general_is_told_where_nothing_better_is_found() -> None:
    general = "\n".join(LOG.splitlines()[:4])
    assert [f.name for f in explain_text(general).found] == ["see-console"]
    assert all(f.kind != GENERAL for f in explain_text(LOG).found)


def test_a_line_of_the_program_is_no_message() -> None:
    trace = 'raise ValueError("Please freeze the graph using freeze_graph.py.")\n'
    text = f"{trace}ValueError: Please freeze the graph using freeze_graph.py.\n"
    (found,) = explain_text(text).found
    assert found.line == 2


def test_a_message_broken_into_lines_keeps_its_line_number() -> None:
    text = "INFO: begin\nAssign requires shapes\nof both tensors to match.\nlhs shape= [8]\n" + (
        "rhs shape= [12]\nend"
    )
    (found,) = explain_text(text).found
    assert (found.name, found.line) == ("shape-mismatch-on-assign", 2)


def test_a_specific_entry_hides_the_general_one_for_all_its_lines() -> None:
    line = "Input 0 of node {0}/Switch was passed float from {0}:0 incompatible with expected {1}."
    text = "\n".join(line.format(name, "float_ref") for name in "abc")
    assert [f.name for f in explain_text(text).found] == ["float-ref-after-freezing"]
    both = explain_text(f"{text}\n{line.format('d', 'int32')}").found
    assert [f.name for f in both] == ["float-ref-after-freezing", "dtype-along-edge"]


def test_names_are_quoted_in_commands_and_bounded_in_texts() -> None:
    message = "You must feed a value for placeholder tensor 'my input; rm -rf' with dtype float"
    (found,) = explain_text(message).found
    assert "--inputs 'my input; rm -rf'" in found.commands[-1]
    long = explain_text(message.replace("my input", "x" * 1000)).found
    assert len(long[0].cause) < 500


def test_a_symptom_has_its_causes_in_order_each_with_its_command() -> None:
    (found,) = explain_text("nothing is detected").found
    assert found.kind == SYMPTOM
    assert "label map" in found.likely[0]
    assert "--label-map" in found.commands[0]
    assert "scratch" not in found.likely[0]


def test_a_message_says_more_than_a_symptom() -> None:
    found = explain_text("nothing is detected, and it says: No variables to save").found
    assert [f.name for f in found] == ["no-variables-to-save"]


@pytest.mark.parametrize(
    "text",
    [
        "from object_detection import model_lib",
        "INFO: the detection graph was loaded in the same session, nothing to do",
        "the results of both runs are the same",
        "loss = 0.3, nanoseconds: 12",
        "Converting tflite model to quantized int8",
        "weights restored, starting training",
        "importlib.metadata.PackageNotFoundError: No package metadata was found for x",
        "Found 3000 images belonging to 3 classes, for 10 epochs",
        "KeyError: 'class'",
        "global step 7: nothing to be done, 3 of 5 not supported features were skipped",
    ],
)
def test_what_is_no_complaint_is_no_symptom(text: str) -> None:
    assert not explain_text(text).found


@pytest.mark.parametrize("entry", entries(), ids=named)
def test_an_entry_is_told_by_its_name(entry: Entry) -> None:
    (found,) = explain_text(entry.error.name).found
    assert found.name == entry.error.name
    assert not re.search(r"\{\w+[:}]", told(found))


def test_what_is_harmless_is_said_so_and_an_error_goes_first() -> None:
    harmless = "The TensorFlow library wasn't compiled to use SSE4.1 instructions, but these are"
    (alone,) = explain_text(harmless).found
    assert alone.kind == HARMLESS
    assert "elsewhere" in alone.cure
    both = explain_text(f"{harmless}\nValueError: No variables to save\n").found
    assert [f.kind for f in both] == [ERROR, HARMLESS]
    assert remedy_of(harmless) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Input to reshape is a tensor with 84 values, but the requested shape has 8",
            "reshape-of-wrong-size",
        ),
        (
            "KeyError: \"The name 'save/restore_all' refers to an Operation not in the graph.\"",
            "operation-not-in-graph",
        ),
        ("ValueError: invalid literal for int() with base 10: '127.5'", "number-is-no-integer"),
    ],
)
def test_without_what_decides_an_entry_is_not_meant(text: str, name: str) -> None:
    assert [f.name for f in explain_text(text).found] == [name]


def test_codes_of_all_spellings_and_paths_of_classes_make_no_difference() -> None:
    core = "not an sstable (bad magic number)"
    spelt = (
        "DataLossError (see above for traceback): {}: Data loss: ",
        "tensorflow.python.framework.errors_impl.DataLossError: {}: ",
        "(0) DATA_LOSS: {}: DATA_LOSS: ",
        "W op_kernel.cc:993] Data loss: {}: Data loss: ",
    )
    for around in spelt:
        text = around.format("Unable to open table file a/b") + core
        (found,) = explain_text(text).found
        assert (found.name, found.commands) == ("not-an-sstable", ("graphtools variables a/b",))


def test_unknown_text_gets_what_its_code_and_node_say() -> None:
    node = "[[node gradients/a/MatMul_grad (defined at x.py:3)]]"
    text = f"InvalidArgumentError: something quite new\n\t{node}"
    found = explain_text(text)
    assert not found.found
    assert [m.name for m in found.general] == ["InvalidArgumentError", "gradients/a/MatMul_grad"]
    assert "gradients" in found.general[1].meaning
    assert explain_text("nothing of all that").general == ()


def test_unknown_text_gets_the_nearest_entries() -> None:
    found = explain_text("the checkpoint has an incompatible shape for a variable of the model")
    assert not found.found
    assert "variable-of-incompatible-shape" in [n.name for n in found.nearest]
    assert explain_text("zyx qwv").nearest == ()


def test_empty_input_is_refused() -> None:
    for empty in ("", " \n\t\n"):
        with pytest.raises(InvalidValue, match="nothing to explain"):
            explain_text(empty)
    assert remedy_of("") == ""


def test_a_file_of_no_text_is_refused_and_junk_around_a_message_is_not() -> None:
    junk = bytes(range(256)) * 100
    with pytest.raises(FileProblem, match=r"model\.pb is no text"):
        explain_log(io.BytesIO(junk), "model.pb")
    found = explain_log(io.BytesIO(junk + b"\nNo variables to save\n" + junk), "x")
    assert [f.name for f in found.found] == ["no-variables-to-save"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_logs_of_powershell_are_read(encoding: str, tmp_path: Path) -> None:
    log = tmp_path / "a log.txt"
    log.write_bytes(LOG.replace("\n", "\r\n").encode(encoding))
    found = explain_file(str(log))
    assert found.source == str(log)
    assert found.lines == 9
    assert found.found[0].name == "array-without-min-max"


def test_a_missing_file_is_said() -> None:
    with pytest.raises(NothingFound):
        explain_file("no/such.log")


class Endless(io.RawIOBase):
    """A log of so many bytes that it should not be held in memory."""

    def __init__(self, line: bytes, times: int, last: bytes) -> None:
        self.piece = line * (1_000_000 // len(line))
        self.left = times
        self.last = last

    def read(self, _size: int = -1) -> bytes:
        self.left -= 1
        if self.left > 0:
            return self.piece
        last, self.last = self.last, b""
        return last


@pytest.mark.parametrize(
    "line",
    [
        b"INFO:tensorflow:global step 17: loss = 1.5 (0.1 sec/step)\n",
        b"x" * 100_000,  # one line without an end
        b"a node is not unique? incompatible with expected; was passed; not recognized.\n",
    ],
    ids=["log", "one line", "signs"],
)
@pytest.mark.slow
def test_a_long_log_is_read_piece_by_piece_and_in_time(line: bytes) -> None:
    start = time.perf_counter()
    log = Endless(line, 12, b"\nValueError: No variables to save\n")
    found = explain_log(log, "long.log")  # type: ignore[arg-type]
    assert [f.name for f in found.found] == ["no-variables-to-save"]
    assert found.found[0].line == found.lines
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize("behind", [0, 50, 3_000])
def test_an_error_behind_a_thousand_lines_that_look_like_it_is_found(behind: int) -> None:
    like = "W op_kernel.cc:1] a file is not unique in the graph, step {}\n"
    lines = [like.format(n) for n in range(3_000)]
    lines += ["Node 'a/b' is not unique\n"] + [like.format(n) for n in range(behind)]
    found = explain_log(io.BytesIO("".join(lines).encode()), "log")
    assert found.passed_over > 1_900
    if behind <= 50:
        assert [(f.name, f.line) for f in found.found] == [("node-not-unique", 3_001)]
    else:
        assert not found.found
        assert found.passed_over > 4_000


def test_a_message_across_two_pieces_is_found() -> None:
    for shift in (0, 5, 20, 60, 4_000, 4_010, 6_000):
        text = "x\n" * ((1 << 19) - shift) + "Assign requires shapes of both tensors to match."
        text += " lhs shape= [8] rhs shape= [12]\n" + "y\n" * 10_000
        (found,) = explain_log(io.BytesIO(text.encode()), "log").found
        assert found.line == (1 << 19) - shift + 1


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived(raw: bytes) -> None:
    with contextlib.suppress(InvalidValue, FileProblem):
        explain_log(io.BytesIO(raw), "x")


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=200, deadline=None)
@pytest.mark.slow
def test_a_message_that_is_cut_or_altered_is_survived(sample: Sample, data: st.DataObject) -> None:
    text = sample.message
    begin = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(begin, len(text)))
    insert = data.draw(st.text(max_size=5))
    explain_text("x" + text[begin:end] + insert + text[:begin])


def test_a_remedy_is_one_line_with_a_command() -> None:
    remedy = remedy_of("You must feed a value for placeholder tensor 'x' with dtype float")
    assert remedy.startswith("name it as an input, too: --inputs x")
    assert "\n" not in remedy
    assert "graphtools " in remedy
    assert remedy_of("Fatal Python error: Aborted") == ""
    assert remedy_of("an error that nobody knows") == ""


def test_the_logs_of_the_old_converter_are_explained() -> None:
    expected = {
        "lstm_float": "toco-lstm-batch",
        "mobilenet_0.25_badoutput": "invalid-tensors",
        "mobilenet_0.25_unfrozen": "not-frozen",
        "quant_smallnet": "array-without-min-max",
        "quant_smallnet_floatmean": "toco-mean-is-no-integer",
        "ssd_float_small_quant_noranges": "array-lacks-min-max",
        "ssd_frozen_inference_graph": "toco-type-of-array",
        "ssd_quant_small_no_custom": "toco-custom-postprocess",
        "ssd_quant_small_nostats": "input-stats-missing",
        "ssd_quant_small_seed_exact": "toco-std-value-flag",
    }
    folder = shared_models() / "tflite"
    for name, entry in expected.items():
        assert explain_file(str(folder / f"{name}.log")).found[0].name == entry


def test_the_errors_of_the_graph_transform_tool_are_explained() -> None:
    told = json.loads((shared_models() / "gtt_errors.json").read_text())
    unknown = set()
    for errors in told.values():
        for message in errors:
            kind, _, text = message.partition(": ")
            if kind in ("crash", "timeout") or "KeyError" in text:
                continue
            if not explain_text(text).found:
                unknown.add(text)
    assert not unknown


def test_what_tensorflow_says_of_damaged_checkpoints_is_explained() -> None:
    told = json.loads((shared_models() / "misc/corrupt/TF115_BEHAVIOUR.json").read_text())
    for verdict in told["tf115"].values():
        if "Error" in verdict:
            assert explain_text(verdict).found, verdict
