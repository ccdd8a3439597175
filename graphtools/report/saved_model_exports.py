"""SavedModels that were written, as documents."""

from __future__ import annotations

from graphtools.analysis.signatures import MetaGraphSignatures, SignatureList
from graphtools.model.saved_model_export import SavedModelExport
from graphtools.report.document import Document, Facts, size
from graphtools.report.signatures import signatures_document
from graphtools.wording import counted


def saved_model_document(done: SavedModelExport) -> Document:
    """What a SavedModel holds that was written."""
    content = counted(done.nodes, "node")
    if done.variables:
        content += f", {counted(done.variables, 'variable')}"
    facts = [("written", f"{done.path}, {size(done.bytes)}")] if done.path else []
    facts.append(("graph", content))
    if done.assets:
        facts.append(("assets", ", ".join(done.assets)))
    if done.main_op:
        facts.append(("run on loading", done.main_op))
    listed = SignatureList(done.path, (MetaGraphSignatures(done.tags, done.signatures),))
    return [Facts(facts), *signatures_document(listed, everything=False)]
