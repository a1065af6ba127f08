"""The two words: equal exactly when both sides believe in the same certificate authority."""

import os

from hotline_proto.words import NONCE_BYTES, commit, same_words, two_words

CA = "ab" * 32


def nonces() -> tuple[bytes, bytes]:
    return os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)


def test_both_sides_see_the_same_words() -> None:
    probe, collector = nonces()
    words = two_words(CA, probe, collector)
    assert words == two_words(CA.upper(), probe, collector)
    assert len(words.split()) == 2
    assert same_words(words, "  " + words.upper().replace(" ", "   ") + " ")


def test_another_certificate_gives_other_words_nearly_always() -> None:
    pairs = [nonces() for _ in range(400)]
    same = sum(two_words(CA, *pair) == two_words("cd" * 32, *pair) for pair in pairs)
    assert same <= 3, "expected one in 4096"


def test_the_words_are_spread_over_all_pairs() -> None:
    assert len({two_words(CA, *nonces()) for _ in range(500)}) > 430


def test_a_commitment_binds_its_nonce() -> None:
    first, second = nonces()
    assert commit(first) != commit(second)
    assert len(commit(first)) == 32
