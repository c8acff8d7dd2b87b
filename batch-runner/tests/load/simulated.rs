//! The simulated engine, whose truth is known.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use batch_runner::engine::identity::served;
use batch_runner::load::{LoadError, Target, Vocabulary, measure};
use batch_runner::transport::Address;
use domain::result::{FailureReason, Flag};
use domain::workload::Protocol;
use measurement::record::{Outcome, Phase};
use simulated_engine::{Faults, SimulationConfig, Truth, start};
use tokio_util::sync::CancellationToken;

use super::{config, measure_at, measured, n, target, trial};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_reported_is_what_the_server_did() {
    let truth = Arc::new(Truth::default());
    let engine = start(config(5.0), Some(Arc::clone(&truth))).await.unwrap();
    let request = trial(60, 8, 12);
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let known: BTreeMap<String, _> =
        truth.requests().into_iter().filter_map(|r| Some((r.request_id.clone()?, r))).collect();
    let records = measured(&m);
    assert_eq!(records.len(), 60);
    let mut errors = Vec::new();
    for record in &records {
        assert_eq!(record.outcome, Outcome::Succeeded);
        let truth = &known[&format!("assay-1-{}", record.index)];
        assert_eq!(record.content.len(), truth.writes.len());
        let true_ttft = (truth.writes[0] - truth.received).as_secs_f64() * 1e3;
        // One clock: the client sends before the server receives, and reads after the server writes.
        let error = record.ttft_ms().unwrap() - true_ttft;
        assert!(error >= 0.0, "{error}");
        errors.push(error);
        let true_span = (truth.writes[11] - truth.writes[0]).as_secs_f64() * 1e3;
        let span = record.e2e_ms().unwrap() - record.ttft_ms().unwrap();
        assert!((span - true_span).abs() < 500.0);
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean < 200.0, "TTFT is off by {mean} ms in the mean");
    let itl = m.metrics.itl.as_ref().unwrap();
    assert_eq!(itl.count, 11 * m.counts.succeeded);
    assert!(itl.mean > 3.0, "{}", itl.mean);
    let (ttft, e2e) = (m.metrics.ttft.as_ref().unwrap(), m.metrics.e2e.as_ref().unwrap());
    assert!(ttft.p50 <= ttft.p99 && ttft.mean <= e2e.mean);
    assert_eq!((m.metrics.itl_multi_token, m.metrics.ttfo.is_none()), (false, true));
    assert_eq!(m.counts.output_tokens, 12 * m.counts.succeeded);
    assert_eq!(m.counts.input_tokens, 20 * m.counts.succeeded);
    assert_eq!(m.metrics.tps_per_gpu, Some(m.metrics.output_tps));
    assert_eq!(m.certificate.open_sockets, 8);
}

#[tokio::test]
async fn no_measured_request_sees_a_rising_or_falling_load() {
    let engine = start(config(2.0), None).await.unwrap();
    let mut request = trial(40, 8, 10);
    request.warm_up = 20;
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let phase = |phase| m.records.iter().filter(move |r| r.phase == phase);
    assert!(phase(Phase::WarmUp).count() >= 20);
    assert_eq!(phase(Phase::Measured).count(), 40);
    let indices: Vec<u32> = m.records.iter().map(|r| r.index).collect();
    assert_eq!(indices, (0..u32::try_from(indices.len()).unwrap()).collect::<Vec<_>>());
    // Whenever a measured request is sent or ends, the other seven slots are busy or about to be.
    let last_end = phase(Phase::Measured).map(|r| r.t_end_ns).max().unwrap();
    let cut = m.records.iter().filter(|r| r.outcome == Outcome::Cut).count();
    assert!((1..=8).contains(&cut), "{cut}");
    assert!(phase(Phase::KeepUp).all(|r| r.t_sched_ns <= last_end + 1_000_000_000));
    let first_send = phase(Phase::Measured).filter_map(|r| r.t_send_ns).min().unwrap();
    let started = phase(Phase::WarmUp).filter(|r| r.t_send_ns.is_some_and(|t| t <= first_send)).count();
    assert!(started >= 20, "{started}");
    assert!(m.window.seconds() > 0.0 && m.warm_up_s > 0.0);
}

