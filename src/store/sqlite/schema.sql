CREATE TABLE IF NOT EXISTS webhook_schema (
  name TEXT PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS webhook_claims (
  key BLOB PRIMARY KEY NOT NULL,
  owner BLOB NOT NULL,
  fence INTEGER NOT NULL,
  state INTEGER NOT NULL,
  leased_at INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  attempts INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  status INTEGER,
  response BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS webhook_claims_expires_at ON webhook_claims (expires_at);

INSERT INTO webhook_schema (name, version) VALUES ('webhook_claims', 1) ON CONFLICT (name) DO NOTHING;
