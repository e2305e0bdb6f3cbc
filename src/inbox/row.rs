//! A row of the table, read back.

use bytes::Bytes;
use sqlx::{ColumnIndex, Decode, Row, Type};

use super::backend::{
    Batch, Counts, DeadEvent, Put, Taken, corrupt, count, fence, since_epoch, undecoded,
};
use crate::event::{Assurance, Stored, StoredField};
use crate::store::{Fingerprint, Key, StoreError};

/// A row of either database.
pub(super) trait InboxRow {
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError>;
    fn text(&self, column: &'static str) -> Result<String, StoreError>;
    fn text_or_none(&self, column: &'static str) -> Result<Option<String>, StoreError>;
    fn number(&self, column: &'static str) -> Result<i64, StoreError>;
    fn number_or_none(&self, column: &'static str) -> Result<Option<i64>, StoreError>;
    fn yes(&self, column: &'static str) -> Result<bool, StoreError>;
}

impl<R: Row> InboxRow for R
where
    &'static str: ColumnIndex<R>,
    Vec<u8>: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    bool: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.try_get(column).map_err(undecoded)
    }

    fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.try_get(column).map_err(undecoded)
    }

    fn text_or_none(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.try_get(column).map_err(undecoded)
    }

    fn number(&self, column: &'static str) -> Result<i64, StoreError> {
        self.try_get(column).map_err(undecoded)
    }

    fn number_or_none(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.try_get(column).map_err(undecoded)
    }

    fn yes(&self, column: &'static str) -> Result<bool, StoreError> {
        self.try_get(column).map_err(undecoded)
    }
}

/// What the statement that takes events gave back. A row whose key cannot be read is left to its
/// lease: there is no name to call it by.
pub(super) fn batch<R: InboxRow>(rows: &[R]) -> Batch {
    let mut batch = Batch::default();
    for row in rows {
        match taken(row) {
            Ok(Some(taken)) => batch.taken.push(taken),
            Ok(None) => batch.died.extend(key(row).ok()),
            Err(error) => batch.unreadable.push(error),
        }
    }
    batch
}

/// The keys of the rows that can be read.
pub(super) fn keys<R: InboxRow>(rows: &[R]) -> Vec<Key> {
    rows.iter().filter_map(|row| key(row).ok()).collect()
}

/// Keys in one value, each 32 bytes, as a statement takes them apart.
pub(super) fn joined(keys: &[Key]) -> Vec<u8> {
    keys.iter().flat_map(|key| *key.as_bytes()).collect()
}

/// `None` if the event was not taken and is dead.
fn taken<R: InboxRow>(row: &R) -> Result<Option<Taken>, StoreError> {
    if row.text("state")? == "dead" {
        return Ok(None);
    }
    let key = key(row)?;
    let attempts = row.number("attempts")?.saturating_add(1);
    let tries = attempts.saturating_sub(row.number("attempts_forgiven")?);
    Ok(Some(Taken {
        key,
        fence: fence(row.number("fence")?),
        attempt: count(attempts),
        tries: count(tries),
        event: stored(key, row),
    }))
}

fn stored<R: InboxRow>(key: Key, row: &R) -> Result<Stored, StoreError> {
    let assurance = Assurance::from_stored(&row.text("assurance")?);
    let fingerprint: [u8; 32] =
        row.bytes("fingerprint")?.try_into().map_err(|_| corrupt("a fingerprint is 32 bytes"))?;
    Ok(Stored {
        key,
        provider: row.text("provider")?.into(),
        principal: row.text("principal")?.into(),
        key_label: row.text("key_label")?.into(),
        id: field(row, "event_id", "event_id_signed")?,
        kind: field(row, "kind", "kind_signed")?,
        time: row.number_or_none("signed_at")?,
        assurance: assurance.ok_or_else(|| corrupt("the assurance has no known name"))?,
        fingerprint: Fingerprint::from_bytes(fingerprint),
        body: Bytes::from(row.bytes("body")?),
    })
}

fn field<R: InboxRow>(
    row: &R,
    text: &'static str,
    signed: &'static str,
) -> Result<StoredField, StoreError> {
    let signed = row.yes(signed)?;
    Ok(row.text_or_none(text)?.map(|text| (text.into(), signed)))
}

pub(super) fn dead<R: InboxRow>(row: &R) -> Result<DeadEvent, StoreError> {
    Ok(DeadEvent {
        key: key(row)?,
        provider: row.text("provider")?,
        principal: row.text("principal")?,
        event_id: row.text_or_none("event_id")?,
        kind: row.text_or_none("kind")?,
        received_at: since_epoch(row.number("received_at")?),
        attempts: count(row.number("attempts")?),
        last_error: row.text_or_none("last_error")?.unwrap_or_default(),
    })
}

pub(super) fn counts<R: InboxRow>(rows: &[R]) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for row in rows {
        let number = u64::try_from(row.number("events")?).unwrap_or(0);
        match &*row.text("state")? {
            "waiting" => counts.waiting = number,
            "running" => counts.running = number,
            "dead" => counts.dead = number,
            "done" => counts.done = number,
            _ => {}
        }
    }
    Ok(counts)
}

/// The answer about an event that is known; `None` if it is gone by now.
pub(super) fn known<R: InboxRow>(row: Option<&R>) -> Result<Option<Put>, StoreError> {
    row.map(|row| Ok(Put::Known { same_body: row.yes("same_body")? })).transpose()
}

/// A field as its two columns have it.
pub(super) fn parts(field: &StoredField) -> (Option<&str>, bool) {
    field.as_ref().map_or((None, false), |(text, signed)| (Some(text), *signed))
}

fn key<R: InboxRow>(row: &R) -> Result<Key, StoreError> {
    let bytes: [u8; 32] = row.bytes("key")?.try_into().map_err(|_| corrupt("a key is 32 bytes"))?;
    Ok(Key::from_bytes(bytes))
}
