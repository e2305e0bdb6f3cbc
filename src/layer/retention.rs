//! How long an event is remembered: that follows the event, and the layer's settings only so far.

use std::time::Duration;

use super::builder::RETENTION_MARGIN;
use crate::event::Event;
use crate::plan::Plan;
use crate::provider::Identity;

/// What is configured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// For all senders of the layer alike, but for events that only say "look again".
    pub(super) chosen: Option<Duration>,
    pub(super) lease: Duration,
}

/// How long a store keeps the record of one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    /// From its claim on: longer than the lease, so that an event in flight is known.
    pub(super) in_flight: Duration,
    /// From its completion on.
    pub(super) completed: Duration,
    /// From when on a completed record may be forgotten where there is no room for it. `None`: not
    /// before its time.
    pub(super) evictable_after: Option<Duration>,
}

impl Retention {
    pub(super) fn lifetime(&self, event: &Event) -> Lifetime {
        let identity = event.identity();
        let completed = self.of_kind(identity, event.plan());
        let evictable_after = match freshness(event.plan()) {
            // A record for each unsigned delivery id: whoever captured one request can make any
            // number of them, and must not fill the memory with what cannot be dropped.
            None if identity == Identity::DigestWithDelivery => Some(Duration::ZERO),
            fresh_for => fresh_for,
        };
        let in_flight = completed.max(self.longer_than_lease());
        Lifetime { in_flight, completed, evictable_after }
    }

    /// From its completion on.
    #[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
    pub(crate) fn of(&self, event: &Event) -> Duration {
        self.of_kind(event.identity(), event.plan())
    }

    fn of_kind(&self, identity: Identity, plan: &Plan) -> Duration {
        match identity {
            Identity::ShortDigest => plan.provider().short_retention(),
            _ => self.usual(plan),
        }
    }

    /// Of most events of this sender.
    fn usual(&self, plan: &Plan) -> Duration {
        let chosen = || plan.provider().usual_retention().max(self.least(plan));
        self.chosen.unwrap_or_else(chosen)
    }

    /// What replay protection needs.
    pub(super) fn least(&self, plan: &Plan) -> Duration {
        // A request stamped as far in the future as is tolerated stays fresh for twice the tolerance.
        let fresh = plan.chosen.tolerance.unwrap_or_default().saturating_mul(2);
        fresh.saturating_add(RETENTION_MARGIN).max(self.longer_than_lease())
    }

    fn longer_than_lease(&self) -> Duration {
        self.lease.saturating_add(Duration::from_secs(1))
    }
}

/// For how long a signature may be fresh; `None` if for ever.
fn freshness(plan: &Plan) -> Option<Duration> {
    let tolerance = plan.chosen.tolerance?;
    plan.provider().signs_time().then(|| tolerance.saturating_mul(2))
}
