//! How the table comes to be, and what is said when it did not.

use tower_webhooks::store::{PostgresStore, StoreErrorKind};

use crate::{Setup, claim, is_new, pool, told};

#[tokio::test(flavor = "multi_thread")]
async fn eight_replicas_apply_the_schema_at_once() {
    let setup = Setup::without_table().await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let store = PostgresStore::new(pool(&setup.url, 1).await);
        tasks.push(tokio::spawn(async move { store.migrate().await }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
    setup.store.migrate().await.unwrap();
    assert!(!is_new(&crate::claim_as(&setup.store, 1, 2).await.unwrap()), "the record is there");
}

#[tokio::test]
async fn missing_table_is_an_error_that_says_what_to_do() {
    let setup = Setup::without_table().await;
    let error = claim(&setup.store, 1).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(told(&error).contains("call `PostgresStore::migrate()`"), "{}", told(&error));
    setup.store.migrate().await.unwrap();
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
}

#[tokio::test]
async fn newer_schema_is_refused() {
    let setup = Setup::new().await;
    setup.sql("UPDATE webhook_schema SET version = 2").await;
    let error = setup.store.migrate().await.unwrap_err();
    let expected = "has schema version 2, which is newer than version 1";
    assert!(told(&error).contains(expected), "{}", told(&error));
    let error = PostgresStore::connect(&setup.url).await.unwrap_err();
    assert!(told(&error).contains(expected), "{}", told(&error));
}

/// The application's own role needs no right to create tables.
#[tokio::test]
async fn role_without_the_right_to_create_tables_can_do_all_else() {
    let setup = Setup::new().await;
    let name = setup.url.rsplit('/').next().unwrap();
    setup
        .sql(&format!(
            "CREATE ROLE app_{name} LOGIN; REVOKE CREATE ON SCHEMA public FROM public; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_claims TO app_{name}; \
             GRANT SELECT ON webhook_schema TO app_{name}"
        ))
        .await;
    let url = setup.url.replace("postgres@", &format!("app_{name}@"));
    let store = PostgresStore::connect(&url).await.unwrap();
    assert!(is_new(&claim(&store, 1).await.unwrap()));
}

#[tokio::test]
async fn migration_can_be_applied_with_a_tool_of_ones_own() {
    let setup = Setup::without_table().await;
    for _ in 0..2 {
        setup.sql(PostgresStore::MIGRATION).await;
    }
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
}
