//! The catalogue as points, side by side and as a download.

use super::*;

#[tokio::test]
async fn points_are_columns_with_the_fronts_of_what_may_be_compared() {
    let simulated = result("points", 8).provenance(Provenance::Simulated).build();
    let api = Api::with(&[result("points", 1).build(), result("points", 2).build(), simulated]).await;
    let answer = api.get("/v1/catalog/points?x=ttft_p90_ms&y=output_tps").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let points = answer.body;
    for column in ["config_ids", "xs", "ys"] {
        assert_eq!(points[column].as_array().unwrap().len(), 3, "{column}");
    }
    assert_eq!((&points["x"]["unit"], &points["y"]["better"]), (&"ms".into(), &"more".into()));
    assert_eq!(points["fronts"].as_array().unwrap().len(), 2, "one of each provenance");
    assert_eq!(
        api.get("/v1/catalog/points?x=ttft_p90_ms&y=output_tps&provenance=simulated").await.body["total"],
        1
    );
    for (parameters, field) in [
        ("x=ttft_p90_ms", "y"),
        ("x=speed&y=output_tps", "x"),
        ("x=ttft_p90_ms&y=output_tps&colour=red", "colour"),
    ] {
        let refused = api.get(&format!("/v1/catalog/points?{parameters}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (StatusCode::BAD_REQUEST, &field.into()));
    }
}

#[tokio::test]
async fn configurations_stand_side_by_side() {
    let (a, b) = (result("compared", 1).build(), result("compared", 2).build());
    let api = Api::with(&[a.clone(), b.clone()]).await;
    let compare = async |query: String| api.get(&format!("/v1/compare?{query}")).await;
    let both = compare(format!("id={}&id={}&price=on-demand", a.config_id, b.config_id)).await;
    assert_eq!(both.status, StatusCode::OK, "{}", both.body);
    assert_eq!(both.body["configurations"].as_array().unwrap().len(), 2);
    assert_eq!(both.body["differences"][0]["axis"], "load");
    for (query, status) in [
        (format!("id={}", a.config_id), StatusCode::BAD_REQUEST),
        (format!("id={0}&id={0}", a.config_id), StatusCode::BAD_REQUEST),
        (format!("id={}&id=none", a.config_id), StatusCode::NOT_FOUND),
        (format!("id={}&id=No", a.config_id), StatusCode::BAD_REQUEST),
    ] {
        let refused = compare(query).await;
        assert_eq!((refused.status, &refused.body["field"]), (status, &"id".into()));
    }
}

#[tokio::test]
async fn all_that_matches_is_downloaded_as_a_table() {
    let results: Vec<_> = (1..=3).map(|load| result("table", load).build()).collect();
    let api = Api::with(&results).await;
    let download = async |path: &str, accept: &str| {
        let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
        let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
        let media_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert!(answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        (media_type, answer.into_body().collect().await.unwrap().to_bytes())
    };
    for (path, accept) in
        [("/v1/catalog.csv?engine=vllm&engine=simulated", "*/*"), ("/v1/catalog", "text/csv")]
    {
        let (media_type, csv) = download(path, accept).await;
        assert_eq!(media_type, "text/csv");
        assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 4);
    }
    for (path, accept) in [("/v1/catalog.parquet", "*/*"), ("/v1/catalog", "application/vnd.apache.parquet")]
    {
        let (media_type, parquet) = download(path, accept).await;
        assert_eq!((media_type.as_str(), &parquet[..4]), ("application/vnd.apache.parquet", &b"PAR1"[..]));
    }
    assert_eq!(api.get("/v1/catalog.csv?limit=1").await.body["field"], "limit");
}

#[tokio::test]
async fn the_last_catalogue_is_given_with_a_warning_while_the_stores_are_away() {
    let (a, b) = (result("away", 1).build(), result("away", 2).build());
    let api = Api::with(&[a.clone(), b.clone()]).await;
    api.get("/v1/catalog").await;
    api.results.away.store(true, Ordering::SeqCst);
    let compare = format!("/v1/compare?id={}&id={}", a.config_id, b.config_id);
    for path in [compare.as_str(), "/v1/catalog.csv", "/v1/catalog/points?x=rps&y=output_tps", "/readyz"] {
        let stale = api.get(path).await;
        assert_eq!(stale.status, StatusCode::OK, "{path}");
        assert!(path == "/readyz" || stale.warning.unwrap().starts_with("110 "), "{path}");
    }
}
