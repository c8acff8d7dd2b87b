//! Where whoever carries an answer takes no more than so many bytes, as AWS Lambda does.

use serve_api::MostBytes;
use store::ObjectPrefix;

use super::*;

/// Objects that can be read by a link, as those on S3.
struct Linked(Arc<DirectoryObjects>);

#[async_trait]
impl Objects for Linked {
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.put(key, bytes).await
    }
    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError> {
        self.0.put_if_absent(key, bytes).await
    }
    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).await
    }
    async fn link(&self, key: &ObjectKey, as_type: &str, _: Duration) -> Result<Option<String>, StoreError> {
        Ok(Some(format!("https://objects.example/{key}?type={as_type}")))
    }
    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        self.0.list(prefix).await
    }
}

/// With a report of 2,000 bytes where 1,000 are the most.
async fn api() -> Api {
    let results: Vec<BenchmarkResult> = (1..=40).map(|n| result("large", n).build()).collect();
    let mut api = Api::with(&results).await;
    api.context.settings.most_bytes = Some(MostBytes::new(1000));
    let report = ObjectKey::report(&"large".parse().unwrap(), ReportForm::Html);
    api.objects.put(&report, &[b'x'; 2000]).await.unwrap();
    api
}

#[tokio::test]
async fn a_large_report_is_read_where_it_is_kept() {
    let mut api = api().await;
    api.context.objects = Arc::new(Linked(api.objects.clone()));
    let path = "/v1/campaigns/large/report.html";
    let elsewhere = api.get(path).await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER);
    assert_eq!(
        elsewhere.headers[header::LOCATION],
        "https://objects.example/reports/large.html?type=text/html; charset=utf-8"
    );
    assert_eq!(elsewhere.headers[header::CACHE_CONTROL], "no-store", "the link is not valid for long");

    // Where anything is carried it comes as ever.
    api.context.settings.most_bytes = None;
    assert_eq!(api.get(path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_cannot_be_carried_is_a_problem_that_says_what_can() {
    let api = api().await;
    for path in ["/v1/campaigns/large/report.html", "/v1/catalog.csv", "/v1/catalog?limit=40"] {
        let refused = api.get(path).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json");
        let detail = refused.body["detail"].as_str().unwrap();
        for part in ["the answer has 0.0", "accept-encoding: gzip", "pages of /v1/catalog"] {
            assert!(detail.contains(part), "{detail}");
        }
        assert_eq!(refused.body["request_id"], refused.headers["x-request-id"].to_str().unwrap());
    }
    assert_eq!(api.get("/readyz").await.status, StatusCode::OK);
    assert_eq!(api.get("/v1/campaigns").await.status, StatusCode::OK);
}
