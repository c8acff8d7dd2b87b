use std::num::NonZeroU32;

use domain::{Load, UseCase};
use proptest::prelude::*;

use super::*;
use crate::record::sample;

fn workload(input: u32, output: u32) -> Workload {
    let n = |v| NonZeroU32::new(v).unwrap();
    Workload {
        use_case: UseCase::Chatbot,
        input_tokens: n(input),
        output_tokens: n(output),
        load: Load::ClosedLoop { concurrency: n(2) },
        variety: domain::Variety::default(),
        protocol: domain::workload::Protocol::Chat,
    }
}

const WINDOW: Window =
    Window { start_ns: 0, end_ns: 1_000_000_000, steady: true, selects: crate::window::Selects::Sent };

fn run<'a>(records: &'a [RequestRecord], workload: &'a Workload, slo: &'a RequestSlo) -> Run<'a> {
    let asked = Asked {
        input_tokens: Some(f64::from(workload.input_tokens.get())),
        output_tokens: f64::from(workload.output_tokens.get()),
    };
    Run { records, window: &WINDOW, workload, asked, slo, gpu_count: 2, seed: 1 }
}

fn fail(record: &mut RequestRecord, reason: FailureReason) {
    record.outcome = Outcome::Failed { reason, detail: String::new() };
}

#[test]
fn failures_are_counted_and_never_in_a_latency() {
    let mut records: Vec<RequestRecord> = (0..4).map(|i| sample(i, 100, &[200, 220, 240])).collect();
    fail(&mut records[2], FailureReason::Timeout);
    records[3].content = crate::timeline::Timeline::default();
    fail(&mut records[3], FailureReason::Overloaded);
    let (w, slo) = (workload(10, 3), RequestSlo { ttft: Some("1s".parse().unwrap()), ..Default::default() });
    let a = aggregate(&run(&records, &w, &slo)).unwrap();
    let ttft = a.metrics.ttft.as_ref().unwrap();
    assert_eq!((ttft.count, ttft.mean), (2, 100.0));
    assert_eq!((a.counts.succeeded, a.counts.failures()), (2, 2));
    assert_eq!((a.counts.input_tokens, a.counts.output_tokens), (20, 6));
    assert_eq!((a.metrics.output_tps, a.metrics.total_tps, a.metrics.rps), (6.0, 26.0, 2.0));
    assert_eq!(
        (a.metrics.tps_per_gpu, a.metrics.goodput, a.metrics.attainment),
        (Some(3.0), Some(2.0), Some(0.5))
    );
    assert_eq!(a.flags, [Flag::SomeFailed]);
    assert_eq!(a.token_source, TokenSource::ServerUsage);
}

#[test]
fn prompts_that_nobody_counted_and_waits_are_told() {
    let mut records: Vec<RequestRecord> = (0..4).map(|i| sample(i, 100, &[200, 220])).collect();
    records[1].input_tokens = None;
    fail(&mut records[3], FailureReason::Overloaded);
    records[3].retry_wait_ns = Some(2_500_000_000);
    let (w, slo) = (workload(10, 2), RequestSlo::default());
    let a = aggregate(&run(&records, &w, &slo)).unwrap();
    assert_eq!((a.counts.input_tokens, a.counts.input_uncounted), (20, 1));
    assert_eq!((a.counts.mean_input_tokens(), a.counts.mean_output_tokens()), (Some(10.0), Some(2.0)));
    assert_eq!((a.counts.retry_waits, a.counts.retry_wait_ms), (1, 2_500));
    assert_eq!(a.flags, [Flag::InputLengthOff, Flag::SomeFailed]);
}

#[test]
fn nothing_is_claimed_without_a_success_or_an_slo() {
    let mut records = vec![sample(0, 100, &[200, 220])];
    let (w, none) = (workload(10, 2), RequestSlo::default());
    let a = aggregate(&run(&records, &w, &none)).unwrap();
    assert_eq!((a.metrics.goodput, a.metrics.attainment, a.metrics.ttfo.is_none()), (None, None, true));
    fail(&mut records[0], FailureReason::Server);
    assert_eq!(aggregate(&run(&records, &w, &none)), Err(NothingMeasured));
}

#[test]
fn lengths_that_are_off_or_unknown_are_flagged() {
    let none = RequestSlo::default();
    let mut records = vec![sample(0, 100, &[200, 220])];
    let off = workload(12, 3);
    assert_eq!(
        aggregate(&run(&records, &off, &none)).unwrap().flags,
        [Flag::OutputLengthOff, Flag::InputLengthOff]
    );
    records[0].input_tokens = None;
    let right = workload(10, 2);
    assert_eq!(aggregate(&run(&records, &right, &none)).unwrap().flags, [Flag::InputLengthOff]);
    // Nor is any length known of the prompts of a dataset.
    let mut of_dataset = run(&records, &right, &none);
    of_dataset.asked.input_tokens = None;
    assert_eq!(aggregate(&of_dataset).unwrap().flags, [Flag::InputLengthOff]);
}

#[test]
fn several_tokens_per_event_are_told() {
    let mut records = vec![sample(0, 100, &[200, 220])];
    let (w, none) = (workload(10, 2), RequestSlo::default());
    assert!(!aggregate(&run(&records, &w, &none)).unwrap().metrics.itl_multi_token);
    records[0].output_tokens = 3;
    assert!(aggregate(&run(&records, &w, &none)).unwrap().metrics.itl_multi_token);
}

#[test]
fn an_answer_of_one_event_has_no_time_per_token() {
    let records = vec![sample(0, 100, &[200])];
    let (w, none) = (workload(10, 1), RequestSlo::default());
    let metrics = aggregate(&run(&records, &w, &none)).unwrap().metrics;
    assert!(metrics.tpot.is_none() && metrics.itl.is_none() && metrics.tps_per_user.is_none());
}

proptest! {
    // Each case computes every metric twice, with its bootstraps.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_records_changes_nothing(
        spans in prop::collection::vec((0_u64..500, 1_u64..200, 1_u64..30, 1_u64..20), 1..60),
        seed in any::<u64>(),
    ) {
        let mut records: Vec<RequestRecord> = (0..).zip(&spans).map(|(i, &(send, ttft, gap, n))| {
            let content: Vec<u64> = (0..n).map(|k| send + ttft + k * gap).collect();
            sample(i, send, &content)
        }).collect();
        let w = workload(10, 8);
        let slo = RequestSlo { e2e: Some("300ms".parse().unwrap()), ..Default::default() };
        let before = aggregate(&run(&records, &w, &slo));
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(seed);
        rand::seq::SliceRandom::shuffle(records.as_mut_slice(), &mut rng);
        prop_assert_eq!(before, aggregate(&run(&records, &w, &slo)));
    }
}
