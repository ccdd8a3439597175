"""All rules: those for graphs, and those for training configurations."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from graphtools.findings.rule import Rule, RuleTable

#: The rules for graphs.
GRAPH_RULES = RuleTable("graphtools.lint.rules")
rule = GRAPH_RULES.rule


@functools.cache
def config_rules() -> Mapping[str, Rule]:
    """The checks of training configurations as rules, by code."""
    from graphtools.restore.check_config import all_checks

    return {
        check.code: Rule(check.code, check.name, check.severity, None, check.manual)
        for check in all_checks()
    }


def all_rules() -> Mapping[str, Rule]:
    """All rules, for graphs and for training configurations, by code.

    Raises:
        RuntimeError: Two of them have the same code or name.
    """
    found = {**GRAPH_RULES.rules(), **config_rules()}
    names: Sequence[str] = [r.name for r in found.values()]
    if len(found) < len(GRAPH_RULES.rules()) + len(config_rules()) or len(set(names)) < len(names):
        raise RuntimeError("two rules have the same code or name")
    return found
