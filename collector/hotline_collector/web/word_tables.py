"""The words of all pages, put together; every page keeps its own beside it."""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang
from hotline_collector.web.account_words import ACCOUNT_WORDS
from hotline_collector.web.admin_words import ADMIN_WORDS
from hotline_collector.web.call_words import CALL_WORDS
from hotline_collector.web.cure_words import CURE_WORDS
from hotline_collector.web.device_words import DEVICE_WORDS
from hotline_collector.web.import_words import IMPORT_WORDS
from hotline_collector.web.lead_words import LEAD_WORDS
from hotline_collector.web.protection_words import PROTECTION_WORDS
from hotline_collector.web.question_words import QUESTION_WORDS
from hotline_collector.web.queue_words import QUEUE_WORDS
from hotline_collector.web.rules_words import RULES_WORDS
from hotline_collector.web.status_words import STATUS_WORDS
from hotline_collector.web.words import WORDS
from hotline_collector.web.wrap_up_words import WRAP_UP_WORDS

TABLES: tuple[Mapping[Lang, Mapping[str, str]], ...] = (
    WORDS,
    CALL_WORDS,
    STATUS_WORDS,
    ACCOUNT_WORDS,
    ADMIN_WORDS,
    LEAD_WORDS,
    RULES_WORDS,
    CURE_WORDS,
    QUEUE_WORDS,
    WRAP_UP_WORDS,
    PROTECTION_WORDS,
    DEVICE_WORDS,
    IMPORT_WORDS,
    QUESTION_WORDS,
)


@functools.cache
def words_of(lang: Lang) -> Mapping[str, str]:
    """Return every word of a language by its name."""
    return MappingProxyType(dict(ChainMap(*(dict(table[lang]) for table in TABLES))))
