"""The rules of TF-slim and SSD-Tensorflow."""

from __future__ import annotations

import random
from typing import Any

import pytest

from graphtools.errors import InvalidValue
from graphtools.formats import open_model
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from graphtools.restore.model_variables import (
    ModelVariable,
    ModelVariables,
    Tensors,
    kind_of,
    model_variables,
    tensors_of,
)
from graphtools.restore.plan import RestorePlan, ScopeFinding
from graphtools.restore.scope_lists import shortest_exclude_list
from graphtools.restore.slim_plan import SlimSettings, slim_plan
from tests.support import FIXTURES, shared_models

pytestmark = pytest.mark.usefixtures("command_line")

NET = {"net/conv1/w": [3], "net/conv10/w": [3], "net/conv2/w": [3], "net/logits/w": [8]}


def checkpoint(shapes: dict[str, list[int]]) -> Tensors:
    return {name: (FLOAT32, Shape(shape)) for name, shape in shapes.items()}


def model(shapes: dict[str, list[int]]) -> ModelVariables:
    found = [
        ModelVariable(n, FLOAT32, Shape(s), kind_of(n), kind_of(n) == "model")
        for n, s in shapes.items()
    ]
    return ModelVariables("model.meta", "graph", tuple(found), collections=True)


def plan_of(
    stored: dict[str, list[int]], variables: dict[str, list[int]] | None = None, **flags: Any
) -> RestorePlan:
    return slim_plan(checkpoint(stored), model(variables or NET), SlimSettings(**flags))


def statuses(plan: RestorePlan) -> dict[str, str]:
    return {v.name: v.status for v in plan.variables}


def finding(plan: RestorePlan, scope: str) -> ScopeFinding:
    return next(s for s in plan.scopes if s.scope == scope)


def test_everything_is_restored_without_exclusions() -> None:
    plan = plan_of({**NET, "global_step": []})
    assert plan.complete
    assert not plan.failure
    assert plan.proposed_exclude_scopes is None
    assert [u.name for u in plan.unused] == ["global_step"]


def test_a_shape_that_differs_fails_in_the_words_of_tensorflow() -> None:
    plan = plan_of({**NET, "net/logits/w": [12]})
    assert not plan.complete
    words = "Assign requires shapes of both tensors to match. lhs shape= [8] rhs shape= [12]"
    assert plan.variables[-1].error == words
    assert plan.failure == f"{words} (net/logits/w); 1 variable with another shape"
    assert plan.proposed_exclude_scopes == ("net/logits",)
    # it fails even if missing variables are ignored
    assert plan_of({**NET, "net/logits/w": [12]}, ignore_missing_vars=True).failure


def test_what_is_missing_fails_unless_it_is_ignored() -> None:
    stored = {n: s for n, s in NET.items() if "conv2" not in n}
    plan = plan_of(stored)
    assert "Key net/conv2/w not found in checkpoint" in plan.failure
    assert plan.proposed_exclude_scopes == ("net/conv2",)
    ignoring = plan_of(stored, ignore_missing_vars=True)
    assert not ignoring.failure
    assert statuses(ignoring)["net/conv2/w"] == "missing"
    assert "ignore_missing_vars skips it" in ignoring.variables[2].reason
    assert ignoring.randomly_initialised == ("net/conv2/w",)


def test_a_scope_is_the_beginning_of_a_name_without_regard_to_slashes() -> None:
    plan = plan_of(NET, exclude_scopes="net/conv1,net/logits")
    assert statuses(plan) == {
        "net/conv1/w": "not_asked",
        "net/conv10/w": "not_asked",
        "net/conv2/w": "restored",
        "net/logits/w": "not_asked",
    }
    assert plan.variables[1].reason == "excluded by 'net/conv1'"
    found = finding(plan, "net/conv1")
    assert found.matches == 2
    assert "'net/conv1' excludes net/conv10, too" in found.problem
    assert "write net/conv1/" in found.remedy
    assert not finding(plan, "net/logits").problem
    assert plan.complete
    assert "3 variables that would fit are excluded" in "\n".join(plan.warnings)
    assert not finding(plan_of(NET, exclude_scopes="net/conv1/"), "net/conv1/").problem


def test_a_number_that_goes_on_is_hardly_meant() -> None:
    names = {"net/conv10/w": [1], "net/conv11/w": [1], "net/x": [1]}
    problem = finding(plan_of(names, names, exclude_scopes="net/conv1"), "net/conv1").problem
    assert problem.startswith("'net/conv1' excludes net/conv10, net/conv11: ")
    assert not finding(plan_of(names, names, exclude_scopes="net/con"), "net/con").problem


def test_blanks_are_stripped_and_told() -> None:
    plan = plan_of(NET, exclude_scopes="net/conv2, net/logits")
    assert statuses(plan)["net/logits/w"] == "not_asked"
    assert "a blank stands beside 'net/logits'" in finding(plan, "net/logits").problem
    assert not finding(plan, "net/conv2").problem


