"""What the catalogue says to people: in both languages, short, and German where German is promised."""

import re
from collections.abc import Iterator
from dataclasses import replace

from hotline_proto.catalogue import load_catalogue, load_wordless_catalogue
from hotline_proto.wording import NO_VALUES, NO_WORDS, Words

CATALOGUE = load_catalogue()
# As long as pages, the terminal and reports show; a kind also says what its key is.
FACT_LENGTH, KIND_LENGTH, VALUE_LENGTH = 160, 200, 60
ENGLISH = frozenset(
    "the of and or is are with for not that since its it by to from this has have does which been be on at "
    "if no than then they their there who whose how what when where".split()
)
# Values that are named and spelt alike in both languages.
PROPER_NAMES = frozenset(
    "apk apt dhclient dnf DSL Evolution firewalld IPv4 IPv6 launchd Linux macOS NAS NetworkManager OpenWrt "
    "pacman PPP procd softwareupdate systemd systemd-networkd TAP Thunderbird TUN ufw USB VPN Windows "
    "WireGuard zypper".split()
) | {"5 GHz", "6 GHz", "60 GHz", "macOS (ipconfigd)"}
# What colleagues on the phone have a German word for.
ANGLICISMS = re.compile(
    r"interface|resolver|nameserver|gateway|provider|access.?point|wi-?fi|filesystem|default|device|"
    r"storage|memory|printer|network|sensor label|check|collector|mount|carrier|link|hop|request|key",
    re.IGNORECASE,
)


def meanings() -> Iterator[tuple[str, Words]]:
    yield from ((fact.name, fact.meaning) for fact in CATALOGUE.facts.values())
    yield from ((f"entity {kind.name}", kind.meaning) for kind in CATALOGUE.entities.values())


def values() -> Iterator[tuple[str, Words]]:
    for fact in CATALOGUE.facts.values():
        yield from ((f"{fact.name} = {value}", words) for value, words in fact.words.items())


def told(words: Words) -> str:
    """Return the German without what it quotes: names of programs, headers and keywords of other systems."""
    return re.sub(r"\([^)]*\)|[\w-]+(?:, [\w-]+)*(?:; unter Windows auch .*)? …|exit-code.*", " ", words.de)


def test_every_meaning_is_a_short_fragment_in_both_languages() -> None:
    for name, words in meanings():
        for text in words:
            assert text == " ".join(text.split()), name
            assert len(text) <= (KIND_LENGTH if name.startswith("entity ") else FACT_LENGTH), name
            assert not text.endswith((".", ":", ";")), name
            assert not re.search(r"[\"<>|]", text), f"{name}: quotes are typographic, and tables have no bars"


def test_every_value_of_a_fact_has_short_words_of_its_own() -> None:
    for fact in CATALOGUE.facts.values():
        assert set(fact.words) == set(fact.values), fact.name
        for texts in zip(*fact.words.values(), strict=True):
            assert len(set(texts)) == len(texts), f"{fact.name}: two values are told by the same words"
    for name, words in values():
        for text in words:
            assert text == " ".join(text.split()) and 0 < len(text) <= VALUE_LENGTH, name
            assert not re.search(r"[\"<>|_]|\.$", text), name


def test_the_languages_differ() -> None:
    assert [name for name, words in meanings() if words.en == words.de] == []
    same = {words.en for _, words in values() if words.en == words.de}
    assert same - PROPER_NAMES == set(), "a new proper name is added to the list"


def test_german_is_german() -> None:
    for name, words in (*meanings(), *values()):
        if words.en in PROPER_NAMES:
            continue
        left = ENGLISH & set(re.findall(r"[a-z]+", told(words).lower()))
        assert not left, f"{name}: {left}"
        assert not ANGLICISMS.search(told(words)), name


def test_english_is_english() -> None:
    for name, words in (*meanings(), *values()):
        assert not re.search(r"[äöüßÄÖÜ„“]", words.en), name


def test_things_with_one_name_mean_different_things() -> None:
    """Two facts of one thing, or of the machine, are never told by the same words."""
    seen: dict[tuple[str, str, str], str] = {}
    for fact in CATALOGUE.facts.values():
        for text in fact.meaning:
            other = seen.setdefault((fact.source, fact.entity, text), fact.name)
            assert other == fact.name, f"{other} and {fact.name} are both {text!r}"


def test_the_callers_machine_holds_no_words_that_only_an_agent_reads() -> None:
    lean = load_wordless_catalogue()
    assert {fact.meaning for fact in lean.facts.values()} == {NO_WORDS}
    assert lean.digest == CATALOGUE.digest and lean.sources == CATALOGUE.sources
    assert lean.facts == {
        name: replace(fact, meaning=NO_WORDS, words=NO_VALUES) for name, fact in CATALOGUE.facts.items()
    }
    assert lean.actions == CATALOGUE.actions


def test_a_meaning_stands_alone() -> None:
    """Evidence shows one fact without those beside it in the catalogue."""
    for fact in CATALOGUE.facts.values():
        assert not re.match(r"(its|their|the same|those|it) ", fact.meaning.en), fact.name
        assert not re.match(r"(sein|ihr)e?[rns]? |dasselbe |es (?!gibt)", fact.meaning.de), fact.name
