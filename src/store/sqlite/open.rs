//! Opening the file, and saying what is wrong with it.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::time::Instant;

use super::connection;
use super::schema::{self, Failure};
use crate::store::{StoreError, StoreErrorKind};

/// Between two tries while somebody else has the file.
const PAUSE: Duration = Duration::from_millis(20);

/// Sees to it that the file is there, with the tables in it, and opens it.
pub(super) async fn open(
    path: &Path,
    options: SqliteConnectOptions,
    busy_timeout: Duration,
    max_file_size: Option<u64>,
) -> Result<connection::Connection, StoreError> {
    if let Some(advice) = no_file_name(path) {
        return Err(StoreError::with_source(StoreErrorKind::Misconfigured, advice));
    }
    let deadline = Instant::now().checked_add(busy_timeout);
    // Turning on the write-ahead log is what SQLite does not wait with: two processes that create
    // the file at the same time would get in each other's way.
    while let Err(failure) = prepare(&options).await {
        let is_over = deadline.is_none_or(|deadline| Instant::now() >= deadline);
        if failure.kind() != StoreErrorKind::Timeout || is_over {
            return Err(explained(path, failure));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let opened = connection::Connection::open(options, max_file_size).await;
    opened.map_err(|error| explained(path, error.into()))
}

async fn prepare(options: &SqliteConnectOptions) -> Result<(), Failure> {
    let mut connection = options.connect().await?;
    schema::ensure(&mut connection).await?;
    Ok(connection.close().await?)
}

/// What SQLite would take for something else than a file.
fn no_file_name(path: &Path) -> Option<String> {
    let text = path.to_string_lossy();
    if text.is_empty() || text == ":memory:" {
        return Some("SqliteStore needs the path of a file; MemoryStore is in memory".into());
    }
    let scheme = ["file:", "sqlite:"].into_iter().find(|scheme| text.starts_with(scheme))?;
    Some(format!("{text}: a path is expected here, not a URL: leave out `{scheme}`"))
}

fn explained(path: &Path, failure: Failure) -> StoreError {
    let kind = failure.kind();
    let name = path.display();
    let advice = match failure {
        Failure::Newer(version) => format!(
            "{name}: its tables have version {version}, made by a later release of \
             tower-webhooks; update this program"
        ),
        Failure::Foreign(error) => format!(
            "{name}: its table webhook_claims is not as SqliteStore::SCHEMA describes it: {error}"
        ),
        Failure::Sql(error) => match advice(path, kind) {
            Some(advice) => format!("{name}: {advice} ({error})"),
            None => format!("{name}: {error}"),
        },
    };
    StoreError::with_source(kind, advice)
}

fn advice(path: &Path, kind: StoreErrorKind) -> Option<String> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    match kind {
        StoreErrorKind::Timeout => Some("another process holds its lock".into()),
        StoreErrorKind::Corrupt => {
            Some("it is no SQLite database, or it is damaged: move it away, or restore it".into())
        }
        StoreErrorKind::Full => Some("the disk is full, or the file has its greatest size".into()),
        StoreErrorKind::Unavailable if path.is_dir() => {
            Some("this is a directory: give the name of a file in it".into())
        }
        StoreErrorKind::Unavailable if !directory.exists() => {
            Some(format!("create its directory {} first", directory.display()))
        }
        StoreErrorKind::Unavailable
        | StoreErrorKind::Misconfigured
        | StoreErrorKind::Unstorable => Some(format!(
            "this process must be allowed to write it, and to create files in {}",
            directory.display()
        )),
    }
}