def test_a_scope_that_excludes_nothing_gets_a_suggestion() -> None:
    found = finding(plan_of(NET, exclude_scopes="net/Logit"), "net/Logit")
    assert found.matches == 0
    assert found.problem == "'net/Logit' excludes nothing"
    assert "did you mean 'net/logits'" in found.remedy
    assert "'net/logits'" in finding(plan_of(NET, exclude_scopes="logits"), "logits").remedy
    pattern = finding(plan_of(NET, exclude_scopes=".*xyz"), ".*xyz")
    assert "no regular expression" in pattern.remedy
    assert finding(plan_of(NET, exclude_scopes="qqq"), "qqq").remedy == ""


def test_a_comma_too_many_excludes_everything() -> None:
    plan = plan_of(NET, exclude_scopes="net/logits,")
    assert set(statuses(plan).values()) == {"not_asked"}
    assert "No Variables to restore" in plan.warnings[0]
    assert "excludes every variable" in finding(plan, "").problem
    # an empty text is no list at all
    assert plan_of(NET, exclude_scopes="").complete


def test_trainable_scopes_are_patterns_from_the_start() -> None:
    plan = plan_of(NET, trainable_scopes="net/conv\\d/,logits")
    assert [v.name for v in plan.variables if v.trained] == ["net/conv1/w", "net/conv2/w"]
    assert "'logits' matches no variable" in finding(plan, "logits").problem
    assert "'net/logits'" in finding(plan, "logits").remedy
    assert all(v.trained for v in plan_of(NET).variables)
    assert all(v.trained for v in plan_of(NET, trainable_scopes="").variables)


def test_overlapping_trainable_scopes_train_twice() -> None:
    plan = plan_of(NET, trainable_scopes="net/conv,net/conv1")
    assert not finding(plan, "net/conv").problem
    assert "2 variables of 'net/conv1' are matched by 'net/conv', too" in (
        finding(plan, "net/conv1").problem
    )


def test_a_trainable_scope_that_is_no_pattern_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no regular expression"):
        plan_of(NET, trainable_scopes="(net")


def test_what_is_neither_restored_nor_trained_is_told() -> None:
    plan = plan_of(NET, exclude_scopes="net/logits", trainable_scopes="net/conv2")
    assert any("neither restored nor trained, as net/logits/w" in w for w in plan.warnings)


def test_the_scope_of_the_checkpoint_replaces_the_models_name() -> None:
    stored = {"vgg/conv1/w": [3], "vgg/conv10/w": [3], "vgg/conv2/w": [3], "vgg/logits/w": [8]}
    plan = plan_of(stored, checkpoint_model_scope="vgg")
    assert plan.complete
    assert {v.name: v.checkpoint_key for v in plan.variables}["net/conv1/w"] == "vgg/conv1/w"
    assert plan.settings["model_name"] == "net"
    assert plan_of(stored, checkpoint_model_scope="vgg", model_name="net").complete
    unknown = plan_of(stored, checkpoint_model_scope="vgg", model_name="ssd")
    assert any("no variable has 'ssd' in its name" in w for w in unknown.warnings)
    absent = plan_of(stored, checkpoint_model_scope="vgg_16")
    assert any("its scopes are vgg" in w for w in absent.warnings)


def test_every_occurrence_of_the_name_is_replaced() -> None:
    plan = plan_of({"b/b_1/w": [1]}, {"a/a_1/w": [1]}, checkpoint_model_scope="b")
    assert statuses(plan) == {"a/a_1/w": "restored"}


def test_two_variables_of_one_key_are_one() -> None:
    plan = plan_of({"b/w": [1]}, {"a/w": [1], "b/w": [1]}, checkpoint_model_scope="b",
                   model_name="a")  # fmt: skip
    assert statuses(plan) == {"a/w": "not_asked", "b/w": "restored"}


def test_the_name_of_a_model_of_several_scopes_has_to_be_given() -> None:
    with pytest.raises(InvalidValue, match="no first scope in common") as refused:
        plan_of({"v/w": [1]}, {"a/w": [1], "b/w": [1]}, checkpoint_model_scope="v")
    assert "--model-name" in refused.value.remedy


def test_only_model_variables_are_candidates() -> None:
    other = ModelVariable("net/helper", FLOAT32, Shape([1]), "model", True, collected=False)
    variables = model({**NET, "net/conv1/w/Adam": [3], "global_step": []}).variables
    plan = slim_plan(
        checkpoint(NET),
        ModelVariables("m.meta", "graph", (*variables, other), collections=True),
        SlimSettings(),
    )
    assert plan.complete
    reasons = {v.name: v.reason for v in plan.variables if v.status == "not_asked"}
    assert set(reasons) == {"net/helper", "net/conv1/w/Adam", "global_step"}
    assert "no slim layer made it" in reasons["net/helper"]


def test_the_collections_of_a_meta_graph_say_what_is_trained() -> None:
    found = model_variables(
        open_model(shared_models() / "slim/mobilenet_v1_0.25_128/model.ckpt.meta")
    )
    assert found.collections
    assert sum(v.trainable for v in found.variables) == 83
    assert sum(v.collected and v.kind == "model" for v in found.variables) == 137


