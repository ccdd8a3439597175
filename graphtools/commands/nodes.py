"""`graphtools nodes`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit,
    emit_json,
    emit_lines,
    exit_if_unsound,
    file_argument,
    json_option,
    note,
    progress,
    tags_option,
)


@command(
    "nodes",
    group="look",
    example="graphtools nodes frozen_inference_graph.pb --op 'Conv*' --long",
    also={
        "FILE": "list ls layers node-names list-layers",
        "FILE --name GLOB  # find nodes by their names": "find search grep filter",
        "FILE --depth 1  # the scopes of a graph": "tree structure scopes",
    },
)
@file_argument
@click.option("--op", "ops", metavar="GLOB", multiple=True, help="Only these ops; repeatable.")
@click.option("--name", "names", metavar="GLOB", multiple=True, help="Only these names.")
@click.option("--regex", metavar="REGEX", default="", help="Only names in which this is found.")
@click.option("--scope", metavar="SCOPE", default="", help="Only nodes in this name scope.")
@click.option("--depth", type=click.IntRange(1), help="Count nodes by scope, so many scopes deep.")
@click.option("--functions", is_flag=True, help="List nodes in functions, too: node@function.")
@click.option("--long", "as_table", is_flag=True, help="Show dtype, shape, bytes and inputs, too.")
@tags_option
@json_option
def COMMAND(
    file: str,
    ops: tuple[str, ...],
    names: tuple[str, ...],
    regex: str,
    scope: str,
    depth: int | None,
    functions: bool,
    as_table: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """List the nodes of a graph, as `name ===> op`."""
    from graphtools.formats import open_model, shown_graph
    from graphtools.report.nodes import node_lines, node_table, scope_lines

    with progress(f"reading {file}"):
        graph = shown_graph(open_model(file), tags)
        nodes = graph.nodes
        if ops or names or regex or scope or functions:
            from graphtools.analysis.node_list import select_nodes

            nodes = select_nodes(
                graph, ops=ops, names=names, regex=regex, scope=scope, functions=functions
            )
            if not nodes:
                note("no node is let through by all filters")
    if depth:
        from graphtools.analysis.node_list import collapse

        scopes = collapse(nodes, depth)
        if as_json:
            emit_json({"scopes": [{"scope": s, "nodes": n} for s, n in scopes.items()]})
        else:
            emit_lines(scope_lines(scopes))
    elif as_json or as_table:
        from graphtools.analysis.node_list import list_nodes

        listed = list_nodes(graph, nodes)
        if as_json:
            emit_json(listed)
        else:
            emit(node_table(listed.nodes))
    else:
        emit_lines(node_lines(nodes))
    exit_if_unsound(graph, file)
