//! Streams captured from real engines, and the properties of the decoder over any split of them.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::result::TokenSource;
use domain::workload::Protocol;
use measurement::answer::{Answer, StreamEnd, read_stream, read_text};
use measurement::record::Outcome;
use measurement::sse::Recording;
use proptest::prelude::*;
use serde_json::Value;

const VLLM_CHAT: &[u8] = include_bytes!("fixtures/vllm_chat_stream.sse");
const VLLM_COMPLETIONS: &[u8] = include_bytes!("fixtures/vllm_completions_stream.sse");
const VLLM_CONTINUOUS: &[u8] = include_bytes!("fixtures/vllm_completions_continuous_usage.sse");
const LLAMACPP_CHAT: &[u8] = include_bytes!("fixtures/llamacpp_chat_stream.sse");
const LLAMACPP_COMPLETIONS: &[u8] = include_bytes!("fixtures/llamacpp_completions_stream.sse");
const LLAMACPP_CONTINUOUS: &[u8] = include_bytes!("fixtures/llamacpp_completions_continuous_usage.sse");

const VLLM_MESSAGES: &[u8] = include_bytes!("fixtures/vllm_messages_stream.sse");
const LLAMACPP_MESSAGES: &[u8] = include_bytes!("fixtures/llamacpp_messages_stream.sse");
/// Written after TGI's own description of its events: it needs a GPU that we have not.
const TGI: &[u8] = include_bytes!("fixtures/tgi_generate_stream.sse");

const ALL: [(Protocol, &[u8]); 9] = [
    (Protocol::Chat, VLLM_CHAT),
    (Protocol::Completions, VLLM_COMPLETIONS),
    (Protocol::Completions, VLLM_CONTINUOUS),
    (Protocol::Chat, LLAMACPP_CHAT),
    (Protocol::Completions, LLAMACPP_COMPLETIONS),
    (Protocol::Completions, LLAMACPP_CONTINUOUS),
    (Protocol::Anthropic, VLLM_MESSAGES),
    (Protocol::Anthropic, LLAMACPP_MESSAGES),
    (Protocol::Tgi, TGI),
];

fn whole(protocol: Protocol, stream: &[u8]) -> Answer {
    let mut recording = Recording::default();
    recording.push(stream, 7);
    read_stream(protocol, &recording, StreamEnd::Closed)
}

/// Content events, prompt tokens, answer tokens, tokens of each event.
fn golden(protocol: Protocol, stream: &[u8]) -> (usize, Option<u64>, u64, Vec<u32>) {
    let answer = whole(protocol, stream);
    assert_eq!(answer.outcome, Outcome::Succeeded);
    assert_eq!(answer.token_source, TokenSource::ServerUsage);
    let length = if protocol == Protocol::Anthropic { "max_tokens" } else { "length" };
    assert_eq!(answer.finish_reason.as_deref(), Some(length));
    assert_eq!(answer.first_output, Some(0));
    (answer.content_ns.len(), answer.input_tokens, answer.output_tokens, answer.content_tokens)
}

#[test]
fn real_streams_are_read_as_counted_by_hand() {
    // vLLM packs two tokens into its last chat chunk, and 8 tokens into 5 chunks of a completion.
    let expected = [
        (15, Some(18), 16, vec![]),
        (5, Some(3), 8, vec![]),
        (3, Some(3), 3, vec![1, 1, 1]),
        (16, Some(18), 16, vec![]),
        (8, Some(3), 8, vec![]),
        (3, Some(3), 3, vec![]),
        (16, Some(19), 16, vec![]),
        (16, Some(19), 16, vec![]),
        (3, Some(11), 4, vec![1, 2, 1]),
    ];
    for ((protocol, stream), expected) in ALL.into_iter().zip(expected) {
        assert_eq!(golden(protocol, stream), expected);
    }
}

/// The text of a stream, read line by line as its protocol has it.
fn text_by_hand(stream: &[u8]) -> String {
    let lines = std::str::from_utf8(stream).unwrap().lines().filter_map(|line| line.strip_prefix("data:"));
    let events = lines.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let pieces = events.filter_map(|event| {
        let places = ["/choices/0/delta/content", "/choices/0/text", "/delta/text", "/token/text"];
        let special = event.pointer("/token/special") == Some(&Value::Bool(true));
        let piece = places.iter().find_map(|place| event.pointer(place)?.as_str().map(str::to_owned));
        piece.filter(|_| !special)
    });
    pieces.collect()
}

#[test]
fn what_a_real_stream_said_is_told_word_for_word() {
    for (protocol, stream) in ALL {
        let (answer, text) = read_text(protocol, &split(stream, &[]), StreamEnd::Closed);
        assert!(text.len() > 3, "{text}");
        assert_eq!(text, text_by_hand(stream));
        assert_eq!(answer, read_stream(protocol, &split(stream, &[]), StreamEnd::Closed));
    }
}

