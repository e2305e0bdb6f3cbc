//! What the server's errors are for the layer. A trigger raises them.

use sqlx::Row;
use tower_webhooks::store::StoreErrorKind::{
    self, Corrupt, Full, Timeout, Unavailable, Unstorable,
};

use crate::{Setup, claim, is_new};

impl Setup {
    /// From now on the server does this when a record is about to be inserted.
    async fn on_insert(&self, action: &str) {
        self.sql(&format!(
            "CREATE OR REPLACE FUNCTION disturb() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM nextval('attempts'); {action}; RETURN NEW; END $$; \
             CREATE OR REPLACE TRIGGER disturb BEFORE INSERT ON webhook_claims \
             FOR EACH ROW EXECUTE FUNCTION disturb()"
        ))
        .await;
    }

    /// A sequence counts what is rolled back as well.
    async fn attempts(&self) -> i64 {
        let row = sqlx::query("SELECT last_value FROM attempts").fetch_one(&self.pool).await;
        row.unwrap().get(0)
    }

    async fn refused(&self) -> StoreErrorKind {
        claim(&self.store, 1).await.expect_err("the server refuses").kind()
    }
}

#[tokio::test]
async fn errors_of_the_server_have_their_kind() {
    let setup = Setup::new().await;
    setup.sql("CREATE SEQUENCE attempts").await;
    for (code, kind) in [
        ("53100", Full),
        ("53200", Full),
        ("54000", Full),
        ("57014", Timeout),
        ("55P03", Timeout),
        ("XX001", Corrupt),
        ("22021", Unstorable),
        ("22P05", Unstorable),
        ("22001", Unstorable),
        ("22003", Corrupt),
        ("42501", Unavailable),
        ("25006", Unavailable),
        ("57P01", Unavailable),
    ] {
        setup.on_insert(&format!("RAISE EXCEPTION 'no' USING ERRCODE = '{code}'")).await;
        assert_eq!(setup.refused().await, kind, "{code}");
    }
    setup.on_insert("RETURN NULL").await;
    assert_eq!(setup.refused().await, Corrupt, "a claim without an answer");
    setup.on_insert("NULL").await;
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
}

#[tokio::test]
async fn statement_that_others_came_before_is_repeated_three_times() {
    for code in ["40001", "40P01"] {
        let setup = Setup::new().await;
        setup.sql("CREATE SEQUENCE attempts").await;
        let raise = format!("RAISE EXCEPTION 'no' USING ERRCODE = '{code}'");
        setup.on_insert(&raise).await;
        assert_eq!(setup.refused().await, Unavailable);
        assert_eq!(setup.attempts().await, 4, "{code}");
        let until = format!("IF currval('attempts') < 8 THEN {raise}; END IF");
        setup.on_insert(&until).await;
        assert!(is_new(&claim(&setup.store, 1).await.unwrap()), "the fourth is not disturbed");
        assert_eq!(setup.attempts().await, 8);
    }
}
