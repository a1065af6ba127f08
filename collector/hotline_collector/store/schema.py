"""The tables of the store; columns of a row type have the names of its fields.

Times are microseconds since the epoch in collector time, 0 means not yet. Ids are UUIDv7 as text.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)
# SQLite grows a 64-bit row number only under the type INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

calls = Table(
    "calls",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("complaint", Text, nullable=False),
    Column("customer_reference", Text, nullable=False),
    Column("first_check", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("opened", BigInteger, nullable=False, index=True),
    Column("pack_digest", String(64), nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("words_confirmed", Boolean, nullable=False),
    Column("checks", JSON, nullable=False),
    Column("waited_from", BigInteger, nullable=False, server_default="0"),
    Column("queued", BigInteger, nullable=False, server_default="0"),
    Column("picked", BigInteger, nullable=False, server_default="0"),
    Column("wait_us", BigInteger, nullable=False, server_default="0"),
    Column("wait_paid_us", BigInteger, nullable=False, server_default="0"),
    Column("for_agent", Text, nullable=False, server_default=""),
    Column("back_number", Text, nullable=False, server_default=""),
    Column("back_asked", BigInteger, nullable=False, server_default="0"),
    Column("back_called", BigInteger, nullable=False, server_default="0"),
    Column("wait_digest", String(64), nullable=False, server_default=""),
)


def _of_call() -> Column[str]:
    return Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False, index=True)


sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_call(),
    Column("target", Integer, nullable=False),
    Column("token_digest", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("collector_nonce", LargeBinary, nullable=False),
    Column("platform", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("joined", BigInteger, nullable=False),
    Column("probe_nonce", LargeBinary, nullable=False),
    Column("consent", JSON, nullable=False),
    Column("ended", BigInteger, nullable=False),
)

fixes = Table(
    "fixes",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_call(),
    Column("finding_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("index", Integer, nullable=False),
    Column("target", Integer, nullable=False),
    Column("entity", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed", BigInteger, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("said", JSON, nullable=False, server_default="{}"),
    Column("detail", Text, nullable=False),
    Column("undoable", Boolean, nullable=False),
    Column("undo_asked", Boolean, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("verify_until", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_call(),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("id", String(64), primary_key=True),
    _of_call(),
    Column("rule", Text, nullable=False),
    Column("target", Integer, nullable=False),
    Column("entity_kind", Text, nullable=False),
    Column("entity_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("onset", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("pack_digest", String(64), nullable=False),
    Column("pack_version", Text, nullable=False),
)

disagreements = Table(
    "disagreements",
    metadata,
    Column("id", String(64), primary_key=True),
    _of_call(),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("in_pack", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Text, primary_key=True),
    _of_call(),
    Column("rule", Text, nullable=False),
    Column("pack_digest", String(64), nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("main", Boolean, nullable=False),
    Column("contact", String(64), nullable=False, index=True),
)

wrap_ups = Table(
    "wrap_ups",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_call(),
    Column("ticket", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("contact", String(64), nullable=False, index=True),
    Column("cause", JSON, nullable=False),
    Column("tried", JSON, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_call(),
    Column("event", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("settled", BigInteger, nullable=False),
)

# What stays of verdicts when their calls are gone: numbers, and nothing that leads back to a call.
verdict_days = Table(
    "verdict_days",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("day", String(10), primary_key=True, index=True),
    Column("pack_digest", String(64), primary_key=True),
    Column("verdict", String(16), primary_key=True),
    Column("pack_version", Text, nullable=False),
    Column("calls", Integer, nullable=False),
)

call_figures = Table(
    "call_figures",
    metadata,
    Column("id", ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("main", Text, nullable=False),
    Column("handled", BigInteger, nullable=False),
    Column("waited", BigInteger, nullable=False),
    Column("waited_paid", BigInteger, nullable=False),
    Column("to_cause", BigInteger, nullable=False),
    Column("proven", Integer, nullable=False),
    Column("refuted", Integer, nullable=False),
    Column("unproven", Integer, nullable=False),
    Column("resolution", String(16), nullable=False),
    Column("contact", String(64), nullable=False, index=True),
)

# What stays of them when their calls are gone: numbers, and nothing that leads back to a call.
figure_days = Table(
    "figure_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("figure", String(16), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("calls", Integer, nullable=False),
)

# One row per call and commit. Without a foreign key: the first entries of a call are written by the
# journal's own connection, perhaps before the row of the call.
journal = Table(
    "journal",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=False),
    # 63 bits of the call's id: half the cost of an index over the id itself, at every commit.
    Column("call_key", BigInteger, nullable=False, index=True),
    Column("call_id", String(36), nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)

packs = Table(
    "packs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("stored", BigInteger, nullable=False),
    Column("archive", LargeBinary, nullable=False),
)

join_codes = Table(
    "join_codes",
    metadata,
    Column("mac", LargeBinary, primary_key=True),
    _of_call(),
    Column("expires", BigInteger, nullable=False),
    Column("target", Integer, nullable=False, server_default="1"),
)

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("language", String(8), nullable=False, server_default=""),
    Column("appearance", String(8), nullable=False, server_default=""),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

agent_tokens = Table(
    "agent_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user", ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("name", String(64), nullable=False, server_default=""),
)

# Kept as HMAC, like join codes; `seen` is when the browser last asked for anything.
browser_sessions = Table(
    "browser_sessions",
    metadata,
    Column("mac", LargeBinary, primary_key=True),
    Column("user", ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("device", String(64), nullable=False, server_default=""),
)

# Links that work once, kept as HMAC; the one for the first account belongs to nobody yet.
one_time_links = Table(
    "one_time_links",
    metadata,
    Column("mac", LargeBinary, primary_key=True),
    Column("user", String(64), nullable=False),
    Column("expires", BigInteger, nullable=False),
)

# What agents said about known outages, by the rule of the cause.
outage_marks = Table(
    "outage_marks",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("ends", BigInteger, nullable=False),
)

# `detail` and `salt` may be erased; the chain is over their digest. Triggers refuse all other changes.
audit = Table(
    "audit",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("detail_digest", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("detail", Text),
)
