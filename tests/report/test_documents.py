"""Each result has its document."""

from __future__ import annotations

import importlib
import inspect

import pytest

from graphtools.report.documents import DOCUMENTS


@pytest.mark.parametrize("result", DOCUMENTS)
def test_a_document_is_made_of_the_result_that_it_stands_for(result: str) -> None:
    module, name = DOCUMENTS[result].split(".")
    function = getattr(importlib.import_module(f"graphtools.report.{module}"), name)
    first = next(iter(inspect.signature(function).parameters.values()))
    assert first.annotation == result
