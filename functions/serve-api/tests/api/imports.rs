//! Files over HTTP.

use super::*;

#[tokio::test]
async fn results_of_another_store_are_taken_in_once_and_published() {
    let api = Api::with(&[]).await;
    let results = [result("elsewhere", 1).build(), result("elsewhere", 2).build()];
    let file = serde_json::to_string(&results).unwrap();
    let first = api.ask("POST", "/v1/imports?name=theirs.json", &file).await;
    assert_eq!(
        (first.status, &first.body["file"]),
        (StatusCode::CREATED, &"theirs.json".into()),
        "{}",
        first.body
    );
    assert_eq!((first.body["taken"].as_array().unwrap().len(), &first.body["already_there"]), (2, &0.into()));
    assert_eq!(api.get("/v1/catalog?provenance=imported").await.body["total"], 2);
    let again = api.ask("POST", "/v1/imports", &file).await;
    assert_eq!((again.status, &again.body["already_there"]), (StatusCode::OK, &2.into()));
    assert_eq!(api.triggered.0.lock().unwrap().as_slice(), ["imported"], "published once");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_refused_by_its_field_and_nothing_is_stored() {
    let api = Api::with(&[]).await;
    let mut results = serde_json::to_value([result("bad", 1).build()]).unwrap();
    results[0]["metrics"]["output_tps"] = "fast".into();
    for (path, file) in [
        ("/v1/imports", results.to_string()),
        ("/v1/imports", "{\n\"truncated\": [".to_owned()),
        ("/v1/imports", "nothing of the kind".to_owned()),
    ] {
        let refused = api.ask("POST", path, &file).await;
        assert_eq!(
            (refused.status, &refused.body["title"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &"cannot import".into()),
            "{}",
            refused.body
        );
        assert!(refused.body["field"].is_string(), "{}", refused.body);
    }
    let misstated = api.ask("POST", "/v1/imports?hardware=h100", "{}").await;
    assert_eq!((misstated.status, &misstated.body["field"]), (StatusCode::BAD_REQUEST, &"hardware".into()));
    let unknown = api.ask("POST", "/v1/imports?colour=red", "{}").await;
    assert_eq!((unknown.status, &unknown.body["field"]), (StatusCode::BAD_REQUEST, &"colour".into()));
    let large = api.ask("POST", "/v1/imports", &" ".repeat((32 << 20) + 1)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(api.get("/v1/catalog").await.body["total"], 0);
    assert!(api.triggered.0.lock().unwrap().is_empty());
}
