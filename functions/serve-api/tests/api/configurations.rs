//! One configuration and its history.

use super::*;

#[tokio::test]
async fn a_configuration_has_its_latest_results_and_a_history_with_versions() {
    let version = |day: i64, version: &str| {
        let mut result = result("one", 1).measured_at(at(day * 86_400)).build();
        result.run_id = format!("one-{day}").parse().unwrap();
        result.environment.engine_version = Some(version.to_owned());
        result
    };
    let mut simulated = version(1, "9.9");
    simulated.provenance = Provenance::Simulated;
    simulated.run_id = "one-simulated".parse().unwrap();
    let results = [version(0, "0.11.0"), simulated, version(2, "0.11.0"), version(3, "0.12.0")];
    let api = Api::with(&results).await;
    let path = format!("/v1/configurations/{}", results[0].config_id);
    let known = api.get(&path).await;
    assert_eq!(known.status, StatusCode::OK, "{}", known.body);
    assert_eq!(known.body["entries"].as_array().unwrap().len(), 2);
    assert_eq!(known.body["results"].as_array().unwrap().len(), 2);
    assert_eq!(known.body["entries"][0]["run_id"], "one-3");

    let history = api.get(&format!("{path}/history?provenance=measured")).await.body;
    let entries = history["entries"].as_array().unwrap();
    let changed: Vec<_> =
        entries.iter().map(|e| (e["run_id"].as_str().unwrap(), &e["engine_version_changed"])).collect();
    let (yes, no) = (Value::from(true), Value::from(false));
    assert_eq!(changed, [("one-0", &no), ("one-2", &no), ("one-3", &yes)]);
    assert!(entries[0]["ttft_p90_ms"].as_f64().unwrap() > 0.0);
    let last = api.get(&format!("{path}/history?limit=1")).await.body;
    assert_eq!((&last["older"], &last["entries"][0]["run_id"]), (&3.into(), &"one-3".into()));

    api.results.away.store(true, Ordering::SeqCst);
    for path in [path.clone(), format!("{path}/history")] {
        let stale = api.get(&path).await;
        assert_eq!(stale.status, StatusCode::OK, "{}", stale.body);
        assert!(stale.warning.unwrap().starts_with("110 "));
        assert_eq!(stale.body["entries"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_configuration_that_is_not_known_is_not_there() {
    let api = Api::with(&[result("one", 1).build()]).await;
    for path in ["/v1/configurations/none", "/v1/configurations/none/history"] {
        assert_eq!(api.get(path).await.status, StatusCode::NOT_FOUND);
    }
    let bad = api.get("/v1/configurations/No%20Id").await;
    assert_eq!((bad.status, &bad.body["field"]), (StatusCode::BAD_REQUEST, &"config_id".into()));
    let bad = api.get("/v1/configurations/none/history?provenance=guessed").await;
    assert_eq!((bad.status, &bad.body["field"]), (StatusCode::BAD_REQUEST, &"provenance".into()));
}
