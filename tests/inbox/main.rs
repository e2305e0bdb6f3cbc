//! Inbox mode: nothing that was acknowledged is lost, on each database that keeps an inbox.
#![cfg(all(feature = "store-sqlite", feature = "store-postgres", feature = "testing"))]

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod databases;
mod failures;
mod transactions;
mod world;

/// Runs cases on a database.
macro_rules! on {
    ($name:ident: $database:ty; $($module:ident: $($case:ident),* $(,)?);* $(;)?) => {
        mod $name {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$module::$case::<$database>().await;
                }
            )*)*
        }
    };
}

macro_rules! on_each_database {
    ($($cases:tt)*) => {
        on! { sqlite: crate::databases::Sqlite; $($cases)* }
        on! { postgres: crate::databases::Postgres; $($cases)* }
    };
}

on! {
    pgbouncer: crate::databases::Pooled;
    cases:
        the_handler_sees_what_was_verified,
        simultaneous_duplicates_are_kept_and_run_once,
        two_pools_never_run_one_event_at_the_same_time,
        a_signature_over_less_than_the_body_is_refused_with_another_body,
        a_handled_event_is_remembered_for_its_retention_and_then_dropped;
    failures:
        an_event_that_fails_is_tried_again_later_and_at_last_is_dead,
        a_dead_event_runs_again_when_it_is_replayed,
        an_event_whose_worker_vanished_runs_again_after_its_lease;
    transactions:
        a_transaction_of_the_handler_completes_the_event;
}

on_each_database! {
    cases:
        an_event_is_acknowledged_before_its_handler_runs,
        the_handler_sees_what_was_verified,
        what_was_acknowledged_survives_a_restart,
        simultaneous_duplicates_are_kept_and_run_once,
        two_pools_never_run_one_event_at_the_same_time,
        types_that_are_not_wanted_are_acknowledged_and_not_kept,
        a_signature_over_less_than_the_body_is_refused_with_another_body,
        a_body_that_the_sender_renders_anew_is_a_duplicate,
        a_handled_event_is_remembered_for_its_retention_and_then_dropped,
        what_only_says_look_again_is_remembered_for_a_minute,
        an_event_that_is_forgotten_is_new,
        a_shutdown_waits_for_what_runs_and_takes_no_more,
        what_is_received_wakes_the_workers_of_the_process,
        texts_and_bodies_of_any_kind_come_back_as_they_were,
        a_table_of_a_later_release_is_left_alone;
    failures:
        an_event_that_fails_is_tried_again_later_and_at_last_is_dead,
        a_dead_event_runs_again_when_it_is_replayed,
        a_done_event_runs_again_when_it_is_replayed,
        a_panic_is_a_failure,
        a_handler_that_does_not_finish_is_a_failure,
        a_payload_that_does_not_parse_is_dead_at_once_and_runs_after_a_fix,
        an_event_of_a_provider_that_is_no_longer_there_is_a_failure,
        an_event_whose_worker_vanished_runs_again_after_its_lease,
        an_event_that_takes_its_process_down_each_time_dies_of_it,
        an_event_that_another_process_gives_up_keeps_its_error,
        what_a_shutdown_cuts_off_runs_again_after_its_lease,
        nothing_is_acknowledged_while_the_database_is_down,
        workers_go_on_when_the_database_is_back,
        work_that_was_done_while_the_database_was_down_is_not_repeated;
    transactions:
        a_transaction_of_the_handler_completes_the_event,
        an_event_whose_transaction_was_not_committed_runs_again,
        a_run_that_was_overtaken_cannot_commit;
}
