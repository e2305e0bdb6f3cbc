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

/// `$1` key, `$2` token, `$3` lease and `$4` ttl in µs, `$5` fingerprint: a call of
/// [`claim_function`].
pub(super) const CLAIM: Statement =
    Statement { name: "claim", sql: "SELECT webhook_claim_1($1, $2, $3, $4, $5)" };

/// `$1` key, `$2` token, `$3` status, `$4` ttl in µs. A repeated one changes nothing. A call of
/// [`complete_function`].
pub(super) const COMPLETE: Statement =
    Statement { name: "complete", sql: "SELECT webhook_complete_1($1, $2, $3::integer, $4)" };

/// The two operations that every event needs are functions, which the migration makes: the server
/// keeps the plans of what stands in them for each of its connections, also for texts and behind
/// proxies. A later release that needs others gives them other names.
///
/// A claim looks before it writes: an `INSERT` would wait for whoever holds the record that is in its
/// way. That decides nothing: the `INSERT` or the `UPDATE` does, each by itself. The `UPDATE` waits for
/// the record's lock, as an earlier claim of the same event may just be committed; but a delivery of what is being run, or was
/// completed, waits no longer than the others of its kind take: a handler's transaction that has
/// completed the event holds the lock until it commits, and deliveries that wait for it would use up
/// the pool. What can be taken over waits for how that transaction ends. A shorter `lock_timeout` of
/// the connection is an error, as everywhere.
macro_rules! claim_function {
    () => {
        concat!(
            "\
    CREATE FUNCTION webhook_claim_1(bytea, bytea, bigint, bigint, bytea) RETURNS text
    LANGUAGE plpgsql AS $function$
    DECLARE
      now CONSTANT timestamptz := statement_timestamp();
      is_bounded boolean;
      as_it_was text;
      answer text;
    BEGIN
      IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      -- Once more if the record came or went between two of these statements.
      FOR attempt IN 1..4 LOOP
        INSERT INTO webhook_claims AS c
          (key, owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen)
        SELECT $1::bytea, $2::bytea,
          (extract(epoch FROM statement_timestamp()) * 1000000)::bigint, 0,
          statement_timestamp() + $3::bigint * interval '1 microsecond',
          statement_timestamp() + $4::bigint * interval '1 microsecond', $5::bytea, 1, 1
        WHERE NOT EXISTS (SELECT FROM webhook_claims WHERE key = $1)
        ON CONFLICT (key) DO NOTHING
        RETURNING ",
            words!(),
            " INTO answer;
        EXIT WHEN FOUND;
        SELECT ",
            words!(),
            ",
          c.owner <> $2 AND c.expires_at > now AND (c.state <> 0 OR c.lease_until > now)
        INTO as_it_was, is_bounded
        FROM webhook_claims AS c WHERE key = $1;
        CONTINUE WHEN NOT FOUND;
        BEGIN
          is_bounded := is_bounded AND current_setting('lock_timeout') !~ '^[0-9]{1,2}ms$';
          IF is_bounded THEN
            PERFORM set_config('lock_timeout', '200ms', true);
          END IF;
          UPDATE webhook_claims AS c SET
            (owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen, status,
              response) = (
              SELECT CASE WHEN taken THEN $2 ELSE c.owner END,
                CASE WHEN taken THEN greatest(c.fence + 1, extract(epoch FROM now) * 1000000)::bigint ELSE c.fence END,
                CASE WHEN taken THEN 0::smallint ELSE c.state END,
                CASE WHEN taken THEN now + $3 * interval '1 microsecond' ELSE c.lease_until END,
                CASE WHEN taken THEN now + $4 * interval '1 microsecond' ELSE c.expires_at END,
                CASE WHEN taken THEN $5 ELSE c.fingerprint END,
                CASE WHEN expired THEN 1 WHEN taken THEN least(c.attempts, 2147483646) + 1
                  ELSE c.attempts END,
                CASE WHEN expired THEN 1 ELSE least(c.seen, 2147483646) + 1 END,
                CASE WHEN taken THEN NULL ELSE c.status END,
                CASE WHEN taken THEN NULL ELSE c.response END
              FROM (SELECT expired, expired OR (c.state = 0 AND c.lease_until <= now) AS taken
                FROM (SELECT c.expires_at <= now AS expired) AS e) AS d)
          WHERE key = $1
          RETURNING ",
            words!(),
            " INTO answer;
          EXIT WHEN FOUND;
        EXCEPTION WHEN lock_not_available THEN
          IF NOT is_bounded THEN
            RAISE;
          END IF;
          RETURN as_it_was;
        END;
      END LOOP;
      RETURN answer;
    END
    $function$;
"
        )
    };
}

/// What a claim answers of a record, in the function.
macro_rules! words {
    () => {
        concat!(
            "concat_ws(' ', 'claim', ",
            since_begin!(),
            ", c.state, (c.owner = $2)::integer, c.fence, c.attempts, coalesce(c.status::text, '-'),
        (c.fingerprint = $5)::integer,
        CASE c.state WHEN 0
          THEN greatest(0, (extract(epoch FROM c.lease_until - now) * 1000000)::bigint) ELSE 0 END)"
        )
    };
}

/// See [`claim_function`].
macro_rules! complete_function {
    () => {
        concat!(
            "\
    CREATE FUNCTION webhook_complete_1(bytea, bytea, integer, bigint) RETURNS text
    LANGUAGE plpgsql AS $function$
    BEGIN
      IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      UPDATE webhook_claims SET state = 1,
        status = CASE state WHEN 0 THEN $3::smallint ELSE status END,
        expires_at = CASE state WHEN 0
          THEN statement_timestamp() + $4 * interval '1 microsecond' ELSE expires_at END
      WHERE key = $1 AND owner = $2 AND expires_at > statement_timestamp();
      RETURN concat_ws(' ', 'complete', ",
            since_begin!(),
            ", FOUND::integer);
    END
    $function$;
"
        )
    };
}

pub(super) use {claim_function, complete_function, words};

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
