//! What PostgreSQL's error codes mean to a person.

use sqlx::migrate::MigrateError;

use crate::StoreError;

/// A database as a person would call it: its address without the password.
#[derive(Debug, Clone)]
pub struct Place(pub String);

impl Place {
    pub fn unavailable(&self, detail: impl ToString) -> StoreError {
        StoreError::Unavailable { place: self.0.clone(), detail: detail.to_string() }
    }

    pub fn damaged(&self, detail: impl ToString) -> StoreError {
        StoreError::Damaged {
            place: self.0.clone(),
            detail: detail.to_string(),
            mend: "restore it from a backup".to_owned(),
        }
    }

    pub fn other(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::Other { place: self.0.clone(), source: source.into() }
    }

    pub fn migration(&self, error: MigrateError) -> StoreError {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => self.sql(error),
            error => self.other(error),
        }
    }

    pub fn sql(&self, error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::Database(ref told) => {
                let message = told.message().to_owned();
                let code = told.code().unwrap_or_default().into_owned();
                self.by_code(&code, message, error)
            }
            sqlx::Error::Io(io) => self.unavailable(io),
            sqlx::Error::PoolTimedOut => self.unavailable("no connection was to be had in time"),
            error @ (sqlx::Error::Tls(_) | sqlx::Error::PoolClosed) => self.unavailable(error),
            error @ (sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => self.damaged(error),
            error => self.other(error),
        }
    }

    /// Codes and classes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn by_code(&self, code: &str, message: String, error: sqlx::Error) -> StoreError {
        match code {
            "53100" => StoreError::Full { place: self.0.clone(), detail: message },
            // index_corrupted is in the same class as data_corrupted
            "XX001" | "XX002" => self.damaged(message),
            // no such table, no such column
            "42P01" | "42703" => StoreError::Missing {
                place: self.0.clone(),
                what: "tables of this version; apply the migrations to it with `assay db migrate`".to_owned(),
            },
            // no such database, not this user, not with this password
            "3D000" | "28000" | "28P01" => self.unavailable(message),
            // connection exceptions, too many connections, being shut down or started
            _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
                self.unavailable(message)
            }
            _ => self.other(error),
        }
    }
}
