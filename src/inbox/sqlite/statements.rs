//! The table in SQLite and what is done to it.

/// The table of an inbox in SQLite, for those who apply migrations themselves. It is idempotent.
///
/// Times are milliseconds since 1970. `next_at` is when a waiting event is due, and when the lease
/// of a running one ends; `set_at` is when that was set: if it lies in the future, the clock was set
/// back since, and the event is due. `begun` says whether the attempt of a running event is counted.
pub const SQLITE_SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS webhook_schema (
  name TEXT PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhook_inbox (
  key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
  endpoint TEXT NOT NULL,
  provider TEXT NOT NULL,
  principal TEXT NOT NULL,
  key_label TEXT NOT NULL,
  event_id TEXT,
  event_id_signed INTEGER NOT NULL,
  kind TEXT,
  kind_signed INTEGER NOT NULL,
  signed_at INTEGER,
  assurance TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  body BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'dead', 'done')),
  owner BLOB,
  fence INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  set_at INTEGER NOT NULL DEFAULT 0,
  begun INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL,
  attempts_forgiven INTEGER NOT NULL,
  last_error TEXT,
  done_at INTEGER,
  expires_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS webhook_inbox_due ON webhook_inbox (endpoint, next_at)
  WHERE state IN ('waiting', 'running');
CREATE INDEX IF NOT EXISTS webhook_inbox_set ON webhook_inbox (endpoint, set_at)
  WHERE state IN ('waiting', 'running');
CREATE INDEX IF NOT EXISTS webhook_inbox_dead ON webhook_inbox (endpoint, received_at)
  WHERE state = 'dead';
CREATE INDEX IF NOT EXISTS webhook_inbox_done ON webhook_inbox (endpoint, expires_at)
  WHERE state = 'done';
INSERT INTO webhook_schema (name, version) VALUES ('webhook_inbox', 1) ON CONFLICT (name) DO NOTHING;
";

/// What this code works with.
pub(super) const KNOWN_VERSION: i64 = 1;

pub(super) const VERSION: &str = "SELECT version FROM webhook_schema WHERE name = 'webhook_inbox'";

/// An expired row counts as none. No row comes back for an event that is known.
pub(super) const PUT: &str = "\
INSERT INTO webhook_inbox (key, endpoint, provider, principal, key_label, event_id, event_id_signed,
  kind, kind_signed, signed_at, assurance, fingerprint, body, received_at, next_at, set_at, state,
  fence, begun, attempts, attempts_forgiven)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?14, 'waiting', 0, 0, 0, 0)
ON CONFLICT (key) DO UPDATE SET
  provider = excluded.provider, principal = excluded.principal, key_label = excluded.key_label,
  event_id = excluded.event_id, event_id_signed = excluded.event_id_signed, kind = excluded.kind,
  kind_signed = excluded.kind_signed, signed_at = excluded.signed_at,
  assurance = excluded.assurance, fingerprint = excluded.fingerprint, body = excluded.body,
  received_at = excluded.received_at, state = 'waiting', owner = NULL, next_at = excluded.next_at,
  set_at = excluded.set_at, begun = 0, attempts = 0, attempts_forgiven = 0, last_error = NULL, done_at = NULL, expires_at = NULL
WHERE webhook_inbox.state = 'done' AND webhook_inbox.expires_at <= ?14
RETURNING 1";

/// The body that came first.
pub(super) const KNOWN: &str =
    "SELECT fingerprint = ?2 AS same_body FROM webhook_inbox WHERE key = ?1";

/// `?3` now, `?8` a fence, `?9` the owners whose runs live in this process, `?10` what is in the
/// future for certain.
///
/// An event whose last permitted run vanished becomes dead instead of being taken. The first of the
/// two selections are those that are due, the second those whose time was set by a clock that was set
/// back since.
pub(super) const TAKE: &str = "\
UPDATE webhook_inbox SET
  state = iif(attempts - attempts_forgiven >= ?6, 'dead', 'running'),
  owner = iif(attempts - attempts_forgiven >= ?6, NULL, ?2),
  last_error = iif(attempts - attempts_forgiven >= ?6 AND (state = 'running' OR last_error IS NULL),
    ?7, last_error),
  begun = 0,
  fence = max(fence + 1, ?8),
  next_at = ?4,
  set_at = ?3
