"""How long and how many the things are that agents may enter; every face says so with these numbers."""

from __future__ import annotations

from hotline_proto.record import MAX_FILE

MAX_COMPLAINT = 2000
# Bytes of a record file that is imported; what it unpacks to is bounded by the format.
MAX_BUNDLE = MAX_FILE
MAX_NOTE = 4000
MAX_CAUSE = 200
MAX_REASON = 1000
MAX_REFERENCE = 100
MAX_ORIGIN = 100
MAX_CHECKS = 20
# A check's name is the key of its facts on the wire.
MAX_CHECK = 128
MAX_VALUE = 200
# What is entered at once.
MAX_FACTS = 50
MAX_AGE_S = 10 * 366 * 86_400.0
MAX_WHY = 500
MAX_ADDRESS = 255
MAX_FINGERPRINT = 64
