"""Names of the ops that v1 loops and conditionals are made of.

A loop's nodes run in a frame, which Enter opens and Exit leaves; what Switch gives runs on a branch
only, until Merge brings the branches together. What the ops mean together is told by
`graphtools.rewrite.frames`.
"""

from __future__ import annotations

ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
NEXT_ITERATIONS = frozenset({"NextIteration", "RefNextIteration"})
SWITCHES = frozenset({"Switch", "RefSwitch", "_SwitchN"})
MERGES = frozenset({"Merge", "RefMerge", "_XlaMerge"})
#: Ops that frames and branches are made of.
CONTROL_FLOW = ENTERS | EXITS | NEXT_ITERATIONS | SWITCHES | MERGES
