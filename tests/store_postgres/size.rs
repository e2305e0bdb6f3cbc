//! What a completed event takes on the disk of the server.

use sqlx::Row;
use tower_webhooks::store::Held;

use crate::{Setup, claim, complete, is_new};

const EVENTS: u64 = 2_000;

/// One after the other: how soon the server reuses the room of a version that was replaced depends on
/// who else is looking, and so on the machine.
#[tokio::test]
async fn completed_event_takes_less_than_half_a_kilobyte() {
    let setup = Setup::new().await;
    for number in 0..EVENTS {
        // The keys of events are hashes.
        let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert!(is_new(&claim(&setup.store, number).await.unwrap()));
        assert_eq!(complete(&setup.store, number).await.unwrap(), Held::Held);
    }
    let size =
        "SELECT pg_total_relation_size('webhook_claims'), pg_relation_size('webhook_claims')";
    let size = sqlx::query(size).fetch_one(&setup.pool).await.unwrap();
    let (all, table): (i64, i64) = (size.get(0), size.get(1));
    let events = i64::try_from(EVENTS).unwrap();
    println!("{} bytes an event, {} of them in the table", all / events, table / events);
    assert!(all / events < 512, "{} bytes an event", all / events);
}
