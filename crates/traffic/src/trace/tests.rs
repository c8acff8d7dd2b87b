use proptest::prelude::*;

use super::*;

const MOONCAKE: &str = r#"{"timestamp": 0, "input_length": 6755, "output_length": 500, "hash_ids": [0, 1, 2]}
{"timestamp": 3052, "input_length": 2287, "output_length": 316, "hash_ids": [0, 42]}

{"timestamp": 3052.5, "input_length": 1, "output_length": 0}
"#;
const AZURE: &str = "TIMESTAMP,ContextTokens,GeneratedTokens\r
2023-11-16 18:15:46.6805900,374,44\r
2023-11-16 18:15:50.9951690,396,109\r
2023-11-16 18:17:00,0,7\r
";
const AZURE_2024: &str = "TIMESTAMP,ContextTokens,GeneratedTokens
2024-05-10 00:00:00.009930+00:00,2162,5
2024-05-10 00:00:00.017335+00:00,2399,6
";
const BURSTGPT: &str = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,ChatGPT,472,18,490,Conversation log
45.5,ChatGPT,1087,230,1317,Conversation log
45,GPT-4,417,276,693,API log
";
const BURSTGPT_SESSIONS: &str =
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type
5,7,1.5,ChatGPT,472,18,490,Conversation log
";

#[test]
fn the_first_line_tells_the_format() {
    for (text, format) in [
        (MOONCAKE, Format::Mooncake),
        (AZURE, Format::Azure),
        (AZURE_2024, Format::Azure),
        (BURSTGPT, Format::BurstGpt),
        (BURSTGPT_SESSIONS, Format::BurstGpt),
    ] {
        assert_eq!(text.lines().next().and_then(Format::of), Some(format));
    }
    assert_eq!(Format::of("a,b"), None);
}

fn all(format: Format, text: &str) -> Result<Vec<TraceRequest>, TraceError> {
    read(format, text.as_bytes(), usize::MAX)
}

/// Microseconds, input and output of each request.
fn shape(format: Format, text: &str) -> Vec<(u64, u32, u32)> {
    let requests = all(format, text).unwrap();
    requests.iter().map(|r| (r.at_ns / 1000, r.input_tokens.get(), r.output_tokens.get())).collect()
}

#[test]
fn each_format_is_read() {
    assert_eq!(
        shape(Format::Mooncake, MOONCAKE),
        [(0, 6755, 500), (3_052_000, 2287, 316), (3_052_500, 1, 1)]
    );
    assert_eq!(*all(Format::Mooncake, MOONCAKE).unwrap()[1].blocks, [0, 42]);
    assert_eq!(shape(Format::Azure, AZURE), [(0, 374, 44), (4_314_579, 396, 109), (73_319_410, 1, 7)]);
    assert_eq!(shape(Format::Azure, AZURE_2024), [(0, 2162, 5), (7405, 2399, 6)]);
    // Put in order.
    assert_eq!(
        shape(Format::BurstGpt, BURSTGPT),
        [(0, 472, 18), (40_000_000, 417, 276), (40_500_000, 1087, 230)]
    );
    assert_eq!(shape(Format::BurstGpt, BURSTGPT_SESSIONS), [(0, 472, 18)]);
    assert_eq!(shape(Format::BurstGpt, &format!("\u{feff}{BURSTGPT}")).len(), 3);
}

#[test]
fn only_as_many_as_wanted_are_read() {
    let text = format!("{}not json\n", MOONCAKE);
    assert_eq!(read(Format::Mooncake, text.as_bytes(), 3).unwrap().len(), 3);
    assert!(all(Format::Mooncake, &text).is_err());
}

#[test]
fn twice_the_speed_is_half_the_time() {
    let requests = all(Format::BurstGpt, BURSTGPT).unwrap();
    assert_eq!(instants(&requests, 2.0).collect::<Vec<_>>(), [0, 20_000_000_000, 20_250_000_000]);
}

#[test]
fn errors_name_the_line_and_what_is_wrong() {
    for (format, text, told) in [
        (Format::Mooncake, "{\"timestamp\": 0}", "line 1: missing field `input_length` at column 16"),
        (Format::Mooncake, "\n[", "line 2: "),
        (Format::Mooncake, r#"{"timestamp": 1e300, "input_length": 1, "output_length": 1}"#, "hundred years"),
        (Format::Mooncake, r#"{"timestamp": 0, "input_length": -1, "output_length": 1}"#, "line 1: "),
        (Format::Azure, BURSTGPT, "line 1: the header has no column `TIMESTAMP`"),
        (Format::Azure, "TIMESTAMP,ContextTokens,GeneratedTokens\n5,1,1", "line 2: `5` is no time"),
        (Format::BurstGpt, AZURE, "line 1: the header has no column `Timestamp`"),
        (Format::BurstGpt, "Timestamp,Request tokens,Response tokens\n1,2\n", "line 2: it has no column 3"),
        (Format::BurstGpt, "Timestamp,Request tokens,Response tokens\nnan,2,3\n", "hundred years"),
        (Format::BurstGpt, "Timestamp,Request tokens,Response tokens\n1,many,3\n", "`many` is no number"),
        (Format::BurstGpt, "Timestamp,Request tokens,Response tokens\n1,9999999999,3\n", "is above"),
        (Format::Mooncake, "", "no request"),
        (Format::Azure, "", "no request"),
        (Format::BurstGpt, "Timestamp,Request tokens,Response tokens\n", "no request"),
    ] {
        let error = all(format, text).unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
    let error = read(Format::Mooncake, &b"{\"timestamp\": 0\xff"[..], 9).unwrap_err();
    assert!(matches!(error, TraceError::Io { line: 1, .. }), "{error}");
}

fn any_format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Mooncake), Just(Format::Azure), Just(Format::BurstGpt)]
}

const fn good(format: Format) -> &'static str {
    match format {
        Format::Mooncake => MOONCAKE,
        Format::Azure => AZURE,
        Format::BurstGpt => BURSTGPT,
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(format in any_format(), text in "\\PC{0,80}(\n\\PC{0,40}){0,4}") {
        if let Err(TraceError::Bad { line, .. } | TraceError::Io { line, .. }) = all(format, &text) {
            prop_assert!(line >= 1 && line <= text.lines().count());
        }
    }

    #[test]
    fn a_damaged_trace_is_read_in_order_or_refused_with_its_line(
        format in any_format(), at in 0..260_usize, byte: u8, cut: bool,
    ) {
        let mut bytes = good(format).as_bytes().to_vec();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let lines = bytes.split(|b| *b == b'\n').count();
        match read(format, &bytes[..], usize::MAX) {
            Ok(requests) => prop_assert!(requests.is_sorted_by_key(|r| r.at_ns)),
            Err(TraceError::Bad { line, .. } | TraceError::Io { line, .. }) => {
                prop_assert!((1..=lines).contains(&line));
            }
            Err(TraceError::Empty) => {}
        }
    }

    #[test]
    fn the_order_of_lines_does_not_matter(order in Just((0..30_u64).collect::<Vec<_>>()).prop_shuffle()) {
        let line = |ms: &u64| format!("{{\"timestamp\": {ms}, \"input_length\": {}, \"output_length\": 1}}", ms + 1);
        let text: Vec<String> = order.iter().map(line).collect();
        let requests = all(Format::Mooncake, &text.join("\n")).unwrap();
        let expected: Vec<_> = (0..30_u64).map(|ms| (ms * 1_000_000, ms as u32 + 1)).collect();
        prop_assert_eq!(requests.iter().map(|r| (r.at_ns, r.input_tokens.get())).collect::<Vec<_>>(), expected);
    }
}