#[test]
fn a_real_stream_without_its_end_is_a_disconnection() {
    for (protocol, stream) in ALL {
        let mut recording = Recording::default();
        recording.push(&stream[..stream.len() / 2], 7);
        let Outcome::Failed { reason, .. } = read_stream(protocol, &recording, StreamEnd::Broken).outcome
        else {
            panic!("half a stream succeeded");
        };
        assert_eq!(reason, domain::result::FailureReason::Disconnected);
    }
}

/// Events of a stream that is split before the given offsets, each read one nanosecond after the other.
fn split(stream: &[u8], cuts: &[usize]) -> Recording {
    let mut recording = Recording::default();
    let mut from = 0;
    for (at, &to) in (1..).zip(cuts.iter().chain([&stream.len()])) {
        recording.push(&stream[from..to.max(from)], at);
        from = to.max(from);
    }
    recording
}

#[test]
fn splitting_at_every_byte_changes_no_event() {
    for (_, stream) in ALL {
        for end in ["\n", "\r\n", "\r"] {
            let text = String::from_utf8(stream.to_vec()).unwrap().replace('\n', end);
            let stream = text.as_bytes();
            let unsplit: Vec<_> = split(stream, &[]).events().map(|e| e.data.into_owned()).collect();
            for cut in 1..stream.len() {
                let recording = split(stream, &[cut]);
                let mut seen = 0;
                for (event, expected) in recording.events().zip(&unsplit) {
                    assert_eq!(&*event.data, expected.as_slice());
                    seen += 1;
                }
                assert_eq!(seen, unsplit.len());
            }
            let every: Vec<usize> = (1..stream.len()).collect();
            let bytes = split(stream, &every);
            assert_eq!(bytes.events().map(|e| e.data.into_owned()).collect::<Vec<_>>(), unsplit);
            assert!(bytes.events().map(|e| e.at_ns).is_sorted());
        }
    }
}

/// The decoder as the standard describes it, one byte at a time: events with the offset that completed them.
fn naive(stream: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let stream_start = if stream.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut line: Vec<u8> = Vec::new();
    let mut data: Option<Vec<u8>> = None;
    let mut events: Vec<(Vec<u8>, usize)> = Vec::new();
    let mut after_cr = false;
    let add = |line: &[u8], data: &mut Option<Vec<u8>>| {
        let text = match line {
            b"data" => &[],
            _ => match line.strip_prefix(b"data:") {
                Some(rest) => rest.strip_prefix(b" ").unwrap_or(rest),
                None => return,
            },
        };
        match data {
            None => *data = Some(text.to_vec()),
            Some(d) => {
                d.push(b'\n');
                d.extend_from_slice(text);
            }
        }
    };
    for (offset, &byte) in stream.iter().enumerate().skip(stream_start) {
        let skip = byte == b'\n' && after_cr;
        after_cr = byte == b'\r';
        if skip {
            continue;
        }
        if byte != b'\n' && byte != b'\r' {
            line.push(byte);
            continue;
        }
        if line.is_empty() {
            events.extend(data.take().map(|d| (d, offset + 1)));
        } else {
            add(&line, &mut data);
        }
        line.clear();
    }
    add(&line, &mut data);
    events.extend(data.map(|d| (d, stream.len())));
    events
}

proptest! {
    #[test]
    fn any_bytes_in_any_reads_decode_as_the_standard_says(
        parts in prop::collection::vec(prop::sample::select(vec![
            "data: a", "data:b", "data", "da", "ta", ": c", "event: x", "\n", "\r", "\r\n", "\n\n", " ", "\u{feff}", "é",
        ]), 0..40),
        cuts in prop::collection::vec(0_usize..200, 0..12),
    ) {
        let stream = parts.concat().into_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(stream.len())).collect();
        cuts.sort_unstable();
        let recording = split(&stream, &cuts);
        let expected = naive(&stream);
        let events: Vec<_> = recording.events().collect();
        prop_assert_eq!(events.len(), expected.len());
        for (event, (data, offset)) in events.iter().zip(&expected) {
            prop_assert_eq!(&*event.data, data.as_slice());
            let reads_before = cuts.iter().filter(|c| **c < *offset).count();
            prop_assert_eq!(event.at_ns, reads_before as u64 + 1, "event at offset {}", offset);
        }
    }

    #[test]
    fn percentiles_match_the_definition(
        values in prop::collection::vec(0.0_f64..1e6, 1..200),
        p in 0.0_f64..=1.0,
    ) {
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let got = measurement::summary::percentile(&sorted, p).unwrap();
        // As numpy: position p (n - 1), weights by distance.
        let position = p * (sorted.len() - 1) as f64;
        let (low, high) = (position.floor(), position.ceil());
        let weight = position - low;
        let expected = sorted[low as usize] * (1.0 - weight) + sorted[high as usize] * weight;
        prop_assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1.0));
    }

    #[test]
    fn any_bytes_at_all_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (protocol, _) in ALL {
            whole(protocol, &bytes);
        }
    }
}
