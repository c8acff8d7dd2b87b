//! Conversations: what was said is sent again, when the time to think is over.

use std::collections::BTreeMap;

use batch_runner::bench::document::BenchDocument;
use batch_runner::load::{LoadError, TrialMeasurement, TrialRequest};
use domain::conversation::Conversation;
use domain::result::Flag;
use domain::workload::Protocol;
use domain::{Arrival, Load};
use measurement::record::{Outcome, RequestRecord};
use serde_json::Value;
use simulated_engine::start;
use testkit::scripted_engine::script::{ending, head, text, whole};
use testkit::scripted_engine::{ScriptedEngine, Step, serve};

use super::bench::{bench, measured as told};
use super::{config, measure_at, measured, n, trial};

/// `requests` requests of conversations, `concurrency` at a time.
fn talk(requests: u32, concurrency: u32, turns: &str, think_time: &str) -> TrialRequest {
    let mut request = trial(requests, concurrency, 2);
    request.workload.variety.conversation = Some(Conversation {
        turns: turns.parse().unwrap(),
        turn_input_tokens: "5".parse().unwrap(),
        think_time: think_time.parse().unwrap(),
    });
    request
}

/// A server whose every answer is another.
async fn talkative() -> ScriptedEngine {
    serve(Some, |stream| {
        let words = [text("this is"), text(&format!(" answer-{stream}"))];
        [vec![head()], words.to_vec(), ending(20, 2)].concat()
    })
    .await
}

fn turn(record: &RequestRecord) -> (u32, u32) {
    record.turn.map(|turn| (turn.conversation, turn.turn)).unwrap()
}

/// The requests of each conversation, in order.
fn conversations(m: &TrialMeasurement) -> BTreeMap<u32, Vec<&RequestRecord>> {
    let mut found: BTreeMap<u32, Vec<&RequestRecord>> = BTreeMap::new();
    for record in &m.records {
        found.entry(turn(record).0).or_default().push(record);
    }
    found
}

/// The messages of a body as `role: content`.
fn said(body: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let messages = body["messages"].as_array().unwrap();
    messages.iter().map(|m| text(&m["role"]) + ": " + &text(&m["content"])).collect()
}

/// By the place that a request's id names: which stream it was, and what it asked for.
fn streams(server: &ScriptedEngine) -> BTreeMap<(u32, u32), (usize, Value)> {
    let truth = server.truth().into_iter().zip(server.bodies()).enumerate();
    truth
        .map(|(stream, (truth, body))| {
            let id = truth.request_id.unwrap();
            let place = id.rsplit('-').next().unwrap();
            let (conversation, turn) = place.split_once('.').unwrap_or((place, "1"));
            ((conversation.parse().unwrap(), turn.parse().unwrap()), (stream, body))
        })
        .collect()
}

#[tokio::test]
async fn every_turn_sends_the_whole_history_with_the_answers_that_were_given() {
    let server = talkative().await;
    let m = measure_at(server.base_url(), &talk(40, 3, "4", "0s")).await.unwrap();
    let streams = streams(&server);
    let mut later = 0;
    for ((conversation, turn), (_, body)) in &streams {
        let now = said(body);
        assert_eq!(now.len() as u32, 2 * turn - 1, "{now:?}");
        if *turn > 1 {
            later += 1;
            let (before_stream, before) = &streams[&(*conversation, turn - 1)];
            let mut expected = said(before);
            expected.push(format!("assistant: this is answer-{before_stream}"));
            assert_eq!(now[..now.len() - 1], expected);
            assert_eq!(now.last().unwrap().split(' ').count(), 1 + 5);
        }
    }
    assert!(later > 20, "{later}");
    // Of the slots but the first, the first conversation ends after any of its turns; all others have theirs.
    let records = conversations(&m);
    for (conversation, records) in &records {
        let turns: Vec<u32> = records.iter().map(|r| turn(r).1).collect();
        assert_eq!(turns, (1..=turns.len() as u32).collect::<Vec<_>>());
        let planned = records[0].turn.unwrap().turns;
        assert!(if *conversation == 1 || *conversation == 2 { planned <= 4 } else { planned == 4 });
    }
    assert!(records[&0].len() == 4 && records.len() > 9);
    assert_eq!(m.by_turn.unwrap().broken_off, 0);
}

