//! **Exports**: results in formats that other programs read. Our own JSON is what [`domain::BenchmarkResult`] is written as.

mod columns;
mod csv;
pub mod llm_d;
mod parquet;

pub use csv::csv;
pub use parquet::parquet;

/// The column of a Parquet file that has each result whole, as JSON.
pub const DOCUMENT: &str = "document";

/// Results that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// As CSV.
    #[error("the results cannot be written as CSV")]
    Csv(#[from] ::csv::Error),
    /// As Parquet.
    #[error("the results cannot be written as Parquet")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// As JSON.
    #[error("a result cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl ExportError {
    /// Whether nobody reads any more.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Csv(error) => match error.kind() {
                ::csv::ErrorKind::Io(error) => Some(error.kind()),
                _ => None,
            },
            Self::Json(error) => error.io_error_kind(),
            Self::Parquet(_) => None,
        };
        kind == Some(std::io::ErrorKind::BrokenPipe)
    }
}
