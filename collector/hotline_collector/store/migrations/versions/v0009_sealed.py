"""Details of the audit trail may be sealed with the key of their call.

The rows themselves are sealed at the start of the program, because a migration knows no keys.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

# A sealed detail begins like this (store/sealing.py); what is sealed can only be erased.
_TRIGGER = """
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
WHEN NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor
  OR NEW.action IS NOT OLD.action OR NEW.call_id IS NOT OLD.call_id
  OR NEW.detail_digest IS NOT OLD.detail_digest OR NEW.hash IS NOT OLD.hash
  OR NEW.salt IS NOT NULL
  OR (NEW.detail IS NOT NULL AND (
    OLD.detail IS NULL
    OR substr(OLD.detail, 1, 4) IS char(30) || 's1:'
    OR substr(NEW.detail, 1, 4) IS NOT char(30) || 's1:'
    OR NEW.call_id IS ''
  ))
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""


def upgrade() -> None:
    """Let details be sealed once, and erased, and nothing else."""
    op.execute("DROP TRIGGER audit_stays")
    op.execute(_TRIGGER)
