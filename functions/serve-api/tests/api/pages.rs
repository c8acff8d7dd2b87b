//! The catalogue page by page.

use super::*;

async fn ids(page: &Value) -> Vec<String> {
    page["entries"].as_array().unwrap().iter().map(|e| e["run_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn cursors_lead_through_all_pages_of_one_snapshot() {
    let results: Vec<_> = (1..=7).map(|load| result("paged", load).build()).collect();
    let api = Api::with(&results).await;
    let all = ids(&api.get("/v1/catalog?sort=-output_tps").await.body).await;
    let (mut seen, mut path) = (Vec::new(), "/v1/catalog?sort=-output_tps&limit=3".to_owned());
    loop {
        let page = api.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        seen.extend(ids(&page.body).await);
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/catalog?sort=-output_tps&limit=3&cursor={cursor}");
    }
    assert_eq!(seen, all);

    let first = api.get("/v1/catalog?limit=3").await.body["next_cursor"].as_str().unwrap().to_owned();
    let other = api.get(&format!("/v1/catalog?limit=3&use_case=chatbot&cursor={first}")).await;
    assert_eq!((other.status, &other.body["field"]), (StatusCode::BAD_REQUEST, &"cursor".into()));
    api.results.insert(&[result("paged", 8).build()]).await.unwrap();
    let gone = api.get(&format!("/v1/catalog?limit=3&cursor={first}")).await;
    assert_eq!((gone.status, &gone.body["field"]), (StatusCode::GONE, &"cursor".into()));
}

#[tokio::test]
async fn any_of_several_values_may_match() {
    let simulated = result("several", 2).provenance(Provenance::Simulated).build();
    let api = Api::with(&[result("several", 1).build(), simulated]).await;
    let total = async |query: &str| api.get(&format!("/v1/catalog?{query}")).await.body["total"].clone();
    assert_eq!(total("engine=vllm&engine=sglang&engine=simulated").await, 2);
    assert_eq!(total("engine=sglang&engine=tgi").await, 0);
}

#[tokio::test]
async fn a_page_is_not_sent_again_to_whoever_has_it() {
    let api = Api::with(&[result("tagged", 1).build()]).await;
    let first = api.get("/v1/catalog").await;
    let tag = first.headers[header::ETAG].clone();
    let again = async |path: &str, tag: &str| {
        let request = Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
        let answer = api.send(request).await;
        (answer.status, answer.headers.contains_key(header::ETAG))
    };
    let tag = tag.to_str().unwrap();
    assert_eq!(again("/v1/catalog", &format!("W/\"x\", {tag}")).await, (StatusCode::NOT_MODIFIED, true));
    assert_eq!(again("/v1/catalog?limit=1", tag).await, (StatusCode::OK, true));
    api.results.insert(&[result("tagged", 2).build()]).await.unwrap();
    assert_eq!(again("/v1/catalog", tag).await, (StatusCode::OK, true));
}
