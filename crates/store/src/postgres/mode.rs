//! The **mode** of a database: whether its time series are plain tables or hypertables of TimescaleDB, and what it lacks.

use std::fmt;

use sqlx::postgres::PgConnection;
use sqlx::{FromRow, query_as, query_scalar, raw_sql};

/// What a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// The version of PostgreSQL.
    pub server: String,
    /// How it keeps time series.
    pub series: Series,
}

/// How time series are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Series {
    /// In plain tables: TimescaleDB is not installed on the server.
    Plain,
    /// In plain tables: TimescaleDB is installed and was not loaded when the server started.
    NotPreloaded {
        /// Its version.
        version: String,
    },
    /// In plain tables: [`super::PostgresResults::migrate`] would make them hypertables.
    Ready {
        /// The version of TimescaleDB.
        version: String,
    },
    /// In hypertables.
    Hypertables {
        /// The version of TimescaleDB.
        version: String,
        /// Whether old chunks are compressed and old raw series forgotten.
        policies: Policies,
    },
}

/// Compression and retention in TimescaleDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policies {
    /// They are there.
    There,
    /// Migrating would make them.
    Missing,
    /// The server has the Apache-2 edition, which has none.
    NotInThisEdition,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {}, ", self.server)?;
        match &self.series {
            Series::Plain => write!(f, "plain tables (the server has no TimescaleDB)"),
            Series::NotPreloaded { version } => write!(
                f,
                "plain tables (TimescaleDB {version} is not preloaded: add it to shared_preload_libraries, start \
                 the server again and run `assay db migrate`)"
            ),
            Series::Ready { version } => {
                write!(f, "plain tables (`assay db migrate` makes hypertables of TimescaleDB {version})")
            }
            Series::Hypertables { version, policies } => {
                write!(f, "hypertables of TimescaleDB {version}, ")?;
                f.write_str(match policies {
                    Policies::There => "compression and retention by policy",
                    Policies::Missing => "no policies (`assay db migrate` makes them)",
                    Policies::NotInThisEdition => {
                        "no compression (not in its Apache-2 edition); raw series are forgotten by \
                         publish-catalog"
                    }
                })
            }
        }
    }
}

#[derive(FromRow)]
struct ModeRow {
    server: String,
    available: Option<String>,
    installed: Option<String>,
    preloaded: bool,
    community: bool,
}

impl Mode {
    /// Looks.
    pub async fn of(connection: &mut PgConnection) -> sqlx::Result<Self> {
        let row: ModeRow = query_as(include_str!("sql/select_mode.sql")).fetch_one(&mut *connection).await?;
        let series = match (row.installed, row.available) {
            (Some(version), _) if row.preloaded && is_hypertable(connection).await? => {
                let policies = match (row.community, have_policies(connection).await?) {
                    (false, _) => Policies::NotInThisEdition,
                    (true, true) => Policies::There,
                    (true, false) => Policies::Missing,
                };
                Series::Hypertables { version, policies }
            }
            (Some(version), _) | (None, Some(version)) if row.preloaded => Series::Ready { version },
            (Some(version), _) | (None, Some(version)) => Series::NotPreloaded { version },
            (None, None) => Series::Plain,
        };
        Ok(Self { server: row.server, series })
    }
}

/// Makes hypertables and policies, as far as the server has them. It may be done again.
pub async fn make_hypertables(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mode = Mode::of(connection).await?;
    if matches!(mode.series, Series::Ready { .. }) {
        raw_sql(include_str!("../../../../migrations/timescale/hypertables.sql"))
            .execute(&mut *connection)
            .await?;
    }
    let mode = Mode::of(connection).await?;
    if matches!(mode.series, Series::Hypertables { policies: Policies::Missing, .. }) {
        raw_sql(include_str!("../../../../migrations/timescale/policies.sql")).execute(connection).await?;
    }
    Ok(())
}

async fn is_hypertable(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let made: i64 = query_scalar(include_str!("sql/count_hypertables.sql")).fetch_one(connection).await?;
    Ok(made == 2)
}

async fn have_policies(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let made: i64 = query_scalar(include_str!("sql/count_policies.sql")).fetch_one(connection).await?;
    Ok(made == 3)
}
