"""Reports of the linter for the tests of its output formats, with names that try to break out."""

from __future__ import annotations

from graphtools.findings.finding import ERROR, INFO, WARNING, Finding
from graphtools.lint.file_report import FileReport, Fix, Problem
from graphtools.lint.running import LintReport
from graphtools.lint.settings import LintSettings

#: A name with what means something in HTML, Markdown, XML, YAML, a workflow's command, a terminal.
EVIL = "<script>alert('x')</script>|a*b_c`d`\n::error::%0A,file=x&amp;\x1b[31m\x00\ud800\u202e"
NODE = Finding(
    "GT101",
    "dangling-input",
    ERROR,
    "reads 'gone', which is not in the graph",
    "cut again",
    "scope/y",
    "Neg",
)
CURABLE = Finding(
    "GT501",
    "batch-norm",
    WARNING,
    "not folded",
    "fold it",
    "scope/bn",
    "FusedBatchNorm",
    "fold_batch_norms",
    True,
)
UNSAFE = Finding("GT204", "dropout", WARNING, "left", "", "d", "Mul", "remove_nodes(op=Mul)", False)
WHOLE = Finding("GT124", "mixed-versions", INFO, "no version", "write it again")
FIELD = Finding(
    "GTC606", "batch-size", WARNING, "it is 0", "write 24", "train_config.batch_size", line=7
)
NASTY = Finding("GT101", "dangling-input", ERROR, f"reads {EVIL!s}", EVIL, EVIL, "No\nOp")


def report(*files: FileReport, settings: LintSettings | None = None) -> LintReport:
    """A report of files."""
    return LintReport(files, settings or LintSettings())


SOUND = FileReport("clean.pb", "GraphDef", nodes=3, inputs=("x",), outputs=("y",), seconds=0.001)
MIXED = FileReport(
    "models/a b%.pb",
    "GraphDef",
    (NODE, CURABLE, UNSAFE, WHOLE),
    nodes=1234,
    ignored=2,
    known=1,
    seconds=0.25,
)
CONFIG = FileReport("pipeline.config", "pipeline configuration", (FIELD,))
UNREAD = FileReport("gone.pb", problems=(Problem("gone.pb does not exist", "look again"),))
FIXED = FileReport(
    "fixed.pb", "GraphDef", nodes=3, fixes=(Fix("fold_batch_norms", ("GT501",), 4, True),)
)
NASTY_FILE = FileReport(
    "dir/" + EVIL.replace("\x00", "").replace("\ud800", "\udcff") + ".pb",  # no UTF-8
    "GraphDef",
    (NASTY,),
    (Problem(EVIL, EVIL),),
)
EVERYTHING = report(MIXED, SOUND, CONFIG, UNREAD, FIXED)
