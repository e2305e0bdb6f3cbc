//! Operations that wait together are committed together.
//!
//! SQLite waits for the disk once a transaction. An operation that finds the connection free is a
//! transaction by itself. While one waits for the disk, others line up; what has lined up becomes the
//! next transaction, and each is answered when that is on the disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use tokio::sync::oneshot;

use super::connection::{Connection, Transaction};
use super::error::{kind, store_error};
use super::living::Living;
use super::moment::Times;
use super::operation::Operation;
use crate::store::{StoreError, StoreErrorKind};

/// Operations of one transaction: more would keep others from the file's lock for long.
const TOGETHER: usize = 128;

pub(super) type Rows = Result<Vec<SqliteRow>, StoreError>;

/// The line of operations, and what their statements need.
pub(super) struct Commits {
    pub(super) connection: Connection,
    pub(super) times: Times,
    pub(super) living: Living,
    line: Mutex<Line>,
    /// In line, and then for the file's lock.
    longest_wait: Duration,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    /// Whether a task is at work on the line.
    is_served: bool,
}

struct Waiting {
    operation: Operation,
    answer: oneshot::Sender<Rows>,
}

impl Commits {
    pub(super) fn new(
        connection: Connection,
        times: Times,
        living: Living,
        busy_timeout: Duration,
    ) -> Self {
        let longest_wait = busy_timeout.saturating_mul(2);
        Self { connection, times, living, line: Mutex::default(), longest_wait }
    }

    /// The rows of an operation, once they are on the disk.
    ///
    /// # Cancel safety
    ///
    /// What was not begun is not done; what was begun is carried out.
    pub(super) async fn rows(self: &Arc<Self>, operation: Operation) -> Rows {
        let work = async {
            if !self.line().is_served
                && let Some(mut connection) = self.connection.if_free()
            {
                return alone(self, &operation, &mut connection).await;
            }
            let answer = self.line_up(operation);
            answer.await.unwrap_or_else(|_| Err(StoreErrorKind::Unavailable.into()))
        };
        let in_time = tokio::time::timeout(self.longest_wait, work).await;
        in_time.unwrap_or_else(|_| Err(StoreErrorKind::Timeout.into()))
    }

    fn line_up(self: &Arc<Self>, operation: Operation) -> oneshot::Receiver<Rows> {
        let (answer, answered) = oneshot::channel();
        let mut line = self.line();
        line.waiting.push(Waiting { operation, answer });
        if !line.is_served {
            line.is_served = true;
            let mut serving = Serving { commits: Arc::clone(self), is_over: false };
            tokio::spawn(async move { while serving.next().await {} });
        }
        answered
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that serves the line until nobody waits. If its runtime ends before that, those who
/// wait are told, and the next one starts another.
struct Serving {
    commits: Arc<Commits>,
    is_over: bool,
}

impl Drop for Serving {
    fn drop(&mut self) {
        if !self.is_over {
            let mut line = self.commits.line();
            line.is_served = false;
            line.waiting.clear();
        }
    }
}

impl Serving {
    /// Commits what waits. Says whether there was anything.
    async fn next(&mut self) -> bool {
        let commits = Arc::clone(&self.commits);
        let mut connection = commits.connection.wait().await;
        let waiting = self.take();
        let operations: Vec<_> = waiting.iter().map(|waiting| waiting.operation).collect();
        let answers = commits.all(&operations, &mut connection).await;
        for (waiting, rows) in waiting.into_iter().zip(answers) {
            // Whoever does not wait any more leaves it done.
            let _ = waiting.answer.send(rows);
        }
        !self.is_over
    }

    /// Those who wait longest. With nobody left, the line is not served any more from here on.
    fn take(&mut self) -> Vec<Waiting> {
        let mut line = self.commits.line();
        line.waiting.retain(|waiting| !waiting.answer.is_closed());
        if line.waiting.is_empty() {
            line.is_served = false;
            self.is_over = true;
        }
        let most = line.waiting.len().min(TOGETHER);
        line.waiting.drain(..most).collect()
    }
}

type Held<'a> = super::connection::Held<'a>;

impl Commits {
    /// An answer for each of them.
    async fn all(&self, operations: &[Operation], held: &mut Held<'_>) -> Vec<Rows> {
        if operations.len() > 1 {
            match self.together(operations, held).await {
                Ok(answers) => return answers.into_iter().map(Ok).collect(),
                // Nobody gets the file's lock: each would wait for it again.
                Err(error) if kind(&error) == StoreErrorKind::Timeout => {
                    let told = error.to_string();
                    let answer = |_| Err(StoreError::with_source(kind(&error), told.clone()));
                    return operations.iter().map(answer).collect();
                }
                // One of them failed, or the disk is full: each learns for itself.
                Err(_) => {}
            }
        }
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            answers.push(alone(self, operation, held).await);
        }
        answers
    }

    async fn together(
        &self,
        operations: &[Operation],
        held: &mut Held<'_>,
    ) -> Result<Vec<Vec<SqliteRow>>, sqlx::Error> {
        let mut transaction = Transaction::begin(held).await?;
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            let query = operation.query(&self.times, &self.living);
            answers.push(transaction.rows(query).await?);
        }
        transaction.commit().await?;
        Ok(answers)
    }
}

/// The rows of a statement that is its own transaction.
async fn alone(commits: &Commits, operation: &Operation, held: &mut Held<'_>) -> Rows {
    let query = operation.query(&commits.times, &commits.living);
    held.rows(query).await.map_err(store_error)
}