#[tokio::test]
async fn prompts_are_as_long_as_the_history_makes_them() {
    let engine = start(config(1.0), None).await.unwrap();
    let m = measure_at(&engine.base_url(), &talk(60, 2, "3", "0s")).await.unwrap();
    for record in measured(&m) {
        assert_eq!(record.outcome, Outcome::Succeeded);
        // 20 at first, then an answer of 2 and a message of 5 more.
        let expected = u64::from(20 + (turn(record).1 - 1) * 7);
        assert_eq!(
            (record.input_tokens, record.turn.unwrap().asked_input_tokens),
            (Some(expected), Some(expected))
        );
    }
    assert!(!m.flags.contains(&Flag::InputLengthOff), "{:?}", m.flags);
    let by_turn = m.by_turn.unwrap();
    assert_eq!(by_turn.each.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(by_turn.each[&3].input_tokens, Some(34.0));
    assert_eq!(by_turn.later.unwrap().succeeded, by_turn.each[&2].succeeded + by_turn.each[&3].succeeded);
}

#[tokio::test]
async fn early_and_late_turns_are_measured_as_often() {
    let engine = start(config(1.0), None).await.unwrap();
    let open = Load::OpenLoop { rate_rps: "100".parse().unwrap(), arrival: Arrival::Poisson };
    for (requests, load) in [(96, None), (300, Some(open))] {
        let mut request = talk(requests, 24, "4", "40ms");
        request.workload.load = load.unwrap_or(request.workload.load);
        let m = measure_at(&engine.base_url(), &request).await.unwrap();
        let mut of_turn = [0_u32; 4];
        for record in measured(&m) {
            of_turn[turn(record).1 as usize - 1] += 1;
        }
        let even = requests / 4;
        assert!(of_turn.iter().all(|n| (even / 2..=even * 2).contains(n)), "{of_turn:?}");
    }
}

/// Times from the end of an answer until the next turn was due, and from then until it was sent, ns.
fn pauses(m: &TrialMeasurement) -> Vec<(u64, u64)> {
    let pairs = conversations(m);
    let pairs = pairs.values().flat_map(|records| records.windows(2));
    pairs
        .filter(|pair| pair[1].t_send_ns.is_some())
        .map(|pair| (pair[1].t_sched_ns - pair[0].t_end_ns, pair[1].t_send_ns.unwrap() - pair[1].t_sched_ns))
        .collect()
}

#[tokio::test]
async fn a_turn_is_due_when_the_time_to_think_is_over_and_never_sent_before() {
    let server = talkative().await;
    let m = measure_at(server.base_url(), &talk(30, 3, "3", "30ms")).await.unwrap();
    let pauses = pauses(&m);
    assert!(pauses.len() > 15 && pauses.iter().all(|(think, _)| *think == 30_000_000), "{pauses:?}");
    // The server saw no turn before that either.
    let (streams, truth) = (streams(&server), server.truth());
    for ((conversation, turn), (stream, _)) in streams.iter().filter(|((_, turn), _)| *turn > 1) {
        let before = &truth[streams[&(*conversation, turn - 1)].0];
        let pause = truth[*stream].received - *before.writes.last().unwrap();
        assert!(pause >= std::time::Duration::from_millis(30), "{pause:?}");
    }
    // Far from what it should be, since a busy machine may do as it likes with a test.
    let late = pauses.iter().map(|(_, late)| *late).min().unwrap();
    assert!(late < 5_000_000, "{late}");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_renewed_once() {
    let close = Step::Head(200, vec![("content-type", "text/event-stream"), ("connection", "close")]);
    let server = serve(Some, move |_| [vec![close.clone(), text("a b")], ending(20, 2)].concat()).await;
    let m = measure_at(server.base_url(), &talk(8, 1, "3", "10ms")).await.unwrap();
    assert!(m.records.iter().take(8).all(|r| r.succeeded()), "{:?}", m.records);
    // One for each request, six for the calibration, and one that was opened when the run ended.
    let opened = server.connections() as usize;
    assert!((m.records.len() + 5..=m.records.len() + 7).contains(&opened), "{opened}");
}

#[tokio::test]
async fn the_same_seed_says_and_thinks_the_same_whichever_slot_does() {
    let mut runs = Vec::new();
    for concurrency in [1, 4] {
        let server = talkative().await;
        let m = measure_at(server.base_url(), &talk(40, concurrency, "uniform:2-4", "exponential:5ms"))
            .await
            .unwrap();
        let mut thoughts = BTreeMap::new();
        // Those with which slots begin may be shorter.
        for (conversation, records) in conversations(&m).into_iter().filter(|(c, _)| (4..8).contains(c)) {
            let pauses = records.windows(2).map(|pair| pair[1].t_sched_ns - pair[0].t_end_ns);
            let whole = &streams(&server)[&(conversation, records.len() as u32)].1;
            let messages: Vec<String> =
                said(whole).into_iter().filter(|said| said.starts_with("user")).collect();
            let turns = records[0].turn.unwrap().turns;
            thoughts.insert(conversation, (turns, pauses.collect::<Vec<_>>(), messages));
        }
        runs.push(thoughts);
    }
    assert_eq!(runs[0].len(), 4);
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn conversations_that_arrive_at_a_rate_go_on_while_others_begin() {
    let server = talkative().await;
    let mut request = talk(60, 1, "3", "40ms");
    request.workload.load =
        Load::OpenLoop { rate_rps: "50:400ms".parse().unwrap(), arrival: Arrival::Constant };
    let m = measure_at(server.base_url(), &request).await.unwrap();
    let conversations = conversations(&m);
    // All that arrived have had all of their turns when it ends.
    assert_eq!(conversations.len(), 20);
    assert!(conversations.values().all(|records| records.len() == 3));
    let first: Vec<u64> = conversations.values().map(|records| records[0].t_sched_ns).collect();
    assert!(first.windows(2).all(|pair| pair[1] - pair[0] == 20_000_000), "{first:?}");
    assert!(pauses(&m).iter().all(|(think, _)| *think == 40_000_000));
    assert!(first[3] < conversations[&0][2].t_sched_ns);
    assert_eq!(m.certificate.dropped_arrivals, 0);
}

#[tokio::test]
async fn a_turn_beyond_the_most_in_flight_is_dropped_and_ends_its_conversation() {
    let engine = start(config(30.0), None).await.unwrap();
    let mut request = talk(60, 1, "4", "50ms");
    request.workload.load = Load::OpenLoop { rate_rps: "40".parse().unwrap(), arrival: Arrival::Poisson };
    request.max_in_flight = n(3);
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let c = &m.certificate;
    assert!(c.dropped_arrivals > 10 && c.is_client_limited() && c.open_sockets <= 3, "{c:?}");
    let conversations = conversations(&m);
    let broken = conversations.values().filter(|records| records.len() < 4).count();
    assert!(broken > 3, "{broken}");
    // Some broke off before the window or after it.
    let told = m.by_turn.unwrap().broken_off;
    assert!((1..=broken as u64).contains(&told), "{told} of {broken}");
}

#[tokio::test]
async fn tokens_of_reasoning_are_not_taken_to_be_sent_again() {
    let server = serve(Some, |_| {
        let thought = testkit::scripted_engine::script::delta(r#"{"reasoning_content":"hm"}"#);
        [vec![head(), thought, text("so it is")], ending(20, 900)].concat()
    })
    .await;
    let m = measure_at(server.base_url(), &talk(12, 1, "3", "0s")).await.unwrap();
    for record in &m.records {
        let asked = record.turn.unwrap().asked_input_tokens;
        assert_eq!(asked, (turn(record).1 == 1).then_some(20));
    }
}

#[tokio::test]
async fn a_conversation_ends_with_a_request_that_fails_or_says_nothing() {
    let server = serve(Some, |stream| match stream % 5 {
        3 => whole(500, "{}"),
        4 => {
            let thought = testkit::scripted_engine::script::delta(r#"{"reasoning_content":"hm"}"#);
            [vec![head(), thought], ending(20, 1)].concat()
        }
        _ => testkit::scripted_engine::script::good(),
    })
    .await;
    let m = measure_at(server.base_url(), &talk(50, 1, "20", "0s")).await.unwrap();
    let conversations = conversations(&m);
    assert!(conversations.len() > 15, "{}", conversations.len());
    // The run may have ended in the last one.
    for records in conversations.values().rev().skip(1) {
        let (last, others) = records.split_last().unwrap();
        assert!(others.iter().all(|r| r.succeeded() && r.first_output.is_some()));
        assert!(!last.succeeded() || last.first_output.is_none());
    }
    let by_turn = m.by_turn.unwrap();
    assert!(by_turn.conversations - by_turn.broken_off <= 1, "{by_turn:?}");
}

#[tokio::test]
async fn each_protocol_of_text_goes_on_with_what_was_said() {
    for protocol in [Protocol::Completions, Protocol::Tgi, Protocol::Anthropic] {
        let server = serve(Some, move |_| answer(protocol)).await;
        let mut request = talk(6, 1, "3", "0s");
        request.workload.protocol = protocol;
        let m = measure_at(server.base_url(), &request).await.unwrap();
        assert!(measured(&m).iter().all(|r| r.succeeded()), "{:?}", m.records);
        let streams = streams(&server);
        let (first, second) = (&streams[&(0, 1)].1, &streams[&(0, 2)].1);
        match protocol {
            Protocol::Anthropic => {
                assert_eq!(said(second)[..2], [said(first)[0].clone(), "assistant: so it is".to_owned()]);
            }
            _ => {
                let prompt = |body: &Value| {
                    [&body["prompt"], &body["inputs"]].iter().find_map(|p| p.as_str()).unwrap().to_owned()
                };
                let (first, second) = (prompt(first), prompt(second));
                assert!(second.starts_with(&(first + "so it is ")), "{second}");
            }
        }
    }
    let mut request = talk(6, 1, "3", "0s");
    request.workload.protocol = Protocol::CompletionsTokens;
    let error = measure_at("http://127.0.0.1:1", &request).await.unwrap_err();
    assert!(
        matches!(&error, LoadError::BadTarget { mend, .. } if mend.contains("another protocol")),
        "{error}"
    );
}

/// An answer of two pieces, `so` and ` it is`.
fn answer(protocol: Protocol) -> Vec<Step> {
    let events: Vec<&str> = match protocol {
        Protocol::Tgi => vec![
            r#"{"token":{"text":"so","special":false}}"#,
            r#"{"token":{"text":" it is","special":false},"details":{"finish_reason":"length","generated_tokens":2,"input_length":20}}"#,
        ],
        Protocol::Anthropic => vec![
            r#"{"type":"message_start","message":{"usage":{"input_tokens":20}}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"so"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":" it is"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":2}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        _ => vec![
            r#"{"choices":[{"text":"so"}]}"#,
            r#"{"choices":[{"text":" it is","finish_reason":"length"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":2}}"#,
            "[DONE]",
        ],
    };
    let events = events.into_iter().map(testkit::scripted_engine::script::event);
    [vec![head()], events.collect(), vec![Step::End]].concat()
}

#[tokio::test]
async fn the_command_line_holds_conversations() {
    let engine = start(config(1.0), None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [page, rows] = ["page.html", "rows.csv"].map(|name| folder.path().join(name));
    let url = engine.base_url();
    let server = ["--url", &url, "--model", "simulated", "--input-tokens", "20", "--output-tokens", "2"];
    let talk = [
        "--turns",
        "3",
        "--think-time",
        "5ms",
        "--turn-input-tokens",
        "6",
        "--concurrency",
        "2",
        "--requests",
        "30",
    ];
    let files = ["--output", page.to_str().unwrap(), "--output", rows.to_str().unwrap()];
    let output = bench(&[&server[..], &talk[..], &files[..]].concat()).await;
    assert!(told(&output), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    for word in ["20>2 c2, 3 turns of 6 0.005s apart", "TTFT turn 1", "TTFT later", "turns       of "] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(std::fs::read_to_string(page).unwrap().contains("Time to first token by turn, ms"));
    let mut rows = csv::Reader::from_path(rows).unwrap();
    let mut at = |name: &str| rows.headers().unwrap().iter().position(|header| header == name).unwrap();
    let (conversation, number) = (at("conversation"), at("turn"));
    let of_first = rows.records().map(Result::unwrap).filter(|row| &row[conversation] == "0");
    assert_eq!(of_first.map(|row| row[number].to_owned()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let json = bench(&[&server[..], &talk[..], &["--json"]].concat()).await;
    let document: BenchDocument = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document.by_turn.unwrap().each.len(), 3);
    let dataset = folder.path().join("chats.json");
    let said = |words: &str| {
        format!(r#"{{"from": "human", "value": "{words}"}}, {{"from": "gpt", "value": "1234567"}}"#)
    };
    let chats = [["a b c", "d e"].map(said).join(", "), said("f")];
    let chats = chats.map(|said| format!(r#"{{"conversations": [{said}]}}"#)).join(", ");
    std::fs::write(&dataset, format!("[{chats}]")).unwrap();
    let replay = ["--dataset", dataset.to_str().unwrap(), "--concurrency", "1", "--requests", "12", "--json"];
    let json = bench(&[&server[..4], &replay[..], &["--turns", "9"]].concat()).await;
    assert!(told(&json), "{}", String::from_utf8_lossy(&json.stderr));
    let document: BenchDocument = serde_json::from_slice(&json.stdout).unwrap();
    let each = document.by_turn.unwrap().each;
    // 8 of the template and 3 words, or 1 where there is no second turn; then an answer of 2 tokens and 2 words more.
    assert_eq!(each.keys().copied().collect::<Vec<_>>(), [1, 2]);
    let first = each[&1].input_tokens.unwrap();
    assert!((9.0..=11.0).contains(&first) && each[&2].input_tokens == Some(15.0), "{each:?}");
    std::fs::write(&dataset, r#"{"prompt": "a"}"#).unwrap();
    let single = bench(&[&server[..4], &replay[..], &["--turns", "9"]].concat()).await;
    assert!(String::from_utf8_lossy(&single.stderr).contains("no conversation of more than one turn"));
    for (more, mend) in [
        (&["--turns", "1"][..], "2 to 1000 turns"),
        (&["--turns", "3", "--protocol", "completions-tokens"][..], "another protocol"),
        (&["--turns", "3", "--batch-size", "4"][..], "cannot be used with"),
        (&["--think-time", "5s"][..], "--turns"),
    ] {
        let output = bench(&[&server[..], more].concat()).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(mend), "{error}");
    }
}
