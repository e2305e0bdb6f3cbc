//! The lines of the log.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{Ended, Observation, Settled, Skipped, Subject};
use crate::trace;

/// One line of target `tower_webhooks`, with endpoint and provider.
macro_rules! line {
    ($level:ident, $of:expr, $($rest:tt)*) => {
        trace::$level!(
            target: "tower_webhooks",
            endpoint = $of.endpoint(),
            provider = $of.provider().unwrap_or("unknown"),
            $($rest)*
        )
    };
}

/// One line about an event: with its key, type and id as well.
macro_rules! event_line {
    ($level:ident, $of:expr, $($rest:tt)*) => {
        line!(
            $level, $of,
            key = %Shown($of.key()),
            kind = $of.kind().as_deref().unwrap_or_default(),
            id = $of.id().as_deref().unwrap_or_default(),
            $($rest)*
        )
    };
}

pub(super) fn write(of: &Subject<'_>, observation: &Observation<'_>) {
    match observation {
        Observation::Received { method } => {
            line!(debug, of, method = method.as_str(), path = path(of), "webhook received");
        }
        Observation::Refused { rejection } => line!(
            warn, of,
            reason = rejection.kind().as_str(),
            status = rejection.status().as_u16(),
            path = path(of),
            detail = %rejection,
            key = %Shown(of.key()),
            "webhook refused"
        ),
        Observation::EndpointShared {} => line!(
            warn,
            of,
            "another layer serves an endpoint of this name over the same store, and each will take the events of the other for duplicates: give it another name, or call `shares_endpoint` if it shall share them"
        ),
        Observation::SetupAnswered { status } => {
            line!(info, of, status = status.as_u16(), "setup request answered");
        }
        Observation::KeySourceFailed { cause } => {
            let cause =
                cause.map_or_else(|| "it did not answer in time".into(), ToString::to_string);
            line!(error, of, cause = %cause, "the key source failed");
        }
        Observation::StoreFailed { operation, error } => line!(
            error, of,
            key = %Shown(of.key()),
            operation = *operation,
            error = %error,
            cause = %Shown(error.source()),
            "the store failed"
        ),
        Observation::StoreDown {} => line!(
            error,
            of,
            "the idempotency store is down: claims are refused at once, and one a second tries again"
        ),
        Observation::StoreBack {} => line!(warn, of, "the idempotency store answers again"),
        Observation::Kept {} | Observation::Retried { .. } | Observation::Died { .. } => {
            write_of_inbox(of, observation);
        }
        Observation::Verified { .. }
        | Observation::Skipped { .. }
        | Observation::Duplicate { .. }
        | Observation::Claimed { .. }
        | Observation::Settled { .. } => write_of_event(of, observation),
        Observation::Ran { .. }
        | Observation::HandlerFailed { .. }
        | Observation::PayloadUnusable { .. }
        | Observation::Overtaken {}
        | Observation::Unrecorded {} => write_of_run(of, observation),
    }
}

fn write_of_event(of: &Subject<'_>, observation: &Observation<'_>) {
    match observation {
        Observation::Verified { took } => event_line!(
            debug,
            of,
            key_label = of.key_label().unwrap_or_default(),
            body_len = of.body_len().unwrap_or_default(),
            took_us = micros(*took),
            "webhook verified"
        ),
        Observation::Skipped { because: Skipped::Type } => event_line!(
            info,
            of,
            "webhook acknowledged and not run: this endpoint does not handle its type"
        ),
        Observation::Skipped { because: Skipped::Topic } => event_line!(
            info,
            of,
            "webhook acknowledged and not run: this endpoint does not handle its topic"
        ),
        Observation::Duplicate { same_body } => event_line!(
            info,
            of,
            delivery_id = of.delivery_id().unwrap_or_default(),
            same_body = match same_body {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not compared",
            },
            "duplicate webhook acknowledged and not run: its event was handled before"
        ),
        Observation::Claimed { took } => event_line!(
            debug,
            of,
            attempt = of.attempt().unwrap_or_default(),
            took_us = micros(*took),
            "webhook claimed"
        ),
        Observation::Settled { settled: Settled::NotCommitted, .. } => event_line!(
            error,
            of,
            "the handler answered 2xx without committing the transaction that completes its event"
        ),
        Observation::Settled { settled, took } => event_line!(
            debug,
            of,
            settled = match settled {
                Settled::Released => "released",
                Settled::Committed => "committed",
                _ => "completed",
            },
            took_us = micros(*took),
            "webhook settled"
        ),
        _ => {}
    }
}

fn write_of_run(of: &Subject<'_>, observation: &Observation<'_>) {
    match observation {
        Observation::Ran { ended: Ended::Answered(status), took } if status.is_success() => {
            event_line!(
                info,
                of,
                status = status.as_u16(),
                attempt = of.attempt().unwrap_or_default(),
                took_us = micros(*took),
                "webhook handled"
            );
        }
        Observation::Ran { ended: Ended::Done, took } => event_line!(
            info,
            of,
            attempt = of.attempt().unwrap_or_default(),
            took_us = micros(*took),
            "webhook handled"
        ),
        Observation::Ran { ended: Ended::Answered(status), took } => event_line!(
            info,
            of,
            status = status.as_u16(),
            attempt = of.attempt().unwrap_or_default(),
            took_us = micros(*took),
            "webhook not handled: the handler answered another status than 2xx, and the sender may try again"
        ),
        Observation::Ran { ended: Ended::Failed, .. } => {
            event_line!(info, of, "webhook not handled: the wrapped service returned an error");
        }
        Observation::Ran { ended: Ended::Panicked(text), .. } => {
            event_line!(error, of, panic = *text, "webhook not handled: the handler panicked");
        }
        // A refusal says so.
        Observation::Ran { ended: Ended::TimedOut, .. } => {
            event_line!(debug, of, "webhook not handled: the handler did not end in time");
        }
        Observation::HandlerFailed { error } => event_line!(
            error, of,
            error = %error,
            cause = %Shown(error.source()),
            "the service of events failed: the claim is released, and the sender may try again"
        ),
        Observation::PayloadUnusable { error } => event_line!(
            error, of,
            path = error.path(),
            cause = %Shown(error.source()),
            "a verified payload does not parse: the claim is released, and the sender may try again"
        ),
        Observation::Overtaken {} => {
            event_line!(error, of, "the handler outlived its lease: its event may have run twice")
        }
        Observation::Unrecorded {} => event_line!(
            error,
            of,
            "an event that was handled could not be recorded: a later delivery will run it again, and an inbox when the lease ends"
        ),
        _ => {}
    }
}

fn write_of_inbox(of: &Subject<'_>, observation: &Observation<'_>) {
    match observation {
        Observation::Kept {} => {
            event_line!(info, of, "webhook kept in the inbox");
        }
        Observation::Retried { tries, error, delay } => event_line!(
            warn,
            of,
            tries = *tries,
            error = *error,
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            "an event of the inbox failed, and will be tried again"
        ),
        Observation::Died { tries, error } => event_line!(
            error,
            of,
            tries = tries.unwrap_or_default(),
            error = *error,
            "an event of the inbox is dead: it is kept, and not run until it is replayed"
        ),
        _ => {}
    }
}

fn path<'a>(of: &Subject<'a>) -> &'a str {
    of.path().unwrap_or_default()
}

fn micros(took: Option<Duration>) -> u64 {
    took.map_or(0, |took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
}

/// What is there, or nothing.
struct Shown<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |shown| shown.fmt(f))
    }
}
