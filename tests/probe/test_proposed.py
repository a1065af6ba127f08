"""How an action is put to the caller before they say yes."""

from __future__ import annotations

import pytest
from hotline_probe.proposed import put_to_caller, size_text
from hotline_probe.texts import LANGUAGES
from hotline_proto.catalogue import load_catalogue

EN, DE = LANGUAGES["en"], LANGUAGES["de"]
ASIDE = load_catalogue().actions["storage.set_aside_temp"]


def said(files: list[tuple[str, int]], language: str = "en") -> list[str]:
    question = put_to_caller(ASIDE, {"filesystem": "/\x1b[2Jdata"}, "p", files)
    return [say(LANGUAGES[language]) for say in question.about]


def test_effect_risk_and_way_back_are_said() -> None:
    effect, risk = said([])
    assert ASIDE.effect["en"] in effect and EN.action_undoable in effect and "/[2Jdata" in effect
    assert risk == EN.action_low_risk
    assert ASIDE.effect["de"] in said([], "de")[0]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("dns.flush_cache", EN.action_no_risk), ("process.end", EN.action_medium_risk)],
)
def test_every_risk_has_its_sentence(name: str, sentence: str) -> None:
    spec = load_catalogue().actions[name]
    assert put_to_caller(spec, {}, "p", []).about[1](EN) == sentence


def test_what_would_go_is_shown_by_folder_largest_first() -> None:
    files = [("/tmp/a/1", 2_000_000), ("/tmp/a/2", 500_000), ("/tmp/\x1b[31mb/1", 3_000_000)]
    assert said(files)[2:] == [
        "What would go now: 5.5 MB, number of files: 3.",
        "  /tmp/[31mb: 3.0 MB, files: 1",
        "  /tmp/a: 2.5 MB, files: 2",
    ]
    assert said(files, "de")[2] == "Das käme jetzt weg: 5,5 MB, Zahl der Dateien: 3."


def test_many_folders_are_summed_up() -> None:
    files = [(f"/tmp/{number}/x", 1000 * (number + 1)) for number in range(9)]
    shown = said(files)[2:]
    assert len(shown) == 7
    assert shown[1] == "  /tmp/8: 9.0 kB, files: 1"
    assert shown[-1] == "  and 4 more folders, 10.0 kB"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 kB"), (999_900, "999.9 kB"), (1_000_000, "1.0 MB"), (5 * 10**15, "5000.0 TB")]
)
def test_sizes_are_read_as_people_do(size: int, text: str) -> None:
    assert size_text(size, EN) == text
