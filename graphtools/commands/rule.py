"""`graphtools rule`."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, emit, emit_json, json_option


@command(
    "rule",
    group="check",
    example="graphtools rule GT101\ngraphtools rule --all",
    also={
        "--all": "rules",
    },
)
@click.argument("rule", metavar="[CODE|NAME]", required=False, default="")
@click.option("--all", "every", is_flag=True, help="List all rules.")
@json_option
def COMMAND(rule: str, every: bool, as_json: bool) -> None:
    """Print the manual of a rule of the linter, or list all rules.

    A manual tells what a rule looks for, why that matters, an example and what to do. With --all
    --json the manuals of all rules are printed.
    """
    from graphtools.errors import InvalidValue
    from graphtools.lint.tables import all_rules
    from graphtools.report.lint_rules import find_rule, rule_document, rule_json, rules_document

    if bool(rule) == every:
        raise InvalidValue("give the code or the name of a rule, or --all")
    if as_json:
        if every:
            emit_json({"rules": [rule_json(found) for found in all_rules().values()]})
        else:
            emit_json(rule_json(find_rule(rule)))
    elif every:
        emit(rules_document(all_rules()))
    else:
        emit(rule_document(find_rule(rule)))
