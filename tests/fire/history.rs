//! What happened, line by line, in one file that all processes append to.
//!
//! A line is one write to a file opened for appending, so their order in the file is an order in
//! which they happened: whoever has seen one thing before doing another wrote them in this order.
//! Times are the system's clock, which the stores measure leases with too.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The file, to write to.
#[derive(Debug)]
pub struct Pen(File);

impl Pen {
    pub fn open(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Self(file.expect("the history can be written"))
    }

    /// A process may die in the middle of a line. So a whole line has an end of its own, and the
    /// next one does not rely on it.
    pub fn note(&self, what: &str) {
        let (now, process) = (now(), std::process::id());
        let line = format!("\n{now} {process} {what} .");
        (&self.0).write_all(line.as_bytes()).expect("the history is written");
    }
}

/// Microseconds since the epoch.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_micros()).expect("before the year 500,000")
}

/// What the file says.
#[derive(Debug)]
pub struct History {
    lines: Vec<Line>,
    /// Where the lines of each name are.
    of: HashMap<String, Vec<usize>>,
    seed: u64,
}

#[derive(Debug)]
struct Line {
    at: u64,
    process: u32,
    what: String,
    /// The event's name or, where a store speaks, its key.
    of: String,
    rest: Vec<String>,
}

/// One run of a handler.
#[derive(Debug)]
pub struct Run {
    process: u32,
    attempt: u32,
    fence: u64,
    /// When its claim was about to be asked for: the store began to count the lease after this.
    asked: u64,
    began: u64,
    /// Where it began in the history.
    line: usize,
    /// Where and how it ended. Nothing if its process was killed.
    end: Option<(usize, String)>,
}

impl History {
    pub fn read(path: &Path, seed: u64) -> Self {
        Self::of_text(&std::fs::read_to_string(path).expect("the history is there"), seed)
    }

    fn of_text(text: &str, seed: u64) -> Self {
        let lines: Vec<_> = text.lines().filter_map(Line::read).collect();
        let mut of: HashMap<_, Vec<_>> = HashMap::new();
        for (number, line) in lines.iter().enumerate() {
            of.entry(line.of.clone()).or_default().push(number);
        }
        Self { lines, of, seed }
    }

    /// The lines of an event or a key, with their numbers.
    fn lines_of(&self, name: &str) -> impl Iterator<Item = (usize, &Line)> {
        self.of.get(name).into_iter().flatten().map(|number| (*number, &self.lines[*number]))
    }

    /// The events in the order in which they were first named by a sender.
    pub fn events(&self) -> Vec<&str> {
        self.of_kind("sent").map(|line| &*line.of).collect()
    }

    pub fn count(&self, what: &str) -> usize {
        self.of_kind(what).count()
    }

    /// How many runs ended in this way.
    pub fn ended(&self, how: &str) -> usize {
        self.of_kind("end").filter(|line| line.rest[1] == how).count()
    }

    /// How long ago the last event was sent for the first time.
    pub fn since_new_events(&self) -> Duration {
        let last = self.of_kind("sent").last().map_or(0, |line| line.at);
        Duration::from_micros(now().saturating_sub(last))
    }

    /// The events of which no run has come to its end.
    pub fn never_done(&self) -> Vec<&str> {
        let is_done = |event: &str| {
            self.lines_of(event).any(|(_, line)| line.what == "end" && line.rest[1] == "200")
        };
        self.events().into_iter().filter(|event| !is_done(event)).collect()
    }

    /// How long ago its last line was written.
    pub fn age(&self) -> Duration {
        let last = self.lines.last().map_or(0, |line| line.at);
        Duration::from_micros(now().saturating_sub(last))
    }

