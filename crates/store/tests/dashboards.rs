//! The SQL of Grafana's dashboards (infra/monitoring) is answered by the tables that we migrate.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use chrono::NaiveDate;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use store::ResultStore;
use store::postgres::PostgresResults;
use testkit::fixtures::result;
use testkit::services::PrivatePostgres;

/// Every query: of a panel, or of the values of a variable.
fn queries() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/monitoring/dashboards/json");
    let mut queries = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let dashboard: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let named = |what: &Value| format!("{}: {what}", file.display());
        for panel in dashboard["panels"].as_array().unwrap() {
            let sql = panel["targets"][0]["rawSql"].as_str();
            queries.extend(sql.map(|sql| (named(&panel["title"]), sql.to_owned())));
        }
        for variable in dashboard["templating"]["list"].as_array().unwrap() {
            let sql = variable["query"].as_str().filter(|_| variable["type"] == "query");
            queries.extend(sql.map(|sql| (named(&variable["name"]), sql.to_owned())));
        }
    }
    queries
}

/// As Grafana hands it over: with its macro and its variables replaced.
fn replaced(sql: &str, model: &str) -> String {
    let mut sql = sql.replace("$provenance", "measured").replace("$model", model);
    while let Some((before, rest)) = sql.split_once("$__timeFilter(") {
        let (column, after) = rest.split_once(')').unwrap();
        sql = format!("{before}{column} BETWEEN '2020-01-01' AND '2100-01-01'{after}");
    }
    assert!(!sql.contains('$'), "{sql}");
    sql
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_a_dashboard_is_answered() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = PostgresResults::connect(&url).await.unwrap();
    store.migrate(NaiveDate::from_ymd_opt(2026, 11, 26).unwrap()).await.unwrap();
    store.insert(&[result("demo", 8).build()]).await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let queries = queries();
    assert!(queries.len() >= 10, "{queries:?}");
    for (name, sql) in queries {
        let rows = sqlx::query(sqlx::AssertSqlSafe(replaced(&sql, "llama-3.1-8b-instruct")))
            .fetch_all(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // What is computed when the catalogue is published is not there yet, and a result that may be ranked is.
        let is_of_results = sql.contains("FROM benchmark_results") && !sql.contains("NOT rankable");
        assert!(!is_of_results || !rows.is_empty(), "{name}: no rows");
    }
}
