//! The table in PostgreSQL and what is done to it.
//!
//! Each answers with rows whose first column is the statement's name and how long ago, in µs, its
//! transaction began: whoever reads them then knows that it was one of its own, and
//! that the server ran this statement and no other.
//!
//! `statement_timestamp()` is one value for a whole statement, and stale only in the safe direction
//! when the statement had to wait for a lock.

use crate::store::postgres::{Statement, since_begin};

/// The table of an inbox in PostgreSQL, 9.5 or newer, for those who apply migrations themselves: one
/// idempotent command.
///
/// `next_at` is when a waiting event is due, and when the lease of a running one ends. `signed_at` is
/// in milliseconds since 1970, as the sender may have signed what is no date. `begun` says whether the
/// attempt of a running event is counted.
pub const POSTGRES_SCHEMA: &str = "\
DO $schema$
DECLARE
  known CONSTANT integer := 1;
  applied integer;
BEGIN
  PERFORM pg_advisory_xact_lock(8387794179011867241);
  IF to_regclass('webhook_schema') IS NULL THEN
    CREATE TABLE webhook_schema (name text PRIMARY KEY, version integer NOT NULL);
  END IF;
  SELECT version INTO applied FROM webhook_schema WHERE name = 'webhook_inbox';
  IF applied > known THEN
    RAISE EXCEPTION 'the table webhook_inbox has schema version %, which is newer than version % \
of this tower-webhooks: upgrade it first', applied, known;
  END IF;
  IF to_regclass('webhook_inbox') IS NULL THEN
    CREATE TABLE webhook_inbox (
      key bytea PRIMARY KEY CHECK (length(key) = 32),
      endpoint text NOT NULL,
      provider text NOT NULL,
      principal text NOT NULL,
      key_label text NOT NULL,
      event_id text,
      event_id_signed boolean NOT NULL,
      kind text,
      kind_signed boolean NOT NULL,
      signed_at bigint,
      assurance text NOT NULL,
      fingerprint bytea NOT NULL,
      body bytea NOT NULL,
      received_at timestamptz NOT NULL,
      state text NOT NULL CHECK (state IN ('waiting', 'running', 'dead', 'done')),
      owner bytea,
      fence bigint NOT NULL,
      next_at timestamptz NOT NULL,
      begun boolean NOT NULL DEFAULT false,
      attempts bigint NOT NULL,
      attempts_forgiven bigint NOT NULL,
      last_error text,
      done_at timestamptz,
      expires_at timestamptz
    ) WITH (fillfactor = 80);
    CREATE INDEX webhook_inbox_due ON webhook_inbox (endpoint, next_at)
      WHERE state IN ('waiting', 'running');
    CREATE INDEX webhook_inbox_dead ON webhook_inbox (endpoint, received_at) WHERE state = 'dead';
    CREATE INDEX webhook_inbox_done ON webhook_inbox (endpoint, expires_at) WHERE state = 'done';
  END IF;
  IF applied IS NULL THEN
    INSERT INTO webhook_schema (name, version) VALUES ('webhook_inbox', known);
  END IF;
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE WARNING 'the encoding of this database is %, which cannot hold every event: webhook_inbox \
asks for a database that is created with ENCODING UTF8', current_setting('server_encoding');
  END IF;
END
$schema$;
";

/// The commit waits for the disk even where `synchronous_commit` is off, or a crash of the server
/// would undo what was acknowledged, or lease what is being run to somebody else. In force for this
/// transaction alone.
macro_rules! durably {
    () => {
        "CASE current_setting('synchronous_commit') WHEN 'off' \
         THEN set_config('synchronous_commit', 'on', true) END AS synchronous"
    };
}

/// An expired row counts as none. No row comes back for an event that is known: the insertion waits
/// for one that is under way, and leaves what is committed alone.
pub(super) const PUT: Statement = Statement {
    name: "put",
    sql: concat!(
        "\
INSERT INTO webhook_inbox AS i (key, endpoint, provider, principal, key_label, event_id,
  event_id_signed, kind, kind_signed, signed_at, assurance, fingerprint, body, received_at, next_at,
  state, fence, begun, attempts, attempts_forgiven)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, statement_timestamp(),
  statement_timestamp(), 'waiting', 0, false, 0, 0)
