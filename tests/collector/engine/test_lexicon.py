"""How the words of a complaint are compared with a lexicon."""

from __future__ import annotations

import pytest
from hotline_collector.engine.lexicon import Lexicon, is_phrase
from hotline_collector.model.rule import LexiconEntry, Text
from hypothesis import given
from hypothesis import strategies as st

WORDS = {
    "internet": ("internet", "geht nicht ins internet/netz"),
    "slow": ("internet langsam", "langsam"),
    "computer": ("pc geht nicht", "pc/laptop langsam"),
    "printer": ("drucker", "print/printing"),
    "cable": ("druckerkabel",),
    "disk": ("platte voll",),
    "site": ("seite nicht öffnen",),
    "smoke": ("rauch",),
    "use": ("verbrauch",),
    "thing": ("gerät kaputt",),
}
LEXICON = Lexicon(
    [
        LexiconEntry(name, Text(name, name), words, {"a.b": 2}, vague=name == "thing")
        for name, words in WORDS.items()
    ]
)


def found(text: str) -> list[str]:
    return [entry.id for entry in LEXICON.entries_in(text)]


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Drucker", ["printer"]),
        ("der Netzwerkdrucker", ["printer"]),
        ("die Druckers", ["printer"]),
        ("s'Internet", ["internet"]),
        ("Drukcer", ["printer"]),
        ("Drcker", ["printer"]),
        ("das Druckerkabel", ["cable"]),
        ("the point", []),
        ("Die Platte ist seit heute wieder randvoll voll", ["disk"]),
        ("voll ist die Platte", ["disk"]),
        ("Die Platte dreht sich und ich glaube auch noch daß sie voll wird", []),
        ("Die Platte ist neu, aber voll ist sie", []),
        ("die Seite geht ned zum Oeffnen", ["site"]),
        ("ich brauch Hilfe", []),
        ("der Datenverbrauch", ["use"]),
        ("Das Geraet ist kaputt", ["thing"]),
        ("Das Gerät ist kaputt, Rauch kommt heraus", ["smoke"]),
    ],
)
def test_words_match(text: str, entries: list[str]) -> None:
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("der PC geht nicht", ["computer"]),
        ("der PC geht nicht ins Internet", ["internet"]),
        ("Internet langsam", ["slow"]),
        ("Laptop ohne Internet ist langsam", ["slow"]),
        ("Internet ist so langsam wie der Laptop", ["slow", "computer"]),
    ],
)
def test_the_longer_then_the_tighter_phrase_takes_its_words(text: str, entries: list[str]) -> None:
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Internet geht, Drucker nicht", ["printer"]),
        ("Internet geht aber der Drucker spinnt", ["printer"]),
        ("Internet geht langsam", ["slow"]),
        ("Internet geht mir auf die Nerven", ["internet"]),
        ("the internet works", []),
        ("the internet stopped working", ["internet"]),
        ("Internet schon wieder", ["internet"]),
        ("Internet und der Drucker gehen wieder, danke", []),
        ("Internet und der Drucker gehen nicht", ["internet", "printer"]),
        ("the internet works fine and the printer is dead", ["printer"]),
        ("kein Problem mit dem Drucker", []),
        ("Problem mit dem Drucker", ["printer"]),
        ("es liegt nicht am Drucker", []),
        ("it is not the printer", []),
        ("PC langsam nicht, aber Drucker", ["printer"]),
    ],
)
def test_what_is_in_order_does_not_count(text: str, entries: list[str]) -> None:
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Drucker und Internet", ["printer", "internet"]),
        ("Internet und Drucker", ["internet", "printer"]),
        ("via the internet the printer stops", ["printer", "internet"]),
        ("seit dem neuen Drucker ist die Platte voll", ["disk", "printer"]),
    ],
)
def test_order_of_mention_with_circumstances_last(text: str, entries: list[str]) -> None:
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("#disk", ["disk"]),
        ("  DISK ", ["disk"]),
        ("#Disk Drucker auch", ["disk", "printer"]),
        ("#disk Platte voll", ["disk"]),
        ("#dsik Drucker", ["printer"]),
        ("disk Drucker", ["printer"]),
        ("#", []),
        ("", []),
    ],
)
def test_a_key_names_its_entry(text: str, entries: list[str]) -> None:
    assert found(text) == entries


@pytest.mark.parametrize(
    ("text", "good"),
    [("a/b c", True), ("e-mail/mail", True), ("set-top-box", True), ("log-in/login", False), ("/", False)],
)
def test_a_slash_has_one_word_on_each_side(text: str, good: bool) -> None:
    assert is_phrase(text) is good


@given(st.text(max_size=3000))
def test_no_text_is_too_odd(text: str) -> None:
    names = found(text)
    assert len(names) == len(set(names)) <= len(WORDS)
    assert names == found(text)


said = st.lists(
    st.one_of(
        st.sampled_from(
            sorted({w for phrases in WORDS.values() for p in phrases for w in p.replace("/", " ").split()})
        ),
        st.sampled_from(["geht", "ned", "kein", "aber", "problem", "mit", "dem", "ist", "seit"]),
        st.text("abelnrstäöüß", min_size=1, max_size=8),
    ),
    max_size=25,
)


@given(said, st.sampled_from([" ", ", ", "! ", " - ", "...\n", " „"]))
def test_spelling_does_not_matter(words: list[str], joint: str) -> None:
    plain = found(" ".join(words))
    written_out = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    assert found(joint.join(words)) == plain
    assert found(" ".join(words).upper()) == plain
    assert found(" ".join(words).translate(written_out)) == plain
    assert found(" ".join(words).replace("ü", "u\u0308")) == plain
