"""Forms with files: what browsers send is read as they mean it, and everything else is none."""

from __future__ import annotations

import httpx
import pytest
from hotline_collector.web.multipart import MAX_PARTS, NotMultipart, parse_multipart
from hypothesis import given
from hypothesis import strategies as st

TYPE = "multipart/form-data; boundary=xyz"
ONE = b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'
FILE = ONE.replace(b'"a"', b'"a"; filename="f"')
END = b"\r\n--xyz--\r\n"
MANY = b"\r\n".join(ONE.replace(b'"a"', b'"%s"' % (b"a" * length)) for length in range(1, MAX_PARTS + 2))
names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=40)


@given(
    st.dictionaries(names, st.text(max_size=30), max_size=MAX_PARTS - 1),
    st.binary(max_size=300) | st.sampled_from([b"\r\n", b"\r\n--", b"--", b"\r\n\r\n", b"--xyz\r\n"]),
    st.text("abc.\u00e4 ;", min_size=1, max_size=10),
)
async def test_a_form_is_read_as_it_was_written(fields: dict[str, str], file: bytes, called: str) -> None:
    fields.pop("file", None)
    request = httpx.Request("POST", "http://x/", data=fields, files={"file": (called, file)})
    found = await parse_multipart(request.headers["content-type"], request.read())
    assert found == {name: value.encode() for name, value in fields.items()} | {"file": file}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (TYPE, b""),
        (TYPE, b"--xyz--\r\n"),
        (TYPE, b"before" + ONE + END),
        (TYPE, ONE + b"\r\n" + ONE + END),
        (TYPE, ONE.replace(b'; name="a"', b"") + END),
        (TYPE, ONE.replace(b"\r\n\r\n", b"\r\n" + b"x" * 20_000 + b"\r\n\r\n") + END),
        (TYPE, MANY + END),
        (TYPE, FILE.replace(b'"a"', b'"b"') + b"\r\n" + FILE + END),
        (TYPE, ONE + b"1" * 70_000 + END),
        ("multipart/form-data", ONE + END),
        ("multipart/form-data; boundary=", ONE + END),
        ("multipart/mixed; boundary=xyz", ONE + END),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("", ONE + END),
    ],
)
async def test_what_is_no_such_form(kind: str, body: bytes) -> None:
    with pytest.raises(NotMultipart):
        await parse_multipart(kind, body)


@pytest.mark.parametrize("cut", [len(ONE), len(ONE) + 5, len(ONE) - 1])
async def test_what_was_cut_off_is_left_out(cut: int) -> None:
    with pytest.raises(NotMultipart):
        await parse_multipart(TYPE, (ONE + END)[:cut])


@given(
    st.text(max_size=40) | st.just(TYPE), st.binary(max_size=200), st.sampled_from([b"", ONE + b"\r\n--xyz"])
)
async def test_nothing_else_can_happen(kind: str, noise: bytes, before: bytes) -> None:
    try:
        found = await parse_multipart(kind, before + noise)
    except NotMultipart:
        return
    assert 0 < len(found) <= MAX_PARTS


async def test_many_boundaries_take_no_time() -> None:
    with pytest.raises(NotMultipart):
        await parse_multipart(TYPE, b"--xyz\r\n" * 2_000_000)
