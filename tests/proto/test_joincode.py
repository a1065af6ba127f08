"""Join codes: a typing error is caught before it costs an attempt."""

import pytest
from hotline_proto.errors import JoinCodeError
from hotline_proto.joincode import LENGTH, JoinTarget, new_code, normalise_code, parse_target, spoken
from hypothesis import given
from hypothesis import strategies as st

codes = st.builds(new_code)


@given(codes)
def test_a_code_survives_being_read_out(code: str) -> None:
    assert len(code) == LENGTH == 12
    assert normalise_code(f"  {spoken(code)} ") == code
    assert normalise_code(code.replace("0", "0.")) == code


@given(codes, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_every_wrong_digit_is_caught(code: str, place: int, shift: int) -> None:
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    with pytest.raises(JoinCodeError, match="mistyped"):
        normalise_code(wrong)


def test_nearly_every_swap_of_neighbours_is_caught() -> None:
    swaps = caught = 0
    for _ in range(2000):
        code = new_code()
        for i in range(LENGTH - 1):
            if code[i] != code[i + 1]:
                swapped = code[:i] + code[i + 1] + code[i] + code[i + 2 :]
                swaps += 1
                try:
                    normalise_code(swapped)
                except JoinCodeError:
                    caught += 1
    assert caught / swaps > 0.97


@pytest.mark.parametrize("text", ["", "123", "12345678901a", "1234567890123", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_what_is_no_code_says_how_many_digits_it_has(text: str) -> None:
    with pytest.raises(JoinCodeError, match="12 digits"):
        normalise_code(text)


hosts = st.sampled_from(["help.example.org", "192.0.2.7", "2001:db8::1"])
addresses = st.lists(st.sampled_from(["192.0.2.1", "2001:db8::2"]), max_size=2, unique=True).map(tuple)


@given(codes, hosts, st.integers(1, 65535), st.sampled_from(["", "ab" * 32]), addresses)
def test_a_link_carries_everything(code: str, host: str, port: int, ca: str, ips: tuple[str, ...]) -> None:
    target = JoinTarget(code=code, host=host, port=port, ca_fingerprint=ca, addresses=ips)
    assert parse_target(target.link()) == target


@given(codes)
def test_code_at_host(code: str) -> None:
    assert parse_target(f"{spoken(code)}@help.example.org:99") == JoinTarget(code, "help.example.org", 99)
    assert parse_target(f"{code}@[2001:db8::1]").host == "2001:db8::1"
    assert parse_target(code) == JoinTarget(code)


@pytest.mark.parametrize("tail", ["@", "@host:port", "@host/path", "@user@host:99999"])
def test_a_bad_place_is_refused(tail: str) -> None:
    with pytest.raises(JoinCodeError):
        parse_target(new_code() + tail)


@pytest.mark.parametrize("link", ["hotline://", "hotline:///1", "hotline://h:x/1", "hotline://h/1?ca=zz"])
def test_a_damaged_link_is_refused(link: str) -> None:
    with pytest.raises(JoinCodeError):
        parse_target(link)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        assert len(parse_target(text).code) == LENGTH
    except JoinCodeError as error:
        assert str(error)
