//! Instructions of a verification beyond its HMAC (aim 3): each runs under callgrind a known number
//! of times, and the difference between two numbers of calls is what one call takes.
//!
//! Callgrind hides the SHA instructions of the processor. Both sides then hash in software, and the
//! difference between them is what it would be without.

mod support;

use std::env::current_exe;
use std::hint::black_box;
use std::process::Command;

use hmac::Mac;
use support::{Bound, KIB, SENDERS, Sender, row, skipped};

const FEW: u32 = 100;
const MANY: u32 = 600;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("run") => run(&arguments),
        _ if arguments.iter().any(|argument| argument == "--bench") => measure_all(),
        _ => println!("measures nothing outside `cargo bench`"),
    }
}

fn measure_all() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return skipped(3, "instructions over the HMAC", "needs `apt-get install valgrind`");
    }
    for (index, sender) in SENDERS.iter().enumerate() {
        let over = instructions("verify", index) - instructions("hmac", index);
        let bound = if index == 0 { 1_600.0 } else { 3_200.0 };
        let what = format!("instructions over the HMAC, {}, 1 KiB", sender.name);
        row(3, &what, Bound::AtMost(bound), over);
    }
}

/// What one call takes.
fn instructions(side: &str, sender: usize) -> f64 {
    let total = |calls: u32| {
        let program = current_exe().expect("a running program has a file");
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["run", side, &sender.to_string(), &calls.to_string()])
            .output()
            .expect("valgrind starts");
        let report = String::from_utf8_lossy(&output.stderr).into_owned();
        let total = report.lines().find_map(|line| line.split_once("Collected : "));
        let total = total.and_then(|(_, total)| total.trim().parse::<f64>().ok());
        total.unwrap_or_else(|| panic!("callgrind says no total: {report}"))
    };
    ((total(MANY) - total(FEW)) / f64::from(MANY - FEW)).round()
}

fn run(arguments: &[String]) {
    let number = |at: usize| arguments[at].parse::<usize>().expect("it is a number");
    let sender = &SENDERS[number(3)];
    let calls = number(4);
    match arguments[2].as_str() {
        "verify" => verify(sender, calls),
        _ => hmac(sender, calls),
    }
}

#[inline(never)]
fn verify(sender: &Sender, calls: usize) {
    let verifier = sender.signer().verifier().build().expect("it is in order");
    let now = sender.signer().now();
    let (head, body) = sender.request(KIB, 1).into_parts();
    for _ in 0..calls {
        let verified = verifier.verify(black_box(&head), body.clone(), black_box(now));
        black_box(verified).expect("the signature is right");
    }
}

#[inline(never)]
fn hmac(sender: &Sender, calls: usize) {
    let request = sender.request(KIB, 1);
    let (content, keyed) = (sender.content(&request), sender.keyed());
    let tag = keyed.clone().chain_update(&content).finalize().into_bytes();
    for _ in 0..calls {
        let mut mac = keyed.clone();
        mac.update(black_box(&content));
        black_box(mac.verify_slice(black_box(&tag))).expect("the tag is right");
    }
}
