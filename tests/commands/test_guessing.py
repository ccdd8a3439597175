"""What people type before they know the names: the command line that does it, never a wrong one."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import click
import pytest

from graphtools.cli import COMMANDS, main
from graphtools.commands._guessing import Meaning, answer, meanings
from graphtools.commands._shared import Command
from graphtools.commands._words import declared
from tests.commands.running import FROZEN, run

#: First guesses, and the commands one of which is meant.
GUESSES = {
    **dict.fromkeys(
        "info inspect show stats version metadata describe identify".split(), "summary"
    ),
    **dict.fromkeys("list ls layers find search grep".split(), "nodes"),
    "tree": "nodes variables",
    **dict.fromkeys("inputs outputs".split(), "io"),
    **dict.fromkeys("weights values dump print checkpoint".split(), "variables"),
    **dict.fromkeys("params parameters flops macs".split(), "size"),
    "compare": "diff verify",
    **dict.fromkeys("cut prune resize batch".split(), "strip"),
    "subgraph": "extract",
    **dict.fromkeys("merge stitch preprocess".split(), "join"),
    **dict.fromkeys("remove delete rename".split(), "transform"),
    **dict.fromkeys("clean simplify".split(), "optimize"),
    "quantize": "convert transform",
    "accuracy": "verify",
    **dict.fromkeys("visualize plot graph".split(), "draw view tensorboard report"),
    **dict.fromkeys("pbtxt pb2pbtxt to-text save copy export tflite".split(), "convert"),
    **dict.fromkeys("check validate".split(), "lint check-config"),
    **dict.fromkeys("security scan".split(), "lint"),
    "benchmark": "bench",
    "restore": "restore-plan",
    "netron": "view",
    "error": "explain",
    "variable": "variables",
    "sumary": "summary",
    "optimise": "optimize",
}


def lines(text: str, *args: str) -> list[str]:
    return [meaning.line for meaning in meanings(text, args, COMMANDS.all())]


def commands_of(text: str) -> set[str]:
    """The commands in what is said of a word, apart from `help`."""
    told = [part.split() for part in text.replace("`", "\n").splitlines()]
    return {words[1] for words in told if words[:1] == ["graphtools"]} - {"help"}


def test_first_guesses_lead_to_the_right_line_and_none_to_a_wrong_one() -> None:
    commands = COMMANDS.all()
    told = {word: commands_of(answer(word, ["m.pb"], commands)) for word in GUESSES}
    wrong = {word: found for word, found in told.items() if found - set(GUESSES[word].split())}
    assert not wrong
    assert len(GUESSES) >= 61
    assert sum(map(bool, told.values())) >= 58


def test_a_guess_is_answered_with_the_whole_line() -> None:
    done = run("weights", "m.pb", "--json")
    assert done.code == 2
    assert "weights is `graphtools variables m.pb --json`" in done.err
    assert run("version").err.endswith("version is `graphtools --version`\n")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("cut m.pb probs -o x.pb", "graphtools strip m.pb -o x.pb --outputs probs"),
        ("cut m.pb --outputs=a,b", "graphtools strip m.pb -o OUT --outputs=a,b"),
        ("grep conv m.pb", "graphtools nodes m.pb --name '*conv*'"),
        ("find m.pb 'a/*'", "graphtools nodes m.pb --name 'a/*'"),
        ("pb2pbtxt m.pb m.pbtxt", "graphtools convert m.pb -o m.pbtxt"),
        ("pb2pbtxt m.pb m.txt", "graphtools convert m.pb -o OUT.pbtxt"),
        ("accuracy a.pb b.tflite", "graphtools verify a.pb b.tflite --feed INPUTS.npz --layers"),
        ("saved_model_cli show --dir d --all", "graphtools saved_model_cli show --dir d --all"),
        ("weights m.pb --unknown 3", "graphtools variables m.pb"),
        ("restore model.ckpt-10", "graphtools restore-plan model.ckpt-10 --model FILE"),
        ("benchmark m.pb", "graphtools bench MODEL.tflite"),
        ("list-weights m.pb", "graphtools variables m.pb"),
        ("print-ops m.pb", "graphtools ops m.pb"),
        ("labelmap l.pbtxt", "graphtools check-config l.pbtxt"),
        ("predict m.pb --feed x.jpg", "graphtools run m.pb --feed x.jpg"),
        ("print-nodes m.pb", "graphtools nodes m.pb"),
        ("op-count m.pb", "graphtools ops m.pb"),
        ("convert_variables_to_constants m.pb", "graphtools freeze m.pb -o OUT.pb"),
        ("avg_checkpoints m.ckpt", "graphtools edit-checkpoint m.ckpt -o OUT --average OTHER"),
        ("node_names m.pb", "graphtools nodes m.pb"),
        ("freeze-graph --input_graph=x", "graphtools freeze_graph --input_graph=x"),
        ("layers 'my model.pb'", "graphtools nodes 'my model.pb'"),
    ],
)
def test_what_was_typed_stands_where_it_fits(typed: str, line: str) -> None:
    word, *args = shlex.split(typed)
    assert lines(word, *args) == [line]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("list weights m.pb", "variables"),
        ("graph info m.pb", "summary"),
        ("print nodes m.pb", "nodes"),
        ("remove-node m.pb", "transform"),
        ("fold-batch-norms m.pb", "transform"),
        ("export_inference_graph m.pb", ""),
        ("merge-something m.pb", ""),
    ],
)
def test_words_behind_each_other_say_what_to_do(typed: str, meant: str) -> None:
    word, *args = typed.split()
    assert commands_of(answer(word, args, COMMANDS.all())) == set(filter(None, [meant]))


def test_the_file_decides_between_two_meanings() -> None:
    assert lines("check", "p.config") == ["graphtools check-config p.config"]
    assert lines("check", "m.pb") == ["graphtools lint m.pb"]
    assert len(lines("check")) == 2
    assert lines("tree", "model.ckpt-3.index") == ["graphtools variables model.ckpt-3.index --tree"]
    assert lines("tree", "m.pb") == ["graphtools nodes m.pb --depth 1"]


def test_a_file_in_the_place_of_the_command_is_looked_at() -> None:
    assert f"Did you mean `graphtools summary {FROZEN}`?" in run(FROZEN).err


@pytest.mark.parametrize(
    "word",
    [
        "qqq",
        "raw",
        "dump-net",
        "tops",
        "mode",
        "transfer",
        "comp",
        "x",
        "--",
        "é",
    ],
)
def test_what_is_unsure_gets_no_command(word: str) -> None:
    assert not commands_of(answer(word, [], COMMANDS.all()))


def test_meaning_goes_before_spelling() -> None:
    for word, alike in {"compare": "compat", "flops": "ops", "patch": "path"}.items():
        assert alike not in commands_of(answer(word, [], COMMANDS.all()))


def test_a_name_that_was_begun_or_misspelt_is_finished() -> None:
    commands = COMMANDS.all()
    for word, meant in {
        "optim": "optimize",
        "wieghts": "variables",
        "frezee": "freeze",
        "optimization": "optimize",
    }.items():
        assert f"Did you mean `graphtools {meant} m.pb" in answer(word, ["m.pb"], commands)


def test_no_word_for_a_command_is_the_name_of_another() -> None:
    for name, command in COMMANDS.all().items():
        for words, _rest, _what in declared(command):
            assert not {w for w in words if w in COMMANDS.all()}, name


@pytest.mark.parametrize("name", [n for n, c in COMMANDS.all().items() if c.also])
def test_declared_lines_parse(name: str) -> None:
    command: Command = COMMANDS.all()[name]
    for _words, rest, _what in declared(command):
        context = command.make_context(name, shlex.split(rest), parent=click.Context(main))
        assert not context.args


def test_a_command_of_a_plug_in_takes_part() -> None:
    told: Callable[[], None] = click.command(
        "acme", cls=Command, example="", also={"FILE": "greet"}, exit_codes="", legacy=False
    )(lambda: None)
    assert isinstance(told, Command)
    assert meanings("greet", ["m.pb"], {"acme": told}) == [Meaning("graphtools acme m.pb", "")]
