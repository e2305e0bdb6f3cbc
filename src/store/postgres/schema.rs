//! The table, and how it comes to be.

use super::run::Runner;
use super::statements::{claim_function, complete_function, since_begin, words};
use crate::store::StoreError;

/// See `PostgresStore::MIGRATION`. One command, so one transaction, however it is sent.
///
/// Fixed-size columns stand first, which saves 16 bytes of padding a record. A completion leaves
/// its claim behind in the page: a fuller page is cleaned in passing when the next record comes, one
/// with a reserve of a fifth is not (34 MB for 100,000 records against 55 MB). `response` is kept for
/// stored answers. Two replicas that start at once wait for each other: `IF NOT EXISTS` alone
/// fails when both find nothing. The inbox begins and ends its own in the same way; each is a text
/// that users apply by itself.
pub(super) const MIGRATION: &str = concat!(
    "\
DO $migration$
DECLARE
  known CONSTANT integer := 1;
  applied integer;
BEGIN
  PERFORM pg_advisory_xact_lock(8387794179011867241);
  IF to_regclass('webhook_schema') IS NULL THEN
    CREATE TABLE webhook_schema (name text PRIMARY KEY, version integer NOT NULL);
  END IF;
  SELECT version INTO applied FROM webhook_schema WHERE name = 'webhook_claims';
  IF applied > known THEN
    RAISE EXCEPTION 'the table webhook_claims has schema version %, which is newer than version % \
of this tower-webhooks: upgrade it first', applied, known;
  END IF;
  IF to_regclass('webhook_claims') IS NULL THEN
    CREATE TABLE webhook_claims (
      fence bigint NOT NULL,
      lease_until timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      attempts integer NOT NULL,
      seen integer NOT NULL,
      state smallint NOT NULL,
      status smallint,
      key bytea PRIMARY KEY,
      owner bytea NOT NULL,
      fingerprint bytea NOT NULL,
      response bytea
    ) WITH (fillfactor = 95);
    CREATE INDEX webhook_claims_expires_at ON webhook_claims (expires_at);
  END IF;
  IF applied IS NULL THEN
    INSERT INTO webhook_schema (name, version) VALUES ('webhook_claims', known);
  END IF;
  IF to_regprocedure('webhook_claim_1(bytea, bytea, bigint, bigint, bytea)') IS NULL THEN
",
    claim_function!(),
    "\
  END IF;
  IF to_regprocedure('webhook_complete_1(bytea, bytea, integer, bigint)') IS NULL THEN
",
    complete_function!(),
    "\
  END IF;
  IF current_setting('fsync') = 'off' THEN
    RAISE WARNING 'fsync is off: a crash of the machine may lose or corrupt webhook_claims';
  END IF;
  IF (SELECT relpersistence <> 'p' FROM pg_class WHERE oid = to_regclass('webhook_claims')) THEN
    RAISE WARNING 'the table webhook_claims is not logged: a crash of the server empties it';
  END IF;
END
$migration$;
"
);

pub(super) async fn migrate(runner: &Runner) -> Result<(), StoreError> {
    apply(runner, MIGRATION).await
}

pub(super) async fn apply(runner: &Runner, schema: &str) -> Result<(), StoreError> {
    // At a higher level the transaction could not see what it has waited for.
    runner.apply(format!("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; {schema}")).await
}
