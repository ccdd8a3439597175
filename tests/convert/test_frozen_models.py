from __future__ import annotations

import pytest

from graphtools.convert.frozen_models import frozen_model
from graphtools.errors import UnknownName
from tests.support import FIXTURES

V1, V2 = (FIXTURES / "saved_model" / name for name in ("v1", "v2"))
FROZEN = FIXTURES / "classifier/frozen.pb"


def test_of_several_signatures_the_default_is_taken_and_the_others_are_named() -> None:
    found = frozen_model(V1)
    assert found.inputs == ("features",)
    assert set(found.outputs) == {"logits", "scores"}
    first = found.notes[0]
    assert first.startswith("signature of ")
    assert first.endswith(": serving_default; embed_words with --signature")


def test_what_is_named_is_taken_instead() -> None:
    assert frozen_model(V1, signature="embed_words").outputs == ("embedded/Identity",)
    assert frozen_model(V1, outputs=["scores"]).outputs == ("scores",)
    assert not any(n.startswith("signature") for n in frozen_model(V1, outputs=["scores"]).notes)


def test_a_tensor_is_told_with_its_name_in_the_signature() -> None:
    told = "\n".join(frozen_model(V2).notes)
    assert "serving_default_features (features)" in told
    assert "StatefulPartitionedCall (scores)" in told
    assert "signature of" not in told  # there is but one


def test_an_unknown_signature_is_answered_with_all_that_there_are() -> None:
    with pytest.raises(UnknownName, match="no signature 'gone'") as raised:
        frozen_model(V1, signature="gone")
    assert raised.value.remedy == "it has embed_words, serving_default"


def test_a_checkpoint_for_a_graph_without_variables_does_nothing() -> None:
    found = frozen_model(FROZEN, checkpoint=FIXTURES / "classifier/model.ckpt")
    assert found.checkpoint == ""
    assert any(n.startswith("--checkpoint has no effect") for n in found.notes)
