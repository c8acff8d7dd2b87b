//! **Addresses** choose adapters: `sqlite:PATH`, `postgres://...`, `dir:PATH`. There is no default: a missing
//! setting never selects one.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::directory::DirectoryObjects;
use crate::postgres::{Mode, PostgresResults};
use crate::sqlite::{SqliteLedger, SqliteResults};
use crate::{Ledger, Objects, ResultStore, Rollups, StoreError, Telemetry};

/// Environment variable with the address of the results store. It may hold a password, so that it is handed on
/// in this way and never on a command line, which every user of the machine can read.
pub const STORE_VARIABLE: &str = "ASSAY_STORE";

/// What one address of results holds: the results, what follows from them, and raw series.
#[derive(Clone)]
pub struct ResultStores {
    /// Results.
    pub results: Arc<dyn ResultStore>,
    /// What follows from them.
    pub rollups: Arc<dyn Rollups>,
    /// Raw series.
    pub telemetry: Arc<dyn Telemetry>,
}

impl ResultStores {
    fn of(store: Arc<impl ResultStore + Rollups + Telemetry + 'static>) -> Self {
        Self { results: store.clone(), rollups: store.clone(), telemetry: store }
    }
}

/// Opens everything that an address of results holds.
///
/// # Errors
/// When the address names no adapter, or the adapter cannot be opened.
pub async fn open_result_stores(url: &str) -> Result<ResultStores, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(ResultStores::of(Arc::new(SqliteResults::open(Path::new(path)).await?)))
        }
        Some(("postgres" | "postgresql", rest)) if rest.len() > 2 && rest.starts_with("//") => {
            Ok(ResultStores::of(Arc::new(PostgresResults::connect(url).await?)))
        }
        _ => Err(bad_url(url, "results store", "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")),
    }
}

/// Opens a results store.
///
/// # Errors
/// As [`open_result_stores`].
pub async fn open_results(url: &str) -> Result<Arc<dyn ResultStore>, StoreError> {
    Ok(open_result_stores(url).await?.results)
}

/// What state the tables of a results store are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tables {
    /// They are those of this version, and are kept so by whoever opens the store: a SQLite file has no deployment.
    KeptByOpening,
    /// A PostgreSQL database.
    Shared {
        /// Migrations that are missing; [`migrate_results`] applies them.
        missing: usize,
        /// Whether the database knows the models, prices and so on that this program knows.
        facts_known: bool,
        /// What kind of database it is.
        mode: Mode,
    },
}

/// Looks at the tables of a results store without changing a shared one.
///
/// # Errors
/// As [`open_results`].
pub async fn tables_of_results(url: &str) -> Result<Tables, StoreError> {
    match shared_results(url).await? {
        None => open_results(url).await.map(|_| Tables::KeptByOpening),
        Some(store) => tables_of(&store).await,
    }
}

/// Brings the tables of a results store up to date: a step of a deployment. Says what they were before and are now.
///
/// # Errors
/// As [`open_results`], or when the server refuses.
pub async fn migrate_results(url: &str, today: NaiveDate) -> Result<(Tables, Tables), StoreError> {
    match shared_results(url).await? {
        None => open_results(url).await.map(|_| (Tables::KeptByOpening, Tables::KeptByOpening)),
        Some(store) => {
            let before = tables_of(&store).await?;
            store.migrate(today).await?;
            Ok((before, tables_of(&store).await?))
        }
    }
}

async fn tables_of(store: &PostgresResults) -> Result<Tables, StoreError> {
    let missing = store.migrations_missing().await?;
    let facts_known = missing == 0 && store.knows_facts().await?;
    Ok(Tables::Shared { missing, facts_known, mode: store.mode().await? })
}

/// The store of an address that many machines may share.
async fn shared_results(url: &str) -> Result<Option<PostgresResults>, StoreError> {
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => PostgresResults::connect(url).await.map(Some),
        _ => Ok(None),
    }
}

/// Opens a results store for questions, which are answered on a full disk too.
///
/// # Errors
/// As [`open_results`].
pub async fn open_results_to_read(url: &str) -> Result<Arc<dyn ResultStore>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Arc::new(SqliteResults::open_to_read(Path::new(path)).await?))
        }
        _ => open_results(url).await,
    }
}

/// Opens a ledger for questions, which are answered on a full disk too.
///
/// # Errors
/// As [`open_ledger`].
pub async fn open_ledger_to_read(url: &str) -> Result<Arc<dyn Ledger>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Arc::new(SqliteLedger::open_to_read(Path::new(path)).await?))
        }
        _ => open_ledger(url).await,
    }
}

/// Opens a ledger.
///
/// # Errors
/// As [`open_results`].
pub async fn open_ledger(url: &str) -> Result<Arc<dyn Ledger>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Arc::new(SqliteLedger::open(Path::new(path)).await?))
        }
        _ => Err(bad_url(url, "ledger", "sqlite:PATH")),
    }
}

/// Opens an objects store.
///
/// # Errors
/// As [`open_results`].
pub async fn open_objects(url: &str) -> Result<Arc<dyn Objects>, StoreError> {
    match url.split_once(':') {
        Some(("dir", path)) if !path.is_empty() => Ok(Arc::new(DirectoryObjects::open(Path::new(path))?)),
        _ => Err(bad_url(url, "objects store", "dir:PATH")),
    }
}

/// The error of an address that names no adapter of a port; `expected` are those it could name.
#[must_use]
pub fn bad_url(url: &str, port: &'static str, expected: &'static str) -> StoreError {
    StoreError::BadUrl { url: without_credentials(url), port, expected }
}

/// An address without what may be a password: what stands before an `@`, and everything after a `?`.
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let (url, options) = url.split_once('?').map_or((url, ""), |(url, _)| (url, "?***"));
    let shown = match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        (None, Some((_, host))) => format!("***@{host}"),
        _ => url.to_owned(),
    };
    shown + options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_address_is_refused_without_its_password() {
        let message = open_results("mysql://me:secret@host/db").await.err().unwrap().to_string();
        assert!(
            message.contains("sqlite:PATH") && message.contains("***@host") && !message.contains("secret")
        );
        assert!(open_objects("dir:").await.is_err());
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://user:secret@host/db", "postgres://***@host/db"),
            ("postgres://user:s@cret@host/db", "postgres://***@host/db"),
            ("postgres://host/db?password=secret", "postgres://host/db?***"),
            ("mysql:user:secret@host", "***@host"),
            ("sqlite:a/b.db", "sqlite:a/b.db"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
