from __future__ import annotations

from graphtools.graph.saved_keys import SavedAs, saved_keys
from tests.transforms.graphs import function, graph

NAMES = 'save/names = Const value=string:["one","two"]'
PARTS = 'save/parts = Const value=string:["","4 2 0,2:-"]'
FILE = 'save/file = Const value=string:"model"'
RESTORE = "save/Restore = RestoreV2(save/file, save/names, save/parts) dtypes={float, float}"


def keys(*lines: str) -> dict[str, SavedAs]:
    return saved_keys(graph("\n".join([NAMES, PARTS, FILE, RESTORE, *lines])))


def test_what_is_restored_and_assigned_is_known() -> None:
    found = keys(
        "a = VariableV2 dtype=float",
        "b = VarHandleOp dtype=float",
        "save/Assign = Assign(a, save/Restore) T=float",
        "save/Identity = Identity(save/Restore:1) T=float",
        "save/Assign_1 = AssignVariableOp(b, save/Identity) dtype=float",
    )
    assert found == {"a": SavedAs("one", ""), "b": SavedAs("two", "4 2 0,2:-")}


def test_the_first_saver_counts() -> None:
    found = keys(
        "a = VariableV2 dtype=float",
        "save/Assign = Assign(a, save/Restore) T=float",
        "save/Again = Assign(a, save/Restore:1) T=float",
    )
    assert found == {"a": SavedAs("one", "")}


def test_names_may_be_handed_on() -> None:
    found = saved_keys(
        graph(
            f"""
            {NAMES}
            {PARTS}
            {FILE}
            names = Identity(save/names) T=string
            parts = PlaceholderWithDefault(save/parts) dtype=string
            r = RestoreV2(save/file, names, parts)
            assign = Assign(a, r) T=float
            a = VariableV2 dtype=float
            """
        )
    )
    assert found == {"a": SavedAs("one", "")}


def test_other_assignments_are_none_from_a_checkpoint() -> None:
    assert not keys(
        "a = VariableV2 dtype=float",
        "zero = Const value=float:0",
        "init = Assign(a, zero) T=float",
        "far = Assign(a, save/Restore:2) T=float",
        "sum = Add(save/Restore, zero) T=float",
        "changed = Assign(a, sum) T=float",
        "short = Assign(a) T=float",
        "absent = Assign(a, nothing) T=float",
        "loop = Identity(loop) T=float",
        "looped = Assign(a, loop) T=float",
    )


def test_names_that_are_not_constant_tell_nothing() -> None:
    lines = f"""
        {NAMES}
        {FILE}
        some = Placeholder dtype=string
        one = Const value=string:[""]
        r = RestoreV2(save/file, some, save/names)
        uneven = RestoreV2(save/file, save/names, one)
        few = RestoreV2(save/file)
        a = Assign(v, r) T=float
        b = Assign(v, uneven) T=float
        c = Assign(v, few) T=float
        v = VariableV2 dtype=float
    """
    assert not saved_keys(graph(lines))


def test_a_saver_of_tensorflow_2_stands_in_a_function() -> None:
    body = f"""
        {NAMES.replace("save/", "")}
        {PARTS.replace("save/", "")}
        restore = RestoreV2(file, names:output:0, parts:output:0) dtypes={{float, float}}
        value = Identity(restore:tensors:1) T=float
        assign = AssignVariableOp(variable, value:output:0) dtype=float
    """
    restore = function("restore_fn", "file string, variable resource", "", body)
    main = """
        saver_filename = Placeholder dtype=string
        kernel = VarHandleOp dtype=float shape=[4,2]
        call = StatefulPartitionedCall(saver_filename, kernel) f=@restore_fn
        other = StatefulPartitionedCall(saver_filename, kernel) f=@gone
    """
    assert saved_keys(graph(main, [restore])) == {"kernel": SavedAs("two", "4 2 0,2:-")}


def test_of_several_savers_the_one_that_renames_nothing_counts() -> None:
    names = 'own/names = Const value=string:["a"]'
    found = keys(
        "a = VariableV2 dtype=float",
        "save/Assign = Assign(a, save/Restore) T=float",
        names,
        "own/Restore = RestoreV2(save/file, own/names, own/parts) dtypes={float}",
        'own/parts = Const value=string:[""]',
        "own/Assign = Assign(a, own/Restore) T=float",
    )
    assert found == {"a": SavedAs("a", "")}


def test_a_saver_renames_where_the_key_is_another_name() -> None:
    assert SavedAs("w/ExponentialMovingAverage", "").is_renaming("w")
    assert not SavedAs("w", "").is_renaming("w")
    assert not SavedAs("w", "4 2 0,2:-").is_renaming("w/part_0")
    assert not SavedAs("layer/kernel/.ATTRIBUTES/VARIABLE_VALUE", "").is_renaming("w")


def test_keys_that_are_handed_on_in_a_circle_tell_nothing() -> None:
    circle = "save/names = Identity(save/names) T=string"
    assert not saved_keys(graph("\n".join([circle, PARTS, FILE, RESTORE])))
