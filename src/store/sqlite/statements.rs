//! The statements: one for each operation, atomic by itself.
//!
//! Times are milliseconds since 1970. `state` is 0 in flight, 1 completed.

/// `?1` key, `?2` token, `?3` µs for the fence, `?4` end of the lease, `?5` end of the record,
/// `?6` fingerprint, `?7` now, `?8` who runs this event in this process, `?9` what is in the future
/// for certain.
///
/// It always writes, so the row always comes back. A record is `free` for the taking when its
/// lease is over, and `gone` when it has expired: then only its fence is left. A lease is also over
/// that begins in the future, as it was given by a clock that was set back since. A run that `lives`
/// is neither, whatever the clock says; released (0), it is over all the same.
pub(super) const CLAIM: &str = "
INSERT INTO webhook_claims AS c
  (key, owner, fence, state, leased_at, lease_until, expires_at, fingerprint, attempts, seen)
VALUES (?1, ?2, ?3, 0, ?7, ?4, ?5, ?6, 1, 1)
ON CONFLICT (key) DO UPDATE SET
  (owner, fence, state, leased_at, lease_until, expires_at, fingerprint, attempts, seen, status,
    response) = (
    SELECT iif(free, excluded.owner, c.owner),
           iif(free, max(c.fence + 1, excluded.fence), c.fence),
           iif(free, 0, c.state),
           iif(free, excluded.leased_at, c.leased_at),
           iif(free, excluded.lease_until, c.lease_until),
           iif(free, excluded.expires_at, c.expires_at),
           iif(free, excluded.fingerprint, c.fingerprint),
           iif(gone, 1, min(c.attempts + free, 4294967295)),
           iif(gone, 1, min(c.seen + 1, 4294967295)),
           iif(free, NULL, c.status),
           iif(free, NULL, c.response)
    FROM (SELECT gone, gone OR (c.state = 0 AND (c.lease_until = 0
            OR (NOT lives AND (c.lease_until <= ?7 OR c.leased_at > ?9)))) AS free
      FROM (SELECT lives, c.expires_at <= ?7 AND NOT lives AS gone
        FROM (SELECT c.state = 0 AND c.owner IS ?8 AS lives))))
RETURNING owner, fence, state, lease_until, fingerprint, attempts, status, leased_at";

/// `?1` key, `?2` token, `?3` now, `?4` status, `?5` end of the record. Nothing changes when it is
/// repeated.
pub(super) const COMPLETE: &str = "
UPDATE webhook_claims SET
  state = iif(state = 0, 1, state),
  status = iif(state = 0, ?4, status),
  expires_at = iif(state = 0, ?5, expires_at)
WHERE key = ?1 AND owner = ?2 AND expires_at > ?3
RETURNING state";

/// `?1` key, `?2` token, `?3` now.
pub(super) const RELEASE: &str = "
UPDATE webhook_claims SET lease_until = iif(state = 0, 0, lease_until)
WHERE key = ?1 AND owner = ?2 AND expires_at > ?3
RETURNING state";

/// `?1` key, `?2` token, `?3` now, `?4` end of the lease.
pub(super) const RENEW: &str = "
UPDATE webhook_claims SET
  leased_at = iif(state = 0, ?3, leased_at),
  lease_until = iif(state = 0, ?4, lease_until),
  expires_at = iif(state = 0, max(expires_at, ?4), expires_at)
WHERE key = ?1 AND owner = ?2 AND expires_at > ?3
RETURNING state";

/// `?1` now, `?2` the most.
pub(super) const SWEEP: &str = "
DELETE FROM webhook_claims WHERE key IN (
  SELECT key FROM webhook_claims WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

/// `?1` key, `?2` now.
pub(super) const FORGET: &str = "
DELETE FROM webhook_claims WHERE key = ?1 RETURNING expires_at > ?2";
