"""Names of the ops that v1 loops and conditionals are made of.

A loop's nodes run in a frame, which Enter opens and Exit leaves; what Switch gives runs on a branch
only, until Merge brings the branches together. What the ops mean together is told by
`graphtools.idioms.control_flow`.
"""

from __future__ import annotations

from graphtools.graph.order import LOOP_ENDS, LOOP_STARTS

ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
NEXT_ITERATIONS = LOOP_ENDS
SWITCHES = frozenset({"Switch", "RefSwitch", "_SwitchN"})
MERGES = LOOP_STARTS | {"_XlaMerge"}
#: Ops that frames and branches are made of.
CONTROL_FLOW = ENTERS | EXITS | NEXT_ITERATIONS | SWITCHES | MERGES
#: Those that the condition of a loop, and its rounds, are made of.
LOOP_PARTS = NEXT_ITERATIONS | {"LoopCond"}