WHERE key IN (
  SELECT key FROM (SELECT key FROM webhook_inbox
    WHERE endpoint = ?1 AND state IN ('waiting', 'running') AND next_at <= ?3
      AND (owner IS NULL OR instr(?9, owner) = 0)
    ORDER BY next_at LIMIT ?5)
  UNION
  SELECT key FROM (SELECT key FROM webhook_inbox
    WHERE endpoint = ?1 AND state IN ('waiting', 'running') AND set_at > ?10
      AND (owner IS NULL OR instr(?9, owner) = 0)
    ORDER BY set_at LIMIT ?5)
  LIMIT ?5)
RETURNING key, provider, principal, key_label, event_id, event_id_signed, kind, kind_signed,
  signed_at, assurance, fingerprint, body, state, fence, attempts, attempts_forgiven";

/// `?1` the owner, `?2` keys of 32 bytes each. Nothing changes when it is repeated.
pub(super) const BEGIN: &str = "\
WITH RECURSIVE wanted (at, key) AS (
  SELECT 1, substr(?2, 1, 32)
  UNION ALL SELECT at + 32, substr(?2, at + 32, 32) FROM wanted WHERE at + 32 < length(?2))
UPDATE webhook_inbox SET attempts = attempts + 1 - begun, begun = 1
WHERE key IN (SELECT key FROM wanted) AND owner = ?1 AND state = 'running'
RETURNING key";

/// Who waits has no owner; the states and the time are those of the index, so that it costs no
/// more with many events that are due or done.
pub(super) const GIVE_BACK: &str = "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, next_at = ?3, set_at = ?3,
  attempts = attempts - begun, begun = 0
WHERE endpoint = ?1 AND owner = ?2 AND state IN ('waiting', 'running') AND next_at > ?3";

/// Only a running or a done event has an owner; a done one stays as it is.
pub(super) const DONE: &str = "\
UPDATE webhook_inbox SET state = 'done', last_error = NULL, done_at = coalesce(done_at, ?3),
  expires_at = coalesce(expires_at, ?4)
WHERE key = ?1 AND owner = ?2";

pub(super) const IS_DONE: &str =
    "SELECT 1 FROM webhook_inbox WHERE key = ?1 AND owner = ?2 AND state = 'done'";

pub(super) const RETRY: &str = "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, next_at = ?3, last_error = ?4, set_at = ?5
WHERE key = ?1 AND owner = ?2 AND state = 'running'";

pub(super) const BURY: &str = "\
UPDATE webhook_inbox SET state = 'dead', owner = NULL, last_error = ?3
WHERE key = ?1 AND owner = ?2 AND state = 'running'";

pub(super) const SWEEP: &str = "\
DELETE FROM webhook_inbox WHERE key IN (SELECT key FROM webhook_inbox
  WHERE endpoint = ?1 AND state = 'done' AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)";

pub(super) const DEAD: &str = "\
SELECT key, provider, principal, event_id, kind, received_at, attempts, last_error
FROM webhook_inbox WHERE endpoint = ?1 AND state = 'dead' ORDER BY received_at LIMIT ?2";

pub(super) const REPLAY: &str = "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, next_at = ?2, set_at = ?2,
  attempts_forgiven = attempts, done_at = NULL, expires_at = NULL
WHERE key = ?1 AND (state <> 'running' OR ((next_at <= ?2 OR set_at > ?4) AND owner IS NOT ?3))";

pub(super) const FORGET: &str = "DELETE FROM webhook_inbox WHERE key = ?1";

pub(super) const COUNTS: &str =
    "SELECT state, count(*) AS events FROM webhook_inbox WHERE endpoint = ?1 GROUP BY state";