def test_a_real_model_with_other_classes() -> None:
    folder = shared_models() / "ssdtf"
    tensors = tensors_of(find_checkpoint(folder / "ssd_300_vgg_nc21/ssd_300_vgg.ckpt"))
    variables = model_variables(open_model(folder / "ssd_300_vgg_nc3/ssd_300_vgg.ckpt.meta"))
    plan = slim_plan(tensors, variables, SlimSettings())
    assert plan.counts == {"restored": 59, "shape_differs": 12, "missing": 0, "not_asked": 0}
    assert "lhs shape= [12] rhs shape= [84]" in plan.failure
    proposal = plan.proposed_exclude_scopes
    assert proposal == tuple(f"ssd_300_vgg/block{n}_box/conv_cls" for n in (4, 7, 8, 9, 10, 11))
    again = slim_plan(tensors, variables, SlimSettings(exclude_scopes=",".join(proposal or ())))
    assert again.complete
    assert again.counts["restored"] == 59


def test_a_training_graph_is_restored_from_its_checkpoint() -> None:
    tensors = tensors_of(find_checkpoint(FIXTURES / "classifier/train"))
    plan = slim_plan(tensors, model_variables(open_model(FIXTURES / "classifier/train.pb")),
                     SlimSettings())  # fmt: skip
    assert plan.complete
    assert plan.counts["restored"] == 17


@pytest.mark.parametrize(
    ("bad", "good", "expected"),
    [
        (["a/b/w", "a/b/c"], ["a/x/w"], ("a/b",)),
        (["a/b/w", "a/b/c"], ["x/w"], ("a",)),
        (["conv1/w"], ["conv10/w"], ("conv1/",)),
        (["conv10/w"], ["conv1/w"], ("conv10",)),
        (["p_0/w", "p_1/w", "p_2/w"], ["q/w"], ("p_",)),
        (["a/w"], ["a/w_1"], ("a/w",)),
        (["a/logits/w", "b/logits/w"], ["a/c/w", "b/c/w"], ("a/logits", "b/logits")),
        (["n/b4/cls/w", "n/b10/cls/w"], ["n/b4/loc/w", "n/b10/loc/w"], ("n/b4/cls", "n/b10/cls")),
        ([], ["a"], ()),
    ],
)
def test_the_shortest_list(bad: list[str], good: list[str], expected: tuple[str, ...]) -> None:
    assert shortest_exclude_list(bad, good) == expected


def test_the_shortest_list_excludes_what_it_has_to_and_no_more() -> None:
    draw = random.Random(1)
    for _ in range(300):
        names = list({"/".join(draw.choice(["a", "ab", "b", "c1", "c10"]) for _ in range(3)) + "/w"
                      for _ in range(12)})  # fmt: skip
        bad = [n for n in names if draw.random() < 0.5]
        good = [n for n in names if n not in bad]
        found = shortest_exclude_list(bad, good)
        assert {n for n in names if n.startswith(found)} == set(bad)
        if good:
            assert len(found) == fewest(bad, good)


def fewest(bad: list[str], good: list[str]) -> int:
    """The number of beginnings that are needed, by trying the shortest one of each name."""
    starts = {
        next(n[:k] for k in range(1, len(n) + 1) if not any(g.startswith(n[:k]) for g in good))
        for n in bad
    }
    return len(starts)


def test_a_model_without_layers_of_slim_is_told() -> None:
    variables = model_variables(open_model(FIXTURES / "saved_model/v1"), ["serve"])
    assert variables.collects_others
    plan = slim_plan(
        tensors_of(find_checkpoint(FIXTURES / "saved_model/v1")), variables, SlimSettings()
    )
    assert any("has no collection model_variables" in w for w in plan.warnings)


WRAPPED = {name.replace("net/", "tower/net/"): shape for name, shape in NET.items()}


def renaming(plan: RestorePlan) -> str:
    return next((w for w in plan.warnings if "in the checkpoint" in w and "scope" in w), "")


def test_a_scope_of_another_name_is_told_with_the_options_that_help() -> None:
    other = {name.replace("net/", "backbone/"): shape for name, shape in NET.items()}
    told = renaming(plan_of(other))
    assert "4 variables of the scope net have the scope backbone in the checkpoint" in told
    assert "--checkpoint-model-scope backbone --model-name net 4 variables are restored" in told
    plan = plan_of(other, checkpoint_model_scope="backbone", model_name="net")
    assert plan.complete
    assert not renaming(plan)


def test_a_scope_that_goes_takes_its_slash_along() -> None:
    bare = {name.removeprefix("net/"): shape for name, shape in NET.items()}
    assert "--checkpoint-model-scope '' --model-name net/ 4 variables" in renaming(plan_of(bare))
    assert plan_of(bare, checkpoint_model_scope="", model_name="net/").complete
    assert "which no option says" in renaming(plan_of(NET, bare))


def test_names_that_have_nothing_to_do_with_each_other_are_no_renaming() -> None:
    assert not renaming(plan_of(NET))
    assert not renaming(plan_of({"a": [3], "b": [4]}))


def test_a_scope_around_all_is_one_more_name() -> None:
    told = renaming(plan_of(WRAPPED))
    assert "--checkpoint-model-scope tower/net --model-name net" in told
