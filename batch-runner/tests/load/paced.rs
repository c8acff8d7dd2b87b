//! The paced engine, whose every token is due at a known instant.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::workload::Protocol;
use testkit::paced_engine::{Pace, PacedEngine};

use super::{measure_at, measured, trial};

#[tokio::test]
async fn no_token_comes_before_it_is_due_and_none_is_lost() {
    for (protocol, step_ms) in [(Protocol::Chat, 4), (Protocol::Completions, 0)] {
        let pace = Pace { ttft: Duration::from_millis(30), step: Duration::from_millis(step_ms) };
        let engine = PacedEngine::start(pace);
        let mut request = trial(40, 8, 12);
        request.workload.protocol = protocol;
        let m = measure_at(engine.base_url(), &request).await.unwrap();
        let truth: BTreeMap<_, _> =
            engine.take_truth().into_iter().map(|t| (t.request_id.clone().unwrap(), t)).collect();
        let records = measured(&m);
        assert_eq!(records.len(), 40);
        for record in records {
            let truth = &truth[&format!("assay-1-{}", record.index)];
            assert_eq!(truth.writes.len(), 12);
            for (nth, wrote) in (0..).zip(&truth.writes) {
                assert!(*wrote >= truth.received + pace.ttft + pace.step * nth);
            }
            assert!(record.ttft_ms().unwrap() >= 30.0);
            assert_eq!((record.input_tokens, record.output_tokens), (Some(20), 12));
        }
    }
}