    fn of_kind(&self, what: &str) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.what == what)
    }

    pub fn runs(&self, event: &str) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (number, line) in self.lines_of(event) {
            match &*line.what {
                "begin" => runs.push(Run {
                    process: line.process,
                    attempt: line.number(1),
                    fence: line.number(2),
                    asked: line.number(3),
                    began: line.at,
                    line: number,
                    end: None,
                }),
                "end" => {
                    let fence: u64 = line.number(0);
                    let run = runs.iter_mut().find(|run| run.fence == fence);
                    run.expect("what ended began").end = Some((number, line.rest[1].clone()));
                }
                _ => {}
            }
        }
        runs
    }

    /// The runs that have not ended, of processes that were not killed.
    pub fn still_run(&self) -> usize {
        let killed: Vec<u32> = self.of_kind("killed").map(|line| line.number(0)).collect();
        let is_open = |run: &Run| run.end.is_none() && !killed.contains(&run.process);
        self.events()
            .iter()
            .map(|event| self.runs(event).iter().filter(|run| is_open(run)).count())
            .sum()
    }

    /// Checks what holds whatever is killed, for every event that was sent:
    ///
    /// - it was acknowledged in the end, and a run of it came to its end before;
    /// - it did not run after the store had acknowledged its completion, nor after a layer had
    ///   acknowledged it as handled before, nor after a sender had its 2xx. The last one may happen
    ///   when the store did not answer the completion and the process that would have repeated it
    ///   was killed: then, and only then, the line `uncompleted` stands before that run;
    /// - no two runs of it overlapped while a lease held. After a run that answered 2xx, or that
    ///   was killed, the next one does not begin before its lease is over: a lease begins when the
    ///   store sees the claim, after the moment `asked`, and a run begins after its own claim. A run
    ///   that ended otherwise, or was given up, is followed by another at any time after its end;
    /// - its fences are all different, and attempts grow with them.
    pub fn check(&self, lease: Duration) {
        for event in self.events() {
            let runs = self.runs(event);
            self.check_acknowledged(event);
            self.check_done(event, &runs);
            self.check_never_again(event, &runs);
            self.check_alone(event, &runs, lease);
            self.check_fences(event, runs);
        }
    }

    /// Checks that every event was acknowledged, after a run of it that came to its end.
    pub fn check_runs(&self) {
        for event in self.events() {
            self.check_acknowledged(event);
            self.check_done(event, &self.runs(event));
        }
    }

    /// Checks that every event ran to its end once, and never more.
    pub fn check_once(&self) {
        for event in self.events() {
            let runs = self.runs(event);
            let [Run { end: Some((_, status)), .. }] = &runs[..] else {
                self.fail(event, "it did not run once")
            };
            if status != "200" {
                self.fail(event, "its run failed");
            }
        }
    }

    pub fn check_acknowledged(&self, event: &str) {
        if self.position(event, "ack").is_none() {
            self.fail(event, "it was never acknowledged");
        }
    }

    fn check_done(&self, event: &str, runs: &[Run]) {
        let Some(ack) = self.position(event, "ack") else { return };
        let is_good = |end: &(usize, String)| end.0 < ack && end.1 == "200";
        if !runs.iter().any(|run| run.end.as_ref().is_some_and(is_good)) {
            self.fail(event, "it was acknowledged, and no run had come to its end");
        }
    }

    fn check_never_again(&self, event: &str, runs: &[Run]) {
        let Some(last) = runs.last() else { return };
        let key = self.key(event);
        let before = |name, what| {
            let before = self.lines_of(name).take_while(|(number, _)| *number < last.line);
            before.map(|(_, line)| line).filter(move |line| line.what == what)
        };
        if before(key, "completed").next().is_some() {
            self.fail(event, "it ran after the store had acknowledged its completion");
        }
        if before(event, "ack").any(|ack| ack.rest[0] == "duplicate") {
            self.fail(event, "it ran after a layer had said that it was handled before");
        }
        if before(event, "ack").next().is_some() && before(key, "uncompleted").next().is_none() {
            self.fail(event, "it ran after it was acknowledged");
        }
    }

    fn check_alone(&self, event: &str, runs: &[Run], lease: Duration) {
        // Stores count in milliseconds, and a busy server's clock may stand for a moment.
        let slack = Duration::from_millis(50);
        let lease = u64::try_from((lease - slack).as_micros()).expect("short");
        for pair in runs.windows(2) {
            let [first, second] = pair else { continue };
            let is_given_back = match &first.end {
                Some((line, status)) => *line < second.line && status != "200",
                None => false,
            };
            if !is_given_back && second.began < first.asked + lease {
                self.fail(event, "it ran again before the lease of a run was over");
            }
        }
    }

    fn check_fences(&self, event: &str, mut runs: Vec<Run>) {
        runs.sort_by_key(|run| run.fence);
        let grows =
            |pair: &[Run]| pair[0].fence < pair[1].fence && pair[0].attempt < pair[1].attempt;
        if !runs.windows(2).all(grows) {
            self.fail(event, "a later attempt has no higher fence");
        }
    }

    /// The longest time from a claim whose run was cut off to the next run of its event.
    pub fn longest_wait(&self) -> Duration {
        let events = self.events();
        let waits = events.iter().flat_map(|event| {
            let runs = self.runs(event);
            let cut_off = |pair: &[Run]| {
                pair[0].end.is_none().then(|| pair[1].began.saturating_sub(pair[0].asked))
            };
            runs.windows(2).filter_map(cut_off).collect::<Vec<_>>()
        });
        Duration::from_micros(waits.max().unwrap_or_default())
    }

    /// What stores call the event.
    fn key(&self, event: &str) -> &str {
        let begun = self.lines_of(event).find(|(_, line)| line.what == "begin");
        begun.map_or("", |(_, line)| &line.rest[0])
    }

    fn position(&self, event: &str, what: &str) -> Option<usize> {
        self.lines_of(event).find(|(_, line)| line.what == what).map(|(number, _)| number)
    }

    /// Fails the test with all that is known of the event.
    pub fn fail(&self, event: &str, why: &str) -> ! {
        let key = self.key(event);
        let mut text = String::new();
        for line in &self.lines {
            let is_of = line.of == event || line.of == key || line.of == "-";
            if is_of {
                let Line { at, process, what, rest, .. } = line;
                let _ = writeln!(text, "{at} {process} {what} {}", rest.join(" "));
            }
        }
        panic!("FIRE_SEED={}, event {event}, key {key}: {why}\n{text}", self.seed)
    }
}

