//! The table of the store contract, written once more as plain rules on one record.
//!
//! `model.rs` explores these rules exhaustively; `support/store_model.rs` holds the stores to the
//! same rules with random operations. What the one proves of the rules is thus true of the others.

#![allow(dead_code, reason = "each test uses its part")]

/// Who claims: a random token in real life.
pub(crate) type Token = u8;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) owner: Token,
    pub(crate) fence: u64,
    pub(crate) attempt: u32,
    pub(crate) lease_until: u64,
    pub(crate) expires_at: u64,
    pub(crate) body: u8,
    pub(crate) completed: Option<u16>,
}

/// All there is to know of one key. The fence outlives the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Known {
    pub(crate) record: Option<Record>,
    pub(crate) fence: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) token: Token,
    pub(crate) body: u8,
    pub(crate) lease: u64,
    pub(crate) ttl: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    New { fence: u64, attempt: u32 },
    InFlight { retry_after: u64, same_body: bool },
    Completed { status: u16, same_body: bool },
}

/// Whether `complete` and `release` ask who the owner is. A store that does not is broken, and the
/// tests must find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Contract,
    /// `complete` completes and `release` deletes whatever is there.
    Unconditional,
}

impl Known {
    pub(crate) fn live(&self, now: u64) -> Option<&Record> {
        self.record.as_ref().filter(|record| record.expires_at > now)
    }

    pub(crate) fn claim(&mut self, claim: Claim, now: u64) -> Answer {
        let attempt = match self.live(now) {
            None => 1,
            Some(record) => {
                let same_body = record.body == claim.body;
                if let Some(status) = record.completed {
                    return Answer::Completed { status, same_body };
                }
                if record.lease_until > now {
                    if record.owner == claim.token {
                        return Answer::New { fence: record.fence, attempt: record.attempt };
                    }
                    return Answer::InFlight { retry_after: record.lease_until - now, same_body };
                }
                record.attempt + 1
            }
        };
        self.fence = now.max(self.fence + 1);
        self.record = Some(Record {
            owner: claim.token,
            fence: self.fence,
            attempt,
            lease_until: now + claim.lease,
            expires_at: now + claim.ttl.max(claim.lease),
            body: claim.body,
            completed: None,
        });
        Answer::New { fence: self.fence, attempt }
    }

    /// Whether the caller held the record.
    pub(crate) fn complete(
        &mut self,
        rules: Rules,
        by: Token,
        status: u16,
        ttl: u64,
        now: u64,
    ) -> bool {
        let Some(record) = self.owned(rules, by, now) else { return false };
        if record.completed.is_none() {
            record.completed = Some(status);
            record.expires_at = now + ttl;
        }
        true
    }

    pub(crate) fn release(&mut self, rules: Rules, by: Token, now: u64) -> bool {
        if rules == Rules::Unconditional {
            return self.record.take().is_some();
        }
        let owned = self.owned(rules, by, now).filter(|record| record.completed.is_none());
        let Some(record) = owned else { return false };
        record.lease_until = 0;
        true
    }

    pub(crate) fn renew(&mut self, by: Token, lease: u64, now: u64) -> bool {
        let owned = self.owned(Rules::Contract, by, now);
        let Some(record) = owned.filter(|record| record.completed.is_none()) else { return false };
        record.lease_until = now + lease;
        record.expires_at = record.expires_at.max(record.lease_until);
        true
    }

    pub(crate) fn forget(&mut self, now: u64) -> bool {
        let known = self.live(now).is_some();
        self.record = None;
        known
    }

    fn owned(&mut self, rules: Rules, by: Token, now: u64) -> Option<&mut Record> {
        self.record
            .as_mut()
            .filter(|record| record.expires_at > now)
            .filter(|record| record.owner == by || rules == Rules::Unconditional)
    }
}
