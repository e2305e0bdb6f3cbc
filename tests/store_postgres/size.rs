//! What a completed event takes on the disk of the server.

use sqlx::Row;

use crate::Setup;

const EVENTS: i64 = 10_000;

/// Each is claimed and completed in transactions of their own, as they are in life.
#[tokio::test]
async fn completed_event_takes_less_than_half_a_kilobyte() {
    let setup = Setup::new().await;
    let fill = format!(
        "DO $$ BEGIN FOR n IN 1..{EVENTS} LOOP \
           INSERT INTO webhook_claims (key, owner, fence, state, lease_until, expires_at, \
             fingerprint, attempts, seen) \
           VALUES (sha256(n::text::bytea), substr(sha256(n::text::bytea), 1, 16), \
             1767225600000000, 0, now(), now(), sha256(('body ' || n)::bytea), 1, 1); \
           COMMIT; \
           UPDATE webhook_claims SET state = 1, status = 200, expires_at = now() + interval '7 days' \
             WHERE key = sha256(n::text::bytea); \
           COMMIT; \
         END LOOP; END $$"
    );
    setup.sql(&format!("SET synchronous_commit = off; {fill}").replace("; DO", ";\nDO")).await;
    let size =
        "SELECT pg_total_relation_size('webhook_claims'), pg_relation_size('webhook_claims')";
    let size = sqlx::query(size).fetch_one(&setup.pool).await.unwrap();
    let (all, table): (i64, i64) = (size.get(0), size.get(1));
    eprintln!("{} bytes an event, {} of them in the table", all / EVENTS, table / EVENTS);
    assert!(all / EVENTS < 512, "{all} bytes");
}
