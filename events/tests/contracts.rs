//! The wire contracts: golden examples and the JSON Schema do not drift from the code. Run with
//! `UPDATE_CONTRACTS=1` to write them anew after a deliberate change, which needs a new version of the type.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use events::{
    BatchEnded, BatchesSubmitted, CampaignCompleted, CampaignFailed, CampaignHeld, CampaignRequested,
    CampaignUnsettled, CatalogPublished, Event, EventBody, Hold, JobOutcome, MatrixGenerated,
};

fn examples() -> Vec<(&'static str, EventBody)> {
    let campaign = || "demo-0123abcd".parse().unwrap();
    let batch = |n: u32| format!("demo-0123abcd.b{n}").parse().unwrap();
    vec![
        (
            "campaign.requested.v1",
            EventBody::CampaignRequested(CampaignRequested { campaign: campaign(), request: 1 }),
        ),
        (
            "matrix.generated.v1",
            EventBody::MatrixGenerated(MatrixGenerated {
                campaign: campaign(),
                request: 1,
                feasible: 8,
                infeasible: 2,
            }),
        ),
        (
            "batches.submitted.v1",
            EventBody::BatchesSubmitted(BatchesSubmitted {
                campaign: campaign(),
                request: 1,
                submitted: vec![batch(0)],
                over_budget: vec![batch(1)],
            }),
        ),
        (
            "batch.ended.v1",
            EventBody::BatchEnded(BatchEnded {
                campaign: campaign(),
                batch: batch(0),
                job: "0f3c5a52-7c1e-4f0e-9b6a-3f1d2c4b5a69".parse().unwrap(),
                outcome: JobOutcome::Interrupted { reason: "host was reclaimed".to_owned() },
            }),
        ),
        (
            "campaign.held.v1",
            EventBody::CampaignHeld(CampaignHeld { campaign: campaign(), request: 1, hold: Hold::Paused }),
        ),
        (
            "campaign.completed.v1",
            EventBody::CampaignCompleted(CampaignCompleted { campaign: campaign(), request: 1 }),
        ),
        (
            "campaign.failed.v1",
            EventBody::CampaignFailed(CampaignFailed {
                campaign: campaign(),
                request: 1,
                reason: "nothing in the matrix can run".to_owned(),
            }),
        ),
        (
            "campaign.unsettled.v1",
            EventBody::CampaignUnsettled(CampaignUnsettled {
                campaign: campaign(),
                request: 1,
                looked_at: "2026-11-24T08:00:00Z".parse().unwrap(),
            }),
        ),
        (
            "catalog.published.v1",
            EventBody::CatalogPublished(CatalogPublished { revision: 8, campaign: campaign() }),
        ),
    ]
}

fn check(path: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(stored, text, "{} has drifted", path.display());
}

#[test]
fn golden_examples_are_what_is_written_and_can_be_read() {
    let at: DateTime<Utc> = "2026-11-24T08:00:00Z".parse().unwrap();
    for (name, body) in examples() {
        let event = Event::new(body, at);
        let text = serde_json::to_string_pretty(&event).unwrap() + "\n";
        assert!(text.contains(name));
        check(&format!("examples/{name}.json"), &text);
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}

#[test]
fn the_schema_is_in_step() {
    let schema = schemars::schema_for!(Event);
    check("schemas/event.json", &(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
}

#[test]
fn a_duplicate_has_the_same_id_and_another_telling_has_not() {
    let at = |s: &str| s.parse::<DateTime<Utc>>().unwrap();
    let body = |request| {
        EventBody::CampaignRequested(CampaignRequested {
            campaign: "demo-0123abcd".parse().unwrap(),
            request,
        })
    };
    let first = Event::new(body(1), at("2026-11-24T08:00:00Z"));
    let duplicate = Event::new(body(1), at("2026-11-24T09:00:00Z"));
    assert_eq!(first.id, duplicate.id);
    assert_ne!(first.id, Event::new(body(2), at("2026-11-24T08:00:00Z")).id);
    // Each look of the clock is another.
    let looked = |at: DateTime<Utc>| {
        let campaign = "demo-0123abcd".parse().unwrap();
        Event::new(
            EventBody::CampaignUnsettled(CampaignUnsettled { campaign, request: 1, looked_at: at }),
            at,
        )
    };
    assert_ne!(looked(at("2026-11-24T08:00:00Z")).id, looked(at("2026-11-24T08:10:00Z")).id);
}
