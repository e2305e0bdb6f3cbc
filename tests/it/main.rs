//! Everything that needs no server, no process and no allocator of its own, in one binary: what is
//! linked once is linked once.

#[cfg(feature = "testing")]
#[path = "../support/fuzz.rs"]
mod fuzz;
#[cfg(feature = "testing")]
#[path = "../support/store_model.rs"]
mod store_model;
#[cfg(all(feature = "tokio", feature = "testing"))]
#[path = "../support/mod.rs"]
mod support;

mod acknowledgements;
mod auto_traits;
mod borders;
mod config;
mod config_file;
mod conformance;
mod disconnects;
mod doctor;
mod documents;
mod executor;
mod fuzz_seeds;
mod identities;
mod identity;
mod layers;
mod leaks;
#[cfg(feature = "testing")]
mod model;
mod mounting;
mod observer;
mod odd_senders;
mod one_run;
mod outage;
#[cfg(feature = "testing")]
mod places;
#[cfg(feature = "tokio")]
mod props;
#[cfg(feature = "tokio")]
mod proxy;
mod public_url;
#[cfg(feature = "tokio")]
mod reactions;
#[cfg(feature = "config")]
mod readme;
mod receive;
mod refusals;
#[cfg(feature = "tokio")]
mod registrations;
mod regressions;
mod replay;
mod secrets;
mod service;
mod setup_attacks;
mod setup_posts;
mod signer;
mod store_memory;
mod store_memory_random;
mod store_sqlite;
mod storm;
#[cfg(feature = "tokio")]
mod vector_ids;
#[cfg(feature = "tokio")]
mod verifiers;
mod wanted_types;
