//! What holds for every request.

use super::*;

#[tokio::test]
async fn a_request_has_the_id_that_it_brought_if_that_is_sane() {
    let api = Api::with(&[]).await;
    let ask = async |id: &str| {
        let request = Request::get("/healthz").header("x-request-id", id).body(Body::empty()).unwrap();
        api.send(request).await.headers["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(ask("from-the-page-1").await, "from-the-page-1");
    for strange in ["", "two words", &"x".repeat(129), "<script>"] {
        let given = ask(strange).await;
        assert!(given != strange && given.len() == 36, "{given}");
    }
}

#[tokio::test]
async fn every_refusal_is_a_problem_with_the_id_of_its_request() {
    let api = Api::with(&[]).await;
    let large = " ".repeat((1 << 20) + 1);
    for (method, path, body, status) in [
        ("DELETE", "/v1/catalog", "", StatusCode::METHOD_NOT_ALLOWED),
        ("POST", "/v1/recommendations", large.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
        ("GET", "/nowhere", "", StatusCode::NOT_FOUND),
        ("GET", "/v1/campaigns/%FF", "", StatusCode::BAD_REQUEST),
        ("GET", "/v1/campaigns/demo", "", StatusCode::NOT_FOUND),
    ] {
        let answer = api.ask(method, path, body).await;
        assert_eq!((answer.status, &answer.body["status"]), (status, &status.as_u16().into()), "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["request_id"], answer.headers["x-request-id"].to_str().unwrap());
        let kind = answer.body["type"].as_str().unwrap();
        assert!(kind.starts_with("urn:assay:problem:"), "{kind}");
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_used_is_told_by_its_field() {
    let api = Api::with(&[]).await;
    for (body, field) in [
        (
            r#"{"use_case": "chatbot", "bounds": [{"metric": "ttft", "statistic": "p91", "max_ms": 1}]}"#,
            "bounds[0].statistic",
        ),
        (r#"{"use_case": "chatbot", "limit": 0}"#, "limit"),
        (r#"{"use_case": "chatbot", "filter": {"engine": "vlm"}}"#, "filter.engine"),
    ] {
        let answer = api.recommend(body).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (StatusCode::BAD_REQUEST, &field.into()),
            "{}",
            answer.body
        );
    }
    let answer = api.recommend(r#"{"use_case": "chatbot"} {}"#).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_path_answers_the_methods_that_the_document_has_and_no_others() {
    let api = Api::with(&[]).await;
    let document = api.get("/openapi.json").await.body;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "x").replace("{config_id}", "x");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = api.ask(method, &path, "").await;
            let described = methods.get(method.to_lowercase()).is_some();
            assert_eq!(answer.status != StatusCode::METHOD_NOT_ALLOWED, described, "{method} {path}");
            assert!(answer.status != StatusCode::NOT_FOUND || path.contains("/x"), "{method} {path}");
        }
    }
}
