//! Taking over what the program knows.

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool};
use sqlx::{Arguments, AssertSqlSafe, query, query_scalar, query_with};

use crate::known_facts::{fingerprint, models, prices, tables};

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
    query("DELETE FROM models WHERE added_at IS NULL").execute(&mut *connection).await?;
    upsert_models(connection, &models()).await?;
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

/// Writes models, but for those that ship with the program and are there.
pub async fn upsert_models(connection: &mut SqliteConnection, rows: &[Value]) -> sqlx::Result<()> {
    for row in rows {
        let upsert = query_with(include_str!("sql/upsert_model.sql"), arguments(row)?);
        upsert.execute(&mut *connection).await?;
    }
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