impl Line {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.strip_suffix(" .")?.split(' ').map(str::to_owned);
        let (at, process) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (what, of) = (words.next()?, words.next()?);
        Some(Self { at, process, what, of, rest: words.collect() })
    }

    #[track_caller]
    fn number<N: std::str::FromStr>(&self, word: usize) -> N {
        let number = self.rest.get(word).and_then(|word| word.parse().ok());
        number.unwrap_or_else(|| panic!("{self:?} has a number there"))
    }
}

mod tests {
    //! The checks find what they are there to find. Lines are: time, process, what, of what.

    use super::*;

    const FIRST: &str = "\n1 0 sent e .\n2 7 begin e k 1 10 1 .";
    const DONE: &str = "\n3 7 end e 10 200 .\n4 7 completed k .\n5 0 ack e handled .";

    fn check(lines: &[&str]) {
        History::of_text(&lines.concat(), 1).check(Duration::from_secs(1));
    }

    /// A second run, begun at this time.
    fn again(at: u64) -> String {
        format!("\n{at} 8 begin e k 2 20 {at} .")
    }

    #[test]
    fn a_good_history_passes() {
        check(&[FIRST, DONE, "\n6 0 ack e duplicate ."]);
        // The first process was killed, and the second one waited for its lease.
        let second = "\n1000004 8 end e 20 200 .\n1000005 0 ack e duplicate .";
        check(&[FIRST, "\n3 0 killed - 7 .", &again(1_000_001), second]);
        // The first run failed.
        check(&[
            FIRST,
            "\n3 7 end e 10 500 .",
            &again(4),
            "\n5 8 end e 20 200 .\n6 0 ack e handled .",
        ]);
        // A line that was cut off is none.
        check(&["\n0 9 begin e k 9 9", FIRST, DONE]);
    }

    #[test]
    #[should_panic(expected = "never acknowledged")]
    fn a_lost_event_is_found() {
        check(&[FIRST]);
    }

    #[test]
    #[should_panic(expected = "no run had come to its end")]
    fn an_acknowledgement_of_nothing_is_found() {
        check(&[FIRST, "\n3 0 ack e handled ."]);
    }

    #[test]
    #[should_panic(expected = "acknowledged its completion")]
    fn a_completion_that_was_forgotten_is_found() {
        check(&[FIRST, DONE, &again(5_000_000)]);
    }

    #[test]
    #[should_panic(expected = "handled before")]
    fn a_run_of_what_was_handled_is_found() {
        check(&[FIRST, "\n3 7 end e 10 200 .\n4 0 ack e duplicate .", &again(5_000_000)]);
    }

    #[test]
    #[should_panic(expected = "after it was acknowledged")]
    fn a_run_after_the_acknowledgement_is_found() {
        check(&[FIRST, "\n3 7 end e 10 200 .\n4 0 ack e handled .", &again(5_000_000)]);
    }

    #[test]
    #[should_panic(expected = "before the lease")]
    fn two_runs_at_once_are_found() {
        check(&[FIRST, &again(900_000), "\n900001 8 end e 20 200 .\n900002 0 ack e handled ."]);
    }

    #[test]
    #[should_panic(expected = "no higher fence")]
    fn a_fence_that_does_not_grow_is_found() {
        let second = "\n4 8 begin e k 2 9 4 .\n5 8 end e 9 200 .\n6 0 ack e handled .";
        check(&[FIRST, "\n3 7 end e 10 500 .", second]);
    }
}
