"""A form with a file as browsers send it, multipart/form-data (RFC 7578), within bounds."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

MAX_PARTS = 8
_MAX_TEXT = 64 * 1024


class NotMultipart(ValueError):
    """It is no such form."""


async def parse_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the fields of a form by their names, files like all others; how a file is called is not read.

    Raises:
        NotMultipart: it is none, or has too many parts, two of one name, two files or too long a text.
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise NotMultipart("it is no form with parts")

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    headers = Headers({"content-type": content_type})
    parser = MultiPartParser(headers, whole(), max_files=1, max_fields=MAX_PARTS - 1, max_part_size=_MAX_TEXT)
    # What callers send is not written to the disk in the clear.
    parser.spool_max_size = len(body) + 1
    try:
        form = await parser.parse()
        parts = form.multi_items()
        fields = {name: await _bytes_of(value) for name, value in parts}
        await form.close()
    # Errors of python-multipart are ValueErrors.
    except (MultiPartException, ValueError) as error:
        raise NotMultipart(str(error)) from error
    if not parts or len(fields) != len(parts):
        raise NotMultipart("the form has no fields, or one twice")
    return fields


async def _bytes_of(value: UploadFile | str) -> bytes:
    return value.encode() if isinstance(value, str) else await value.read()
