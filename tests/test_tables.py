"""Tables: names and meanings are a contract; not applicable is null and never nought."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from conftest import talk

from trustcoach import Coach, frames, to_dict, to_json
from trustcoach.tables import SCHEMAS

CONTRACT = {
    "findings": [
        "conversation_id",
        "turn",
        "role",
        "cue",
        "subtype",
        "start",
        "end",
        "text",
        "detector",
        "rule",
        "confidence",
    ],
    "verdicts": ["conversation_id", "turn", "behaviour", "outcome", "because", "score_weight"],
    "turns": ["conversation_id", "turn", "role", "speaker", "score"],
}


@pytest.fixture(scope="module")
def scored(coach: Coach):  # type: ignore[no-untyped-def]
    chat = talk(
        "customer: this is so frustrating 😡",
        "agent Maya: I’m so sorry to hear that.",
        "agent Maya: ok",
        "bot: rate us",
        ident="007",
    )
    return coach.score(chat)


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_the_contract_of_names(table: str) -> None:
    assert set(CONTRACT[table]) <= set(SCHEMAS[table].names)


def test_not_applicable_is_null(scored) -> None:  # type: ignore[no-untyped-def]
    turns = frames([scored])["turns"]
    assert turns.loc[turns.turn == 2, "score"].isna().all()
    assert turns.loc[turns.role != "agent", "score"].isna().all()
    assert turns["score"].dtype == pd.Float64Dtype()


def test_ids_stay_text(scored) -> None:  # type: ignore[no-untyped-def]
    assert list(frames([scored])["scores"]["conversation_id"]) == ["007"]


def test_evidence_is_the_original_text(scored) -> None:  # type: ignore[no-untyped-def]
    findings = frames([scored])["findings"]
    texts = {t.index: t.text for t in scored.conversation.turns}
    assert len(findings)
    assert all(texts[f.turn][f.start : f.end] == f.text for f in findings.itertuples())


def test_every_table_exists_even_when_empty() -> None:
    empty = frames([])
    assert {name: list(frame.columns) for name, frame in empty.items()} == {
        name: s.names for name, s in SCHEMAS.items()
    }


def test_json_has_a_version_and_loses_nothing(scored) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(to_json(scored))
    assert data == to_dict(scored)
    assert data["schema_version"]
    assert len(data["verdicts"]) == len(scored.verdicts)
