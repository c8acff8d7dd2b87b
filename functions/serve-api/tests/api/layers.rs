//! What is done to every answer.

use super::*;

#[tokio::test]
async fn an_answer_is_compressed_as_it_is_asked_for() {
    let results: Vec<_> = (1..=20).map(|load| result("large", load).build()).collect();
    let api = Api::with(&results).await;
    let get = async |accept: &str| {
        let request =
            Request::get("/v1/catalog").header("accept-encoding", accept).body(Body::empty()).unwrap();
        let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
        let encoding = answer.headers().get("content-encoding").map(|e| e.to_str().unwrap().to_owned());
        let vary: Vec<_> =
            answer.headers().get_all("vary").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
        assert!(vary.join(",").contains("accept-encoding"), "{vary:?}");
        (encoding, answer.into_body().collect().await.unwrap().to_bytes().len())
    };
    let (none, plain) = get("identity").await;
    assert_eq!(none, None);
    for encoding in ["gzip", "br", "zstd"] {
        let (used, length) = get(encoding).await;
        assert_eq!(used.as_deref(), Some(encoding));
        assert!(length * 4 < plain, "{encoding}: {length} of {plain}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_ask_where_it_is_named() {
    let mut api = Api::with(&[]).await;
    let ask = async |api: &Api, origin: &str| {
        let request = Request::options("/v1/catalog")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        answer.headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(&api, "https://page.example").await, None);
    api.context.settings.origins = vec!["https://page.example".parse().unwrap()];
    assert_eq!(ask(&api, "https://page.example").await.as_deref(), Some("https://page.example"));
    assert_eq!(ask(&api, "https://else.example").await, None);
}

#[tokio::test]
async fn requests_and_kept_answers_are_measured() {
    let api = Api::with(&[result("measured", 1).build()]).await;
    for _ in 0..3 {
        api.recommend(CHATBOT).await;
    }
    api.get("/v1/configurations/secret-name").await;
    api.get("/elsewhere").await;
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&text).unwrap();
    for line in [
        r#"assay_api_requests_total{method="POST",route="/v1/recommendations",status="200"} 3"#,
        r#"assay_api_requests_total{method="GET",route="/v1/configurations/{config_id}",status="404"} 1"#,
        r#"assay_api_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"assay_api_duration_seconds_count{route="/v1/recommendations"} 3"#,
        "assay_api_hot_hits_total 2",
        "assay_api_hot_misses_total 1",
        "assay_api_catalog_results 1",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("assay_api_hot_hit_ratio 0.66"), "{text}");
    assert!(!text.contains("secret-name"));
}

#[tokio::test]
async fn many_who_ask_at_once_share_a_look_at_the_stores_that_begins_after_they_asked() {
    let api = Api::with(&[result("shared", 1).build()]).await;
    api.get("/v1/catalog").await;
    let asked = (0..64).map(|_| api.get("/v1/catalog?limit=0"));
    let totals: Vec<_> =
        futures::future::join_all(asked).await.into_iter().map(|a| a.body["total"].clone()).collect();
    assert!(totals.iter().all(|total| *total == 1));
    let looks = api.results.looks.load(Ordering::SeqCst);
    assert!(looks <= 10, "{looks} looks for 64 who ask at once");
    for load in 2..6 {
        api.results.insert(&[result("shared", load).build()]).await.unwrap();
        assert_eq!(api.get("/v1/catalog?limit=0").await.body["total"], load);
    }
}
