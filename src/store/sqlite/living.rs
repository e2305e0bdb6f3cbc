//! The runs that this process has begun, by a clock that nobody sets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Clock;
use crate::store::steady::Steady;
use crate::store::{Key, Token};

/// The claims of a store whose leases hold, whatever became of the clock by which their records
/// count: a run that lives in this process is not taken over because the time was set.
#[derive(Debug)]
pub(crate) struct Living {
    steady: Steady,
    runs: Mutex<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    of: HashMap<Key, Run>,
    /// With more than these, those that are over are dropped: nobody may have said that they ended.
    crowded_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    owner: Token,
    until: Duration,
}

const FEW: usize = 1_024;

impl Living {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { steady: Steady::new(clock), runs: Mutex::default() }
    }

    /// Somebody holds the key for this long from now.
    pub(crate) fn begin(&self, key: Key, owner: Token, lease: Duration) {
        let now = self.steady.now();
        let mut runs = self.runs();
        if runs.of.len() >= runs.crowded_at.max(FEW) {
            runs.of.retain(|_, run| run.until > now);
            runs.crowded_at = runs.of.len().saturating_mul(2);
        }
        runs.of.insert(key, Run { owner, until: now.saturating_add(lease) });
    }

    /// That run is over.
    pub(crate) fn end(&self, key: &Key, owner: &Token) {
        let mut runs = self.runs();
        if runs.of.get(key).is_some_and(|run| run.owner == *owner) {
            runs.of.remove(key);
        }
    }

    /// Nobody holds the key.
    pub(crate) fn forget(&self, key: &Key) {
        self.runs().of.remove(key);
    }

    /// Who holds the key.
    pub(crate) fn owner(&self, key: &Key) -> Option<Token> {
        let run = *self.runs().of.get(key)?;
        (run.until > self.steady.now()).then_some(run.owner)
    }

    /// All who hold a key, 16 bytes each.
    pub(crate) fn owners(&self) -> Vec<u8> {
        let now = self.steady.now();
        let runs = self.runs();
        let mut owners: Vec<_> = runs
            .of
            .values()
            .filter(|run| run.until > now)
            .map(|run| *run.owner.as_bytes())
            .collect();
        owners.sort_unstable();
        owners.dedup();
        owners.concat()
    }

    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    fn key(number: usize) -> Key {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Key::from_bytes(bytes)
    }

    #[test]
    fn a_run_holds_its_key_until_it_ends_or_its_lease_does() {
        let living = Living::new(Arc::new(SystemClock));
        let (mine, theirs) = (Token::from_bytes([1; 16]), Token::from_bytes([2; 16]));
        living.begin(key(1), mine, Duration::from_secs(60));
        living.begin(key(2), mine, Duration::ZERO);
        assert_eq!((living.owner(&key(1)), living.owner(&key(2))), (Some(mine), None));
        living.end(&key(1), &theirs);
        assert_eq!(living.owner(&key(1)), Some(mine));
        living.end(&key(1), &mine);
        assert_eq!(living.owner(&key(1)), None);
    }

    #[test]
    fn runs_whose_end_nobody_told_do_not_pile_up() {
        let living = Living::new(Arc::new(SystemClock));
        for number in 0..10 * FEW {
            living.begin(key(number), Token::from_bytes([1; 16]), Duration::ZERO);
        }
        assert!(living.runs().of.len() <= FEW);
    }
}
