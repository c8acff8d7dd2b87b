//! A **document row** is a stored result as the JSON that it is read back from, the same in either database.

use domain::BenchmarkResult;
use futures::{Stream, TryStreamExt};
use sqlx::FromRow;

/// A row of a query for whole results.
#[derive(FromRow)]
pub struct DocumentRow {
    run_id: String,
    document: String,
}

impl DocumentRow {
    fn decode(&self) -> sqlx::Result<BenchmarkResult> {
        let decoded = serde_json::from_str(&self.document);
        decoded.map_err(|e| sqlx::Error::Decode(format!("run {}: {e}", self.run_id).into()))
    }

    /// The results of some rows.
    pub fn decode_all(rows: &[Self]) -> sqlx::Result<Vec<BenchmarkResult>> {
        rows.iter().map(Self::decode).collect()
    }

    /// The results of rows as they come. No text is kept: those of 90,000 results would be as much memory again.
    pub async fn decode_each(
        mut rows: impl Stream<Item = sqlx::Result<Self>> + Unpin,
    ) -> sqlx::Result<Vec<BenchmarkResult>> {
        let mut results = Vec::new();
        while let Some(row) = rows.try_next().await? {
            results.push(row.decode()?);
        }
        Ok(results)
    }
}
