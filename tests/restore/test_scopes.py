from __future__ import annotations

from graphtools.restore.scopes import grouped


def scopes(names: list[str], limit: int = 10) -> dict[str, int]:
    found = grouped(names, limit)
    assert sorted(n for g in found for n in g.names) == sorted(names)
    return {g.scope: len(g.names) for g in found}


def layers(count: int, *kinds: str) -> list[str]:
    return [f"Net/Conv2d_{i}_{k}/{w}" for i in range(count) for k in kinds for w in ("w", "b", "m")]


def test_a_scope_that_holds_one_scope_is_joined_with_it() -> None:
    assert scopes(["a/b/c/x", "a/b/c/y", "a/b/c/z"]) == {"a/b/c": 3}
    assert scopes(["a/b/w"]) == {"a/b/w": 1}
    assert scopes([]) == {}


def test_few_scopes_are_told_apart() -> None:
    names = [f"net/{s}/{w}" for s in ("head", "tail") for w in ("w", "b", "m")]
    assert scopes(["step", *names]) == {"net/head": 3, "net/tail": 3, "step": 1}


def test_many_scopes_are_joined_where_only_their_numbers_differ() -> None:
    assert scopes(layers(9, "depthwise", "pointwise")) == {
        "Net/Conv2d_*_depthwise": 27,
        "Net/Conv2d_*_pointwise": 27,
    }


def test_names_are_not_told_apart_one_by_one() -> None:
    assert scopes([f"a/w{i}" for i in range(30)]) == {"a": 30}
    assert scopes(["a/w", "b/w", "step"]) == {"a/w": 1, "b/w": 1, "step": 1}


def test_a_limit_holds() -> None:
    names = [
        f"n/{chr(97 + i)}/{chr(97 + j)}/{w}" for i in range(4) for j in range(4) for w in "xyz"
    ]
    assert len(scopes(names, 10)) <= 10
    assert len(scopes(names, 3)) == 1
