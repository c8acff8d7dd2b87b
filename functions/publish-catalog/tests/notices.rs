//! Whoever is to be told that a campaign has ended is told once, and keeps nobody from publishing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::Scripted;
use domain::BenchmarkResult;
use publish_catalog::{CampaignReport, Evidence, tell_all};
use store::sqlite::SqliteLedger;
use store::{CampaignState, Checkpoint, Notifier, StoreError, TrialOutcome};
use testkit::fixtures::{at, campaign_record, result};

fn away() -> StoreError {
    StoreError::Unavailable { place: "the channel".to_owned(), detail: "no answer".to_owned() }
}

fn refused() -> StoreError {
    StoreError::Refused {
        place: "the channel".to_owned(),
        detail: "gone".to_owned(),
        mend: "make one".to_owned(),
    }
}

fn report() -> CampaignReport {
    let mut campaign = campaign_record("nightly");
    campaign.state = CampaignState::Completed;
    campaign.message = Some("2 batches did not finish; the first, nightly.b3: over the budget".to_owned());
    let results = vec![result("nightly", 4).build(), result("nightly", 8).build()];
    let outcome = |result: &BenchmarkResult| Checkpoint {
        run_id: result.run_id.clone(),
        config_id: result.config_id.clone(),
        outcome: TrialOutcome::Stored,
        attempt: 1,
        usd: Some(1.35),
        machine_s: Some(3600.0),
        at: at(0),
    };
    let outcomes = results.iter().map(outcome).collect();
    CampaignReport::new(Evidence { campaign, plan: None, batches: vec![], outcomes, results }, at(0))
}

#[tokio::test]
async fn each_is_told_once_for_each_request_and_tried_again_when_away() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).await.unwrap();
    let (good, slow) = (Scripted::new("a:", []), Scripted::new("b:", [away(), away()]));
    let (dead, wrong) = (Scripted::new("c:", (0..3).map(|_| away())), Scripted::new("d:", [refused()]));
    let all: Vec<Arc<dyn Notifier>> = vec![dead.clone(), wrong.clone(), good.clone(), slow.clone()];
    let mut report = report();
    tell_all(&all, &ledger, &report, None, at(0)).await;
    assert_eq!([&good, &slow, &dead, &wrong].map(|n| n.told().len()), [1, 1, 0, 0]);

    // The event is told again: whoever was not told is, and nobody twice.
    tell_all(&all, &ledger, &report, None, at(1)).await;
    assert_eq!([&good, &slow, &dead, &wrong].map(|n| n.told().len()), [1; 4]);

    report.campaign.request += 1;
    tell_all(&all, &ledger, &report, Some("https://assay.example/"), at(2)).await;
    let told = good.told();
    assert_eq!(told.len(), 2);
    let id = &report.campaign.id;
    assert_eq!(told[0].more, format!("reports/{id}.html"));
    assert_eq!(told[1].more, format!("https://assay.example/v1/campaigns/{id}/report.html"));
    assert_eq!(told[0].subject, format!("Campaign {id} completed [MEASURED]"));
    let text = told[0].text();
    for part in [
        "2 results",
        "0 trials failed, paid 2.70 USD, 66 % below the on-demand price",
        "[measured]: llama-3.1-8b-instruct",
        "over the budget",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
