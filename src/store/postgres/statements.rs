//! The statements, one an operation.
//!
//! Each answers with one text that starts with the statement's name: whoever reads it then knows
//! that the server ran this statement and no other. The next word is how long ago its transaction
//! began, in µs: whoever reads it then knows whether it was one of its own.
//!
//! `statement_timestamp()` is one value for a whole statement, and stale only in the safe
//! direction when the statement had to wait for a lock. An expired record counts as absent.

/// A statement and the name its answer starts with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// The commit waits for the disk even where `synchronous_commit` is off, or a crash of the server
/// would undo what was answered. In force for this transaction alone; adds nothing to the answer.
macro_rules! durably {
    () => {
        "CASE current_setting('synchronous_commit') WHEN 'off' \
         THEN nullif(set_config('synchronous_commit', 'on', true), 'on') END"
    };
}

macro_rules! since_begin {
    () => {
        "(extract(epoch FROM statement_timestamp() - transaction_timestamp()) * 1000000)::bigint"
    };
}

pub(crate) use since_begin;

/// In a transaction of its own, as one text, it answers 0.
pub(super) const SINCE_BEGIN: &str = concat!("SELECT ", since_begin!());

/// `$1` key, `$2` token, `$3` lease and `$4` ttl in µs, `$5` fingerprint.
///
/// The update always writes, so that the row always comes back: an `ON CONFLICT DO NOTHING` with a
/// `SELECT` beside it finds no row at all when the other claim is newer than its snapshot.
pub(super) const CLAIM: Statement = Statement {
    name: "claim",
    sql: concat!(
        "\
INSERT INTO webhook_claims AS c
  (key, owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen)
VALUES ($1, $2, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint, 0,
  statement_timestamp() + $3::bigint * interval '1 microsecond',
  statement_timestamp() + $4::bigint * interval '1 microsecond', $5, 1, 1)
ON CONFLICT (key) DO UPDATE SET
  (owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen, status, response) = (
    SELECT CASE WHEN taken THEN EXCLUDED.owner ELSE c.owner END,
      CASE WHEN taken THEN greatest(c.fence + 1, EXCLUDED.fence) ELSE c.fence END,
      CASE WHEN taken THEN 0::smallint ELSE c.state END,
      CASE WHEN taken THEN EXCLUDED.lease_until ELSE c.lease_until END,
      CASE WHEN taken THEN EXCLUDED.expires_at ELSE c.expires_at END,
      CASE WHEN taken THEN EXCLUDED.fingerprint ELSE c.fingerprint END,
      CASE WHEN expired THEN 1 WHEN taken THEN least(c.attempts, 2147483646) + 1 ELSE c.attempts END,
      CASE WHEN expired THEN 1 ELSE least(c.seen, 2147483646) + 1 END,
      CASE WHEN taken THEN NULL ELSE c.status END,
      CASE WHEN taken THEN NULL ELSE c.response END
    FROM (SELECT expired,
        expired OR (c.state = 0 AND c.lease_until <= statement_timestamp()) AS taken
      FROM (SELECT c.expires_at <= statement_timestamp() AS expired) AS e) AS d)
RETURNING concat_ws(' ', 'claim', ",
        since_begin!(),
        ", c.state, (c.owner = $2)::integer, c.fence, c.attempts,
  coalesce(c.status::text, '-'), (c.fingerprint = $5)::integer,
  CASE c.state WHEN 0
    THEN greatest(0, (extract(epoch FROM c.lease_until - statement_timestamp()) * 1000000)::bigint)
    ELSE 0 END, ",
        durably!(),
        ")"
    ),
};

/// `$1` key, `$2` token, `$3` status, `$4` ttl in µs. A repeated one changes nothing.
pub(super) const COMPLETE: Statement = Statement {
    name: "complete",
    sql: concat!(
        "\
UPDATE webhook_claims SET state = 1,
  status = CASE state WHEN 0 THEN $3::smallint ELSE status END,
  expires_at = CASE state WHEN 0
    THEN statement_timestamp() + $4::bigint * interval '1 microsecond' ELSE expires_at END
WHERE key = $1 AND owner = $2 AND expires_at > statement_timestamp()
RETURNING concat_ws(' ', 'complete', ",
        since_begin!(),
        ", ",
        durably!(),
        ")"
    ),
};

/// `$1` key, `$2` token. The epoch is over for whatever clock.
pub(super) const RELEASE: Statement = Statement {
    name: "release",
    sql: concat!(
        "\
UPDATE webhook_claims SET lease_until = 'epoch'
WHERE key = $1 AND owner = $2 AND state = 0 AND expires_at > statement_timestamp()
RETURNING concat_ws(' ', 'release', ",
        since_begin!(),
        ")"
    ),
};

/// `$1` key, `$2` token, `$3` lease in µs.
pub(super) const RENEW: Statement = Statement {
    name: "renew",
    sql: concat!(
        "\
UPDATE webhook_claims SET
  lease_until = statement_timestamp() + $3::bigint * interval '1 microsecond',
  expires_at = greatest(expires_at, statement_timestamp() + $3::bigint * interval '1 microsecond')
WHERE key = $1 AND owner = $2 AND state = 0 AND expires_at > statement_timestamp()
RETURNING concat_ws(' ', 'renew', ",
        since_begin!(),
        ", ",
        durably!(),
        ")"
    ),
};

/// `$1` at most this many. Two that run at once take different records. `ARRAY` makes the inner
/// query run once, whatever the plan.
pub(super) const SWEEP: Statement = Statement {
    name: "sweep",
    sql: concat!(
        "\
WITH swept AS (
  DELETE FROM webhook_claims WHERE key = ANY (ARRAY(
    SELECT key FROM webhook_claims WHERE expires_at <= statement_timestamp()
    ORDER BY expires_at LIMIT $1::bigint FOR UPDATE SKIP LOCKED))
  RETURNING 1)
SELECT concat_ws(' ', 'sweep', ",
        since_begin!(),
        ", count(*)) FROM swept"
    ),
};

/// `$1` key.
pub(super) const FORGET: Statement = Statement {
    name: "forget",
    sql: concat!(
        "\
DELETE FROM webhook_claims WHERE key = $1
RETURNING concat_ws(' ', 'forget', ",
        since_begin!(),
        ", (expires_at > statement_timestamp())::integer)"
    ),
};
