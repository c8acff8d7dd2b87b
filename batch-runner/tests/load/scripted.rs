//! What servers do that a measurement must survive, or refuse.

use std::path::Path;
use std::time::{Duration, Instant};

use batch_runner::load::calibration::calibrate;
use batch_runner::load::prompts::prompt;
use batch_runner::load::protocols::Prompt;
use batch_runner::load::{LoadError, Target, Vocabulary};
use domain::result::{FailureReason, Flag, TokenSource};
use domain::workload::Protocol;
use measurement::record::Outcome;

use testkit::scripted_engine::script::{ending, event, good, text, whole};
use testkit::scripted_engine::{Step, Wire, script, serve, serve_over};

use super::{measure_at, measured, target, trial};

fn head() -> Vec<Step> {
    vec![script::head()]
}

const ONE_TO_ONE: fn(u32) -> Option<u32> = Some;

fn failures(measurement: &batch_runner::load::TrialMeasurement, expected: FailureReason) -> usize {
    let is = |r: &&&measurement::record::RequestRecord| matches!(&r.outcome, Outcome::Failed { reason, .. } if *reason == expected);
    measured(measurement).iter().filter(is).count()
}

#[tokio::test]
async fn an_early_role_chunk_is_not_the_first_token() {
    let server = serve(ONE_TO_ONE, move |_| {
        let early = vec![
            script::delta(r#"{"role":"assistant","content":""}"#),
            Step::Pause(Duration::from_millis(60)),
            text("a"),
        ];
        [head(), early, vec![text("b")], ending(20, 2)].concat()
    })
    .await;
    let m = measure_at(server.base_url(), &trial(12, 2, 2)).await.unwrap();
    assert_eq!(measured(&m).len(), 12);
    let ttft = m.metrics.ttft.as_ref().unwrap();
    assert!(ttft.min >= 60.0, "{}", ttft.min);
    assert_eq!(m.token_source, TokenSource::ServerUsage);
    assert!(!m.flags.contains(&Flag::InputLengthOff) && !m.flags.contains(&Flag::OutputLengthOff));
    // Two workers, each on one connection, and the four connections of the calibration.
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn broken_streams_are_counted_and_in_no_latency() {
    let server = serve(ONE_TO_ONE, |stream| match stream % 4 {
        2 => [head(), vec![text("a"), Step::Break]].concat(),
        _ => good(),
    })
    .await;
    let m = measure_at(server.base_url(), &trial(40, 2, 2)).await.unwrap();
    let broken = failures(&m, FailureReason::Disconnected);
    assert!((8..=12).contains(&broken), "{broken}");
    assert!(m.flags.contains(&Flag::SomeFailed));
    assert_eq!(m.metrics.ttft.as_ref().unwrap().count, m.counts.succeeded);
    assert_eq!(m.counts.output_tokens, 2 * m.counts.succeeded);
}

#[tokio::test]
async fn an_error_inside_a_stream_fails_its_request() {
    let server = serve(ONE_TO_ONE, |stream| match stream % 4 {
        1 => {
            let error = event(r#"{"object":"error","message":"no memory"}"#);
            [head(), vec![text("a"), error, Step::End]].concat()
        }
        _ => good(),
    })
    .await;
    let m = measure_at(server.base_url(), &trial(40, 1, 2)).await.unwrap();
    assert_eq!(failures(&m, FailureReason::Server), 10);
}

#[tokio::test]
async fn a_server_that_only_errs_is_told_with_its_own_words() {
    let server = serve(ONE_TO_ONE, |_| whole(500, r#"{"error":{"message":"no memory"}}"#)).await;
    let error = measure_at(server.base_url(), &trial(1_000, 2, 2)).await.unwrap_err();
    let LoadError::AllFailed { reasons, sample } = &error else { panic!("{error}") };
    assert_eq!(reasons.keys().copied().collect::<Vec<_>>(), [FailureReason::Server]);
    assert_eq!(sample, "HTTP 500: no memory");
    assert!(error.to_string().contains("server errors"), "{error}");
}

#[tokio::test]
async fn refusals_for_load_are_a_reason_of_their_own() {
    let server = serve(ONE_TO_ONE, |stream| match stream % 4 {
        3 => whole(429, "{}"),
        _ => good(),
    })
    .await;
    let m = measure_at(server.base_url(), &trial(20, 1, 2)).await.unwrap();
    assert_eq!(failures(&m, FailureReason::RateLimited), 5);
}

#[tokio::test]
async fn a_run_of_mostly_failures_is_refused() {
    let server = serve(ONE_TO_ONE, |stream| if stream % 3 == 0 { good() } else { whole(503, "{}") }).await;
    let error = measure_at(server.base_url(), &trial(12, 1, 2)).await.unwrap_err();
    let LoadError::TooManyFailures { succeeded, good, reasons, .. } = &error else { panic!("{error}") };
    let failed: u64 = reasons.values().sum();
    assert!(0 < *succeeded && *succeeded < failed, "{succeeded} of {failed}");
    // Without an SLO every success is good.
    assert_eq!(good, succeeded);
}

#[tokio::test]
async fn a_stalled_stream_times_out() {
    let server = serve(ONE_TO_ONE, |stream| match stream % 4 {
        3 => [head(), vec![text("a"), Step::Pause(Duration::from_secs(600))]].concat(),
        _ => good(),
    })
    .await;
    let mut request = trial(8, 1, 2);
    request.request_timeout = Duration::from_secs(1);
    let m = measure_at(server.base_url(), &request).await.unwrap();
    assert_eq!(failures(&m, FailureReason::Timeout), 2);
}

#[tokio::test]
async fn connections_that_the_server_closes_are_opened_again() {
    for close in [vec![], vec![Step::Pause(Duration::from_millis(3))]] {
        let server = serve(ONE_TO_ONE, move |_| [good(), close.clone(), vec![Step::Break]].concat()).await;
        let m = measure_at(server.base_url(), &trial(30, 2, 2)).await.unwrap();
        let failed: Vec<_> =
            m.records.iter().filter(|r| matches!(r.outcome, Outcome::Failed { .. })).collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert!(server.connections() >= 30);
    }
}

#[tokio::test]
async fn a_request_whose_connection_ends_late_has_failed_and_is_not_sent_again() {
    let server = serve(ONE_TO_ONE, |stream| match stream % 4 {
        3 => vec![script::pause(60), Step::Break],
        _ => good(),
    })
    .await;
    let m = measure_at(server.base_url(), &trial(20, 1, 2)).await.unwrap();
    assert_eq!(failures(&m, FailureReason::Disconnected), 5);
    assert_eq!(server.truth().len(), m.records.len());
}

#[tokio::test]
async fn answers_with_the_mark_of_their_end_are_whole_whatever_becomes_of_the_connection() {
    let server = serve(ONE_TO_ONE, |_| {
        let mut steps = good();
        *steps.last_mut().unwrap() = Step::Break;
        steps
    })
    .await;
    let m = measure_at(server.base_url(), &trial(40, 1, 2)).await.unwrap();
    // How many of them lie in the window depends on when it gets steady; a busy machine is late with that.
    assert!(m.counts.succeeded > 0);
    assert!(!m.records.iter().any(|r| matches!(r.outcome, Outcome::Failed { .. })), "{:?}", m.counts);
}

#[tokio::test]
async fn prompts_have_the_length_that_the_server_counts() {
    let server = serve(|words| Some(words * 5 / 2 + 11), |_| good()).await;
    let target = target(server.base_url(), Vocabulary::common());
    let mut workload = trial(1, 1, 2).workload;
    for tokens in [12, 20, 512, 8_000] {
        workload.input_tokens = super::n(tokens);
        let found = calibrate(&target, &workload, 1, Duration::from_secs(9)).await.unwrap();
        let words = found.words(tokens);
        let counted = (words * 5 / 2 + 11).abs_diff(tokens);
        assert!(found.counted && counted <= 2, "{tokens}: {words} words");
    }
}

fn prompt_text(target: &Target, index: u64, words: u32) -> String {
    match prompt(Protocol::Chat, &target.vocabulary, (1, index), words) {
        Prompt::Text(text) => text,
        Prompt::Tokens(ids) => panic!("{ids:?}"),
    }
}

#[tokio::test]
async fn prompts_of_the_models_own_words_have_exactly_the_length() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-tokenizer");
    let mut tokenizer = tokenizers::Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
    tokenizer.with_truncation(None).unwrap();
    let tokens_of = move |text: &str| u32::try_from(tokenizer.encode(text, false).unwrap().len()).unwrap();
    let (server_count, template) = (tokens_of.clone(), 11);
    let server = serve_over(Wire::Tcp, move |prompt| Some(server_count(prompt) + template), |_| good()).await;
    let target = target(server.base_url(), Vocabulary::read(&folder).unwrap());
    let limit = Duration::from_secs(9);
    for (protocol, tokens) in [(Protocol::Chat, 13), (Protocol::Completions, 700), (Protocol::Chat, 9_000)] {
        let mut workload = trial(1, 1, 2).workload;
        (workload.protocol, workload.input_tokens) = (protocol, super::n(tokens));
        let calibration = calibrate(&target, &workload, 1, limit).await.unwrap();
        for index in 0..20 {
            let text = prompt_text(&target, index, calibration.words(tokens));
            assert_eq!(tokens_of(&text) + template, tokens);
        }
    }
    // One connection for what the template adds and one for the check, three times.
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn the_words_of_another_model_are_noticed_and_the_length_found_all_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-tokenizer");
    let letters = |text: &str| u32::try_from(text.len()).unwrap();
    let server = serve_over(Wire::Tcp, move |prompt| Some(letters(prompt)), |_| good()).await;
    let target = target(server.base_url(), Vocabulary::read(&folder).unwrap());
    let mut workload = trial(1, 1, 2).workload;
    workload.input_tokens = super::n(5_000);
    let limit = Duration::from_secs(9);
    let calibration = calibrate(&target, &workload, 1, limit).await.unwrap();
    let text = prompt_text(&target, 1, calibration.words(5_000));
    assert!(letters(&text).abs_diff(5_000) < 250, "{}", letters(&text));
}

#[tokio::test]
async fn without_usage_events_are_counted_and_the_flag_tells() {
    let server = serve(
        |_| None,
        |_| {
            let done = vec![event("[DONE]"), Step::End];
            [head(), vec![text("a"), Step::Pause(Duration::from_millis(2)), text("b")], done].concat()
        },
    )
    .await;
    let m = measure_at(server.base_url(), &trial(10, 1, 2)).await.unwrap();
    assert_eq!(m.token_source, TokenSource::ContentEvents);
    assert!(m.flags.contains(&Flag::InputLengthOff));
    assert_eq!(m.counts.output_tokens, 2 * m.counts.succeeded);
}

#[tokio::test]
async fn nobody_there_is_told_at_once() {
    let begin = Instant::now();
    let error = measure_at("http://127.0.0.1:9", &trial(10, 1, 2)).await.unwrap_err();
    assert!(matches!(error, LoadError::Unreachable { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(30));
}

/// Refuses the tenth stream and asks for a second of peace. Of twelve too few come later for a window without it.
fn refuses_once(stream: u32) -> Vec<Step> {
    if stream != 9 {
        return good();
    }
    vec![
        Step::Head(503, vec![("retry-after", "1"), ("content-length", "2")]),
        Step::Data(b"{}".to_vec()),
        Step::End,
    ]
}

#[tokio::test]
async fn a_slot_that_is_refused_waits_as_long_as_the_server_asks() {
    let server = serve(ONE_TO_ONE, refuses_once).await;
    let m = measure_at(server.base_url(), &trial(12, 1, 2)).await.unwrap();
    let refused = m.records.iter().position(|r| matches!(r.outcome, Outcome::Failed { .. })).unwrap();
    let wait_ns = m.records[refused + 1].t_send_ns.unwrap() - m.records[refused].t_end_ns;
    assert!(wait_ns >= 1_000_000_000, "{wait_ns}");
    assert_eq!(m.records[refused].retry_wait_ns, Some(1_000_000_000));
    // The wait is the server's doing and no lag of ours.
    assert!(m.records[refused + 1].issue_lag_ms().unwrap() < 500.0);
    // No longer than a request may take.
    let server = serve(ONE_TO_ONE, refuses_once).await;
    let mut request = trial(12, 1, 2);
    request.request_timeout = Duration::from_millis(300);
    let m = measure_at(server.base_url(), &request).await.unwrap();
    let waits: Vec<u64> = m.records.iter().filter_map(|r| r.retry_wait_ns).collect();
    assert_eq!(waits, [300_000_000]);
}

#[tokio::test]
async fn an_open_loop_sends_what_is_due_whatever_the_server_asks() {
    let server = serve(ONE_TO_ONE, refuses_once).await;
    let mut request = trial(40, 1, 2);
    request.workload.load =
        domain::Load::OpenLoop { rate_rps: "100".parse().unwrap(), arrival: domain::Arrival::Constant };
    let m = measure_at(server.base_url(), &request).await.unwrap();
    assert_eq!((m.counts.retry_waits, m.counts.retry_wait_ms), (0, 0));
    assert!(m.records.iter().all(|r| r.retry_wait_ns.is_none()));
    let due: Vec<u64> = m.records.iter().map(|r| r.t_sched_ns).collect();
    assert!(due.windows(2).all(|pair| pair[1] - pair[0] == 10_000_000), "{due:?}");
}

#[tokio::test]
async fn a_prompt_that_nobody_counted_is_in_no_mean() {
    let server = serve(ONE_TO_ONE, |stream| {
        if stream % 4 == 3 {
            [vec![script::head(), text("a"), text("b")], vec![event("[DONE]"), Step::End]].concat()
        } else {
            good()
        }
    })
    .await;
    let m = measure_at(server.base_url(), &trial(12, 1, 2)).await.unwrap();
    assert_eq!((m.counts.succeeded, m.counts.input_uncounted), (12, 3));
    assert_eq!(m.counts.mean_input_tokens(), Some(20.0));
    assert!(m.flags.contains(&Flag::InputLengthOff));
}
