//! Campaigns as streams of events.

use axum::body::BodyDataStream;
use domain::BatchId;
use futures::StreamExt;
use store::{BatchState, CampaignState};
use testkit::fixtures::batch_record;

use super::*;

/// The stream of a campaign.
async fn listen(api: &Api, last: &str) -> BodyDataStream {
    let request =
        Request::get("/v1/campaigns/demo/events").header("last-event-id", last).body(Body::empty()).unwrap();
    let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"text/event-stream".parse().unwrap())
    );
    answer.into_body().into_data_stream()
}

/// The next event: its name, its id and its data.
async fn next(stream: &mut BodyDataStream) -> Option<(String, String, Value)> {
    let text = String::from_utf8(stream.next().await?.unwrap().to_vec()).unwrap();
    let field = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_else(|| panic!("{name} in {text}"));
        line.trim().to_owned()
    };
    Some((field("event:"), field("id:"), serde_json::from_str(&field("data:")).unwrap()))
}

async fn with_campaign() -> Api {
    let mut api = Api::with(&[]).await;
    api.context.settings.streams.look_every = Duration::from_millis(5);
    let campaign = campaign_record("demo");
    api.context.ledger.create_campaign(&campaign).await.unwrap();
    api.context.ledger.add_batches(&[batch_record(&campaign.id, 0)]).await.unwrap();
    api
}

async fn becomes(api: &Api, state: CampaignState) {
    let was = api.context.ledger.campaign(&"demo".parse().unwrap()).await.unwrap().unwrap();
    api.context.ledger.update_campaign(&was, &store::CampaignRecord { state, ..was.clone() }).await.unwrap();
}

#[tokio::test]
async fn what_changes_is_told_until_the_campaign_has_ended() {
    let api = with_campaign().await;
    let mut stream = listen(&api, "").await;
    let (name, first, data) = next(&mut stream).await.unwrap();
    assert_eq!(
        (name.as_str(), &data["state"], &data["batches"]["pending"]),
        ("progress", &"requested".into(), &1.into())
    );

    let batch: BatchId = "demo.b0".parse().unwrap();
    api.context.ledger.set_batch_state(&batch, BatchState::Submitted, None).await.unwrap();
    let (_, second, data) = next(&mut stream).await.unwrap();
    assert_eq!(data["batches"]["submitted"], 1);
    assert_ne!(first, second);

    // Whoever was cut off is told what has changed since.
    let mut again = listen(&api, &second).await;
    becomes(&api, CampaignState::Cancelled).await;
    for stream in [&mut stream, &mut again] {
        let (name, _, data) = next(stream).await.unwrap();
        assert_eq!((name.as_str(), &data["state"]), ("ended", &"cancelled".into()));
        assert!(next(stream).await.is_none());
    }
}

#[tokio::test]
async fn where_nothing_is_streamed_there_is_one_event() {
    let mut api = with_campaign().await;
    api.context.settings.streams.once = true;
    let mut stream = listen(&api, "").await;
    assert_eq!(next(&mut stream).await.unwrap().0, "progress");
    assert!(next(&mut stream).await.is_none());
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams_and_has_so_many_at_most() {
    let mut api = with_campaign().await;
    api.context.settings.streams.places = Arc::new(Semaphore::new(1));
    let mut stream = listen(&api, "").await;
    next(&mut stream).await.unwrap();
    assert_eq!(api.get("/v1/campaigns/demo/events").await.status, StatusCode::TOO_MANY_REQUESTS);
    api.context.settings.streams.closing.cancel();
    assert!(next(&mut stream).await.is_none());
    drop(stream);
    assert_eq!(api.get("/v1/campaigns/nobody/events").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn campaigns_are_listed_page_by_page() {
    let api = Api::with(&[]).await;
    for name in ["a", "b", "c"] {
        api.context.ledger.create_campaign(&campaign_record(name)).await.unwrap();
    }
    let all = api.get("/v1/campaigns").await.body;
    let ids = |page: &Value| {
        page["campaigns"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((ids(&all).len(), all.get("next_cursor")), (3, None));
    let first = api.get("/v1/campaigns?limit=2").await.body;
    let second = api
        .get(&format!("/v1/campaigns?limit=2&cursor={}", first["next_cursor"].as_str().unwrap()))
        .await
        .body;
    assert_eq!([ids(&first), ids(&second)].concat(), ids(&all));
    assert_eq!(second.get("next_cursor"), None);
    assert_eq!(api.get("/v1/campaigns?cursor=gone").await.status, StatusCode::GONE);
}
