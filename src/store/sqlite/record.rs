//! What the statements give back, read without trust.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::{store_error, unreadable};
use crate::store::{Claim, Completion, Fence, Held, Outcome, StoreError};

const IN_FLIGHT: i64 = 0;
const COMPLETED: i64 = 1;

/// The one row of a claim.
pub(super) fn outcome(
    rows: &[SqliteRow],
    claim: &Claim<'_>,
    now: i64,
) -> Result<Outcome, StoreError> {
    let row = rows.first().ok_or_else(|| unreadable("row"))?;
    let is_ours = bytes::<16>(row, 0, "owner")? == *claim.token.as_bytes();
    let fence = number(row, 1).and_then(|fence| positive(fence, "fence"))?;
    let same_body = bytes::<32>(row, 4, "fingerprint")? == *claim.fingerprint.as_bytes();
    let attempt = u32::try_from(number(row, 5)?).ok().filter(|attempt| *attempt > 0);
    let attempt = attempt.ok_or_else(|| unreadable("number of attempts"))?;
    match number(row, 2)? {
        IN_FLIGHT if is_ours => Ok(Outcome::New { fence: Fence::new(fence), attempt }),
        IN_FLIGHT => {
            let retry_after = lease_left(row, now)?.max(Duration::from_millis(1));
            Ok(Outcome::InFlight { retry_after, same_body })
        }
        COMPLETED => {
            let status = u16::try_from(number(row, 6)?).ok();
            let status = status.filter(|status| (100..1_000).contains(status));
            let status = status.ok_or_else(|| unreadable("status"))?;
            Ok(Outcome::Completed { record: Completion::new(status), same_body })
        }
        _ => Err(unreadable("state")),
    }
}

/// The rest of the lease in the row of a claim: nothing of one that is over, and never more than its
/// whole length, as the clock may have been set since it began.
pub(super) fn lease_left(row: &SqliteRow, now: i64) -> Result<Duration, StoreError> {
    let (until, since) = (number(row, 3)?, number(row, 7)?);
    let length = positive(until.saturating_sub(since), "lease")?;
    let rest = u64::try_from(until.saturating_sub(now)).unwrap_or_default();
    Ok(Duration::from_millis(rest.min(length)))
}

/// Whether the owner of an operation was found, with its record in a state that allows it.
pub(super) fn held(rows: &[SqliteRow], but_not_completed: bool) -> Result<Held, StoreError> {
    let Some(row) = rows.first() else { return Ok(Held::Lost) };
    match number(row, 0)? {
        IN_FLIGHT => Ok(Held::Held),
        COMPLETED if but_not_completed => Ok(Held::Lost),
        COMPLETED => Ok(Held::Held),
        _ => Err(unreadable("state")),
    }
}

/// Whether there was a record and it had not expired.
pub(super) fn known(rows: &[SqliteRow]) -> Result<bool, StoreError> {
    rows.first().map_or(Ok(false), |row| Ok(number(row, 0)? != 0))
}

fn number(row: &SqliteRow, column: usize) -> Result<i64, StoreError> {
    row.try_get(column).map_err(store_error)
}

fn positive(number: i64, what: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| unreadable(what))
}

fn bytes<const N: usize>(
    row: &SqliteRow,
    column: usize,
    what: &'static str,
) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(column).map_err(store_error)?;
    bytes.try_into().map_err(|_| unreadable(what))
}
