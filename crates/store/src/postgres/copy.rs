//! `COPY` in PostgreSQL's **binary format**: what a server takes fastest.
//! <https://www.postgresql.org/docs/current/sql-copy.html>

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// 2000-01-01, which the server counts from, in microseconds since 1970.
const SERVER_EPOCH_US: i64 = 946_684_800_000_000;

/// Bytes of rows that are sent together.
const ENOUGH: usize = 1 << 16;

/// Room for them and for the row that is too much.
const ROOM: usize = ENOUGH + (1 << 14);

/// Rows on their way to the server.
pub struct Rows {
    bytes: Vec<u8>,
}

impl Rows {
    fn new() -> Self {
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.extend_from_slice(SIGNATURE);
        // No flags, and nothing more in the header.
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes }
    }

    /// Begins a row of so many columns.
    pub fn row(&mut self, columns: i16) {
        self.bytes.extend_from_slice(&columns.to_be_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.value(text.as_bytes());
    }

    pub fn integer(&mut self, number: i64) {
        self.value(&number.to_be_bytes());
    }

    pub fn float(&mut self, number: f64) {
        self.value(&number.to_be_bytes());
    }

    pub fn boolean(&mut self, is: bool) {
        self.value(&[u8::from(is)]);
    }

    pub fn instant(&mut self, instant: DateTime<Utc>) {
        self.integer(instant.timestamp_micros() - SERVER_EPOCH_US);
    }

    /// A value, or null.
    pub fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.value(bytes);
    }

    fn value(&mut self, bytes: &[u8]) {
        // A document has some thousand bytes; the server takes at most 2^30.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// What is worth sending now.
    fn enough(&mut self) -> Option<Vec<u8>> {
        (self.bytes.len() >= ENOUGH).then(|| std::mem::replace(&mut self.bytes, Vec::with_capacity(ROOM)))
    }

    /// The rest.
    fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.bytes
    }
}

/// Copies what `write` makes of each item. The server takes what was sent while the next rows are written down.
pub async fn copy<T>(
    connection: &mut PgConnection,
    statement: &str,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Rows, T) -> sqlx::Result<()>,
) -> sqlx::Result<()> {
    let mut copy = connection.copy_in_raw(statement).await?;
    let mut rows = Rows::new();
    for item in items {
        if let Err(error) = write(&mut rows, item) {
            copy.abort(error.to_string()).await?;
            return Err(error);
        }
        if let Some(bytes) = rows.enough() {
            copy.send(bytes).await?;
        }
    }
    copy.send(rows.end()).await?;
    copy.finish().await.map(drop)
}
