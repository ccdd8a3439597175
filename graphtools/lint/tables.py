"""All rules: those for graphs, for TFLite models, and for training configurations."""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.findings.rule import Rule, RuleTable

#: What they look at is a `lint.subject.Subject`.
GRAPH_RULES = RuleTable("graphtools.lint.rules")
rule = GRAPH_RULES.rule
#: What they look at is a `lint.tflite_subject.TFLiteSubject`.
TFLITE_RULES = RuleTable("graphtools.lint.tflite_rules", "TFLite model")
tflite_rule = TFLITE_RULES.rule
#: What they look at is a `lint.configuration.Configuration`.
CONFIG_RULES = RuleTable("graphtools.lint.config_rules", "configuration")
config_rule = CONFIG_RULES.rule


def all_rules() -> Mapping[str, Rule]:
    """All rules, for graphs, TFLite models and training configurations, by code.

    Raises:
        RuntimeError: Two of them have the same code or name.

    Example:
        >>> graphtools.all_rules()["GT101"].name
        'dangling-input'
    """
    tables = GRAPH_RULES.rules(), TFLITE_RULES.rules(), CONFIG_RULES.rules()
    found = {code: rule for table in tables for code, rule in table.items()}
    if len({rule.name for rule in found.values()}) < sum(map(len, tables)):
        raise RuntimeError("two rules have the same code or name")
    return found