ON CONFLICT (key) DO UPDATE SET
  provider = excluded.provider, principal = excluded.principal, key_label = excluded.key_label,
  event_id = excluded.event_id, event_id_signed = excluded.event_id_signed, kind = excluded.kind,
  kind_signed = excluded.kind_signed, signed_at = excluded.signed_at,
  assurance = excluded.assurance, fingerprint = excluded.fingerprint, body = excluded.body,
  received_at = excluded.received_at, state = 'waiting', owner = NULL, next_at = excluded.next_at,
  begun = false, attempts = 0, attempts_forgiven = 0, last_error = NULL, done_at = NULL,
  expires_at = NULL
WHERE i.state = 'done' AND i.expires_at <= statement_timestamp()
RETURNING concat_ws(' ', 'put', ",
        since_begin!(),
        "), ",
        durably!()
    ),
};

/// The body that came first. Asked after the insertion, so that it sees what that one waited for.
pub(super) const KNOWN: Statement = Statement {
    name: "known",
    sql: concat!(
        "SELECT concat_ws(' ', 'known', ",
        since_begin!(),
        "), fingerprint = $2 AS same_body FROM webhook_inbox WHERE key = $1"
    ),
};

/// `$7` is a lower bound in ms: events that came due longer ago than this are left out, or a snapshot
/// that somebody holds makes each call pass by all that were handled since. An event whose last
/// permitted run vanished becomes dead instead of being taken. `ARRAY` has the rows chosen once: a
/// plan may run a plain subquery again, and lock more than `LIMIT` says.
pub(super) const TAKE: Statement = Statement {
    name: "take",
    sql: concat!(
        "\
UPDATE webhook_inbox AS i SET
  state = CASE WHEN i.attempts - i.attempts_forgiven >= $5 THEN 'dead' ELSE 'running' END,
  owner = CASE WHEN i.attempts - i.attempts_forgiven >= $5 THEN NULL ELSE $2 END,
  last_error = CASE WHEN i.attempts - i.attempts_forgiven >= $5
    AND (i.state = 'running' OR i.last_error IS NULL) THEN $6 ELSE i.last_error END,
  begun = false,
  fence = greatest(i.fence + 1, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint),
  next_at = statement_timestamp() + $3 * interval '1 millisecond'
WHERE i.key = ANY (ARRAY(SELECT key FROM webhook_inbox
  WHERE endpoint = $1 AND state IN ('waiting', 'running') AND next_at <= statement_timestamp()
    AND next_at >= statement_timestamp() - $7 * interval '1 millisecond'
  ORDER BY next_at LIMIT $4 FOR UPDATE SKIP LOCKED))
RETURNING concat_ws(' ', 'take', ",
        since_begin!(),
        "), key, provider, principal, key_label, event_id, event_id_signed, kind, kind_signed,
  signed_at, assurance, fingerprint, body, state, fence, attempts, attempts_forgiven, ",
        durably!()
    ),
};

/// `$1` the owner, `$2` keys of 32 bytes each. Nothing changes when it is repeated.
pub(super) const BEGIN: Statement = Statement {
    name: "begin",
    sql: concat!(
        "\
UPDATE webhook_inbox SET attempts = attempts + CASE WHEN begun THEN 0 ELSE 1 END, begun = true
WHERE key = ANY (ARRAY(SELECT substring($2 FROM at FOR 32)
    FROM generate_series(1, length($2), 32) AS at))
  AND owner = $1 AND state = 'running'
RETURNING concat_ws(' ', 'begin', ",
        since_begin!(),
        "), key, ",
        durably!()
    ),
};

/// Without those that are due, which may be many: a lease that has ended needs no giving back.
pub(super) const GIVE_BACK: Statement = Statement {
    name: "give-back",
    sql: concat!(
        "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, next_at = statement_timestamp(),
  attempts = attempts - CASE WHEN begun THEN 1 ELSE 0 END, begun = false
WHERE endpoint = $1 AND owner = $2 AND state = 'running' AND next_at > statement_timestamp()
RETURNING concat_ws(' ', 'give-back', ",
        since_begin!(),
        ")"
    ),
};

/// Only a running or a done event has an owner; a done one stays as it is.
pub(super) const DONE: Statement = Statement {
    name: "done",
    sql: concat!(
        "\
UPDATE webhook_inbox SET state = 'done', last_error = NULL,
  done_at = coalesce(done_at, statement_timestamp()),
  expires_at = coalesce(expires_at, statement_timestamp() + $3 * interval '1 millisecond')
WHERE key = $1 AND owner = $2
RETURNING concat_ws(' ', 'done', ",
        since_begin!(),
        "), ",
        durably!()
    ),
};

pub(super) const IS_DONE: Statement = Statement {
    name: "is-done",
    sql: concat!(
        "SELECT concat_ws(' ', 'is-done', ",
        since_begin!(),
        ") FROM webhook_inbox WHERE key = $1 AND owner = $2 AND state = 'done'"
    ),
};

pub(super) const RETRY: Statement = Statement {
    name: "retry",
    sql: concat!(
        "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, last_error = $4,
  next_at = statement_timestamp() + $3 * interval '1 millisecond'
WHERE key = $1 AND owner = $2 AND state = 'running'
RETURNING concat_ws(' ', 'retry', ",
        since_begin!(),
        ")"
    ),
};

pub(super) const BURY: Statement = Statement {
    name: "bury",
    sql: concat!(
        "\
UPDATE webhook_inbox SET state = 'dead', owner = NULL, last_error = $3
WHERE key = $1 AND owner = $2 AND state = 'running'
RETURNING concat_ws(' ', 'bury', ",
        since_begin!(),
        ")"
    ),
};

pub(super) const SWEEP: Statement = Statement {
    name: "sweep",
    sql: concat!(
        "\
DELETE FROM webhook_inbox WHERE key = ANY (ARRAY(SELECT key FROM webhook_inbox
  WHERE endpoint = $1 AND state = 'done' AND expires_at <= statement_timestamp()
  ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING concat_ws(' ', 'sweep', ",
        since_begin!(),
        ")"
    ),
};

pub(super) const DEAD: Statement = Statement {
    name: "dead",
    sql: concat!(
        "\
SELECT concat_ws(' ', 'dead', ",
        since_begin!(),
        "), key, provider, principal, event_id, kind,
  (extract(epoch FROM received_at) * 1000)::bigint AS received_at, attempts, last_error
FROM webhook_inbox WHERE endpoint = $1 AND state = 'dead' ORDER BY received_at LIMIT $2"
    ),
};

pub(super) const REPLAY: Statement = Statement {
    name: "replay",
    sql: concat!(
        "\
UPDATE webhook_inbox SET state = 'waiting', owner = NULL, next_at = statement_timestamp(),
  attempts_forgiven = attempts, done_at = NULL, expires_at = NULL
WHERE key = $1 AND (state <> 'running' OR next_at <= statement_timestamp())
RETURNING concat_ws(' ', 'replay', ",
        since_begin!(),
        ")"
    ),
};

pub(super) const FORGET: Statement = Statement {
    name: "forget",
    sql: concat!(
        "DELETE FROM webhook_inbox WHERE key = $1
RETURNING concat_ws(' ', 'forget', ",
        since_begin!(),
        ")"
    ),
};

pub(super) const COUNTS: Statement = Statement {
    name: "counts",
    sql: concat!(
        "SELECT concat_ws(' ', 'counts', ",
        since_begin!(),
        "), state, count(*) AS events FROM webhook_inbox WHERE endpoint = $1 GROUP BY state"
    ),
};