#[tokio::test]
async fn the_prompts_have_the_length_asked_for() {
    let engine = start(config(1.0), None).await.unwrap();
    let mut request = trial(10, 2, 3);
    for (protocol, tokens) in
        [(Protocol::Chat, 300), (Protocol::Completions, 7), (Protocol::Tgi, 40), (Protocol::Anthropic, 41)]
    {
        request.workload.protocol = protocol;
        request.workload.input_tokens = n(tokens);
        let m = measure_at(&engine.base_url(), &request).await.unwrap();
        assert_eq!(m.counts.input_tokens, u64::from(tokens) * m.counts.succeeded);
        assert_eq!(m.counts.output_tokens, 3 * m.counts.succeeded, "{protocol:?}");
        assert!(!m.flags.contains(&Flag::InputLengthOff));
    }
}

#[tokio::test]
async fn a_prompt_of_tokens_needs_a_tokenizer_and_has_exactly_as_many() {
    let engine = start(config(1.0), None).await.unwrap();
    let mut request = trial(10, 2, 3);
    request.workload.protocol = Protocol::CompletionsTokens;
    let error = measure_at(&engine.base_url(), &request).await.unwrap_err().to_string();
    assert!(error.starts_with("prompts of tokens need the model's tokenizer"), "{error}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-tokenizer");
    let target = target(&engine.base_url(), Vocabulary::read(&folder).unwrap());
    let m = measure(&target, &request, &CancellationToken::new()).await.unwrap();
    assert_eq!(m.counts.input_tokens, 20 * m.counts.succeeded);
}

#[tokio::test]
async fn faults_are_counted_by_reason() {
    let faults =
        Faults { error_every: 9.try_into().ok(), truncate_every: 7.try_into().ok(), ..Faults::default() };
    let engine = start(SimulationConfig { faults, ..config(1.0) }, None).await.unwrap();
    let m = measure_at(&engine.base_url(), &trial(60, 4, 6)).await.unwrap();
    let mut reasons: BTreeMap<FailureReason, u32> = BTreeMap::new();
    for record in measured(&m) {
        if let Outcome::Failed { reason, .. } = &record.outcome {
            *reasons.entry(*reason).or_default() += 1;
        }
    }
    let of = |reason| reasons.get(&reason).copied().unwrap_or(0);
    assert!((4..=9).contains(&of(FailureReason::Server)), "{reasons:?}");
    assert!((5..=11).contains(&of(FailureReason::Disconnected)), "{reasons:?}");
    assert_eq!(reasons.len(), 2);
}

#[tokio::test]
async fn a_dead_engine_is_noticed_within_seconds() {
    let faults = Faults { fail_after: 30.try_into().ok(), ..Faults::default() };
    let engine = start(SimulationConfig { faults, ..config(1.0) }, None).await.unwrap();
    let begin = Instant::now();
    let error = measure_at(&engine.base_url(), &trial(100_000, 4, 6)).await.unwrap_err();
    assert!(matches!(error, LoadError::EngineGone { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn cancelling_ends_a_run() {
    let engine = start(config(5.0), None).await.unwrap();
    let cancel = CancellationToken::new();
    let target = target(&engine.base_url(), Vocabulary::common());
    let request = trial(1_000_000, 4, 50);
    let measuring = measure(&target, &request, &cancel);
    let stop = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(measuring, stop);
    assert!(matches!(outcome, Err(LoadError::Cancelled)));
}

#[tokio::test]
async fn a_model_that_is_not_served_is_a_bad_target() {
    let engine = start(config(1.0), None).await.unwrap();
    let target = Target { model: "nope".to_owned(), ..target(&engine.base_url(), Vocabulary::common()) };
    let error = measure(&target, &trial(1, 1, 1), &CancellationToken::new()).await.unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("The model `nope` does not exist") && words.contains("check the model's name"),
        "{words}"
    );
    let served = served(&Address::parse(&engine.base_url()).unwrap()).await.unwrap();
    assert!(served.is_simulated() && served.models == ["simulated"]);
}
