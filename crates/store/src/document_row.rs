//! A **document row** is a stored result as the JSON that it is read back from, the same in either database.

use domain::BenchmarkResult;
use sqlx::FromRow;

use crate::StoreError;

/// A row of a query for whole results.
#[derive(FromRow)]
pub struct DocumentRow {
    run_id: String,
    document: String,
}

impl DocumentRow {
    /// The result; a document that is none is `damaged`.
    pub fn read(&self, damaged: impl FnOnce(String) -> StoreError) -> Result<BenchmarkResult, StoreError> {
        serde_json::from_str(&self.document).map_err(|e| damaged(format!("run {}: {e}", self.run_id)))
    }

    /// The results of some rows, in the middle of a transaction.
    pub fn decode_all(rows: &[Self]) -> sqlx::Result<Vec<BenchmarkResult>> {
        let decode = |row: &Self| serde_json::from_str(&row.document);
        rows.iter().map(|row| decode(row).map_err(|e| sqlx::Error::Decode(e.into()))).collect()
    }
}
