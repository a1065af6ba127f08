"""The caller's own copy of everything that was sent."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TextIO

from google.protobuf.message import Message
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.errors import ProbeError


class Transcript:
    """Writes each message as one JSON line before it leaves; without a file it keeps nothing."""

    def __init__(self, path: Path | None = None, broken: str = "transcript: {detail}") -> None:
        """Open the file; `broken` is the sentence for a file that cannot be written any more.

        Raises:
            OSError: it cannot be written.
        """
        self._broken = broken
        self._file: TextIO | None = path.open("w", encoding="utf-8") if path else None

    def joining(self, request: pb.JoinRequest) -> None:
        """Keep a join request; raises like `sending`."""
        self._write("join", request)

    def sending(self, frame: bytes) -> None:
        """Keep a frame of the session.

        Raises:
            ProbeError: the file cannot be written any more, so the frame must not leave.
        """
        if self._file is not None:
            self._write("frame", pb.ProbeFrame.FromString(frame))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # what could not be written has been said already
                self._file.close()

    def _write(self, kind: str, message: Message) -> None:
        if self._file is None:
            return
        # Few callers keep a transcript; the others need not give memory for it.
        from google.protobuf.json_format import MessageToDict  # noqa: PLC0415

        content = MessageToDict(message, preserving_proto_field_name=True)
        try:
            self._file.write(json.dumps({kind: content}, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise ProbeError(self._broken.format(detail=error.strerror)) from error
