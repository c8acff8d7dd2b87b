//! Taking over what the program knows.

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, query, query_scalar};

use super::server::Connection;
use crate::known_facts::{fingerprint, models, prices, tables};

/// Replaces the tables of known facts, within the caller's transaction.
pub async fn write(connection: &mut PgConnection, today: NaiveDate) -> sqlx::Result<()> {
    let tables = tables();
    for table in tables.iter().rev() {
        query(AssertSqlSafe(format!("DELETE FROM {}", table.name))).execute(&mut *connection).await?;
    }
    query("DELETE FROM models WHERE added_at IS NULL").execute(&mut *connection).await?;
    upsert_models(connection, models()).await?;
    for table in tables {
        let name = table.name;
        let insert =
            format!("INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::json)");
        let rows = Value::Array(table.rows).to_string();
        query(AssertSqlSafe(insert)).bind(rows).execute(&mut *connection).await?;
    }
    query(include_str!("sql/insert_prices.sql"))
        .bind(Value::Array(prices(today)).to_string())
        .execute(&mut *connection)
        .await?;
    query("UPDATE known_facts SET fingerprint = $1").bind(fingerprint()).execute(connection).await?;
    Ok(())
}

/// Writes models, but for those that ship with the program and are there.
pub async fn upsert_models(connection: &mut PgConnection, rows: Vec<Value>) -> sqlx::Result<()> {
    let rows = Value::Array(rows).to_string();
    query(include_str!("sql/upsert_models.sql")).bind(rows).execute(connection).await.map(drop)
}

/// Whether the database knows what this program knows.
pub async fn are_current(mut connection: Connection) -> sqlx::Result<bool> {
    let known: String =
        query_scalar("SELECT fingerprint FROM known_facts").fetch_one(&mut *connection).await?;
    Ok(known == fingerprint())
}
