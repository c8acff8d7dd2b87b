//! Taking over what the program knows.

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool};
use sqlx::{Arguments, AssertSqlSafe, query, query_scalar, query_with};

use crate::known_facts::{fingerprint, prices, tables};

/// Whether the database knows what this program knows.
pub async fn are_current(pool: &SqlitePool) -> sqlx::Result<bool> {
    let known: String = query_scalar("SELECT fingerprint FROM known_facts").fetch_one(pool).await?;
    Ok(known == fingerprint())
}

/// Replaces the tables of known facts, within the caller's transaction.
pub async fn write(connection: &mut SqliteConnection, today: NaiveDate) -> sqlx::Result<()> {
    let tables = tables();
    for table in tables.iter().rev() {
        query(AssertSqlSafe(format!("DELETE FROM {}", table.name))).execute(&mut *connection).await?;
    }
    for table in tables {
        for row in table.rows {
            let values = arguments(&row)?;
            let places = vec!["?"; values.len()].join(", ");
            let insert = format!("INSERT INTO {} VALUES ({places})", table.name);
            query_with(AssertSqlSafe(insert), values).execute(&mut *connection).await?;
        }
    }
    for row in prices(today) {
        query_with(include_str!("sql/insert_price.sql"), arguments(&row)?).execute(&mut *connection).await?;
    }
    query("UPDATE known_facts SET fingerprint = ?").bind(fingerprint()).execute(connection).await?;
    Ok(())
}

/// The fields of a row in their order.
fn arguments(row: &Value) -> sqlx::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in row.as_object().into_iter().flat_map(|row| row.values()) {
        match value {
            Value::Null => arguments.add(None::<String>),
            Value::String(text) => arguments.add(text.clone()),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => arguments.add(whole),
                None => arguments.add(number.as_f64()),
            },
            other => arguments.add(other.to_string()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
