import pytest
from hotline_collector.engine.cel.quantity import UNITS, QuantityError, parse_quantity, parse_window
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("150 ms", 0.15, "s"),
        ("1 GiB", 2**30, "By"),
        ("100 Mbit/s", 1e8, "bit/s"),
        ("90 %", 0.9, "1"),
        ("-70 dBm", -70.0, "dBm"),
        ("2d", 172800.0, "s"),
        ("3000 1/s", 3000.0, "1/s"),
    ],
)
def test_quantities_are_folded_to_base_units(text: str, value: float, unit: str) -> None:
    quantity = parse_quantity(text)
    assert quantity.value == pytest.approx(value)
    assert quantity.unit == unit


@pytest.mark.parametrize(
    "text", ["", "ms", "1", "1 parsec", "1e3 s", "one s", "1 s 2", "٣ s", "100", "1.5", "5.s"]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["1 GiB", "0s", "-5s"])
def test_a_window_is_a_positive_length_of_time(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_window(text)


@given(st.floats(0, 1e9), st.sampled_from(sorted(UNITS)))
def test_every_unit_scales_linearly(number: float, unit: str) -> None:
    text = f"{number:.6f} {unit}"
    assert parse_quantity(text).value == pytest.approx(round(number, 6) * UNITS[unit][1])


@given(st.text(max_size=30))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        assert parse_quantity(text).unit
    except QuantityError as error:
        assert text in str(error) or str(error)
