//! The server over a real socket.

#![allow(
    clippy::unwrap_used,
    reason = "the lint's exemption for tests does not reach their helper functions"
)]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simulated_engine::{Faults, RunningEngine, SimulationConfig, StopCause, Truth, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn fast() -> SimulationConfig {
    SimulationConfig { step_base_ms: 1.0, step_per_seq_ms: 0.0, ..SimulationConfig::default() }
}

async fn send(engine: &RunningEngine, method: &str, path: &str, body: &Value) -> TcpStream {
    let mut stream = TcpStream::connect(engine.address()).await.unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nx-request-id: me\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    stream
}

async fn ask(engine: &RunningEngine, method: &str, path: &str, body: &Value) -> String {
    let mut answer = Vec::new();
    let mut stream = send(engine, method, path, body).await;
    // A stream that is broken off on purpose may end in a reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn chat(max_tokens: u32, stream: bool) -> Value {
    json!({"model": "simulated", "messages": [{"role": "user", "content": "one two"}], "max_tokens": max_tokens,
        "ignore_eos": true, "stream": stream, "stream_options": {"include_usage": true}})
}

#[tokio::test]
async fn the_small_endpoints_answer() {
    let engine = start(fast(), None).await.unwrap();
    assert!(ask(&engine, "GET", "/health", &Value::Null).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&engine, "GET", "/version", &Value::Null).await.contains("assay-simulated-"));
    assert!(
        ask(&engine, "GET", "/v1/models", &Value::Null).await.contains(r#""owned_by":"assay-simulated""#)
    );
    assert!(ask(&engine, "GET", "/nope", &Value::Null).await.starts_with("HTTP/1.1 404"));
    let unknown =
        ask(&engine, "POST", "/v1/chat/completions", &json!({"model": "nope", "messages": []})).await;
    assert!(unknown.starts_with("HTTP/1.1 404") && unknown.contains("The model `nope` does not exist."));
}

#[tokio::test]
async fn a_stream_has_the_shape_of_vllm() {
    let truth = Arc::new(Truth::default());
    let engine = start(fast(), Some(Arc::clone(&truth))).await.unwrap();
    let answer = ask(&engine, "POST", "/v1/chat/completions", &chat(3, true)).await;
    assert!(answer.contains("content-type: text/event-stream"));
    assert_eq!(answer.matches(r#""role":"assistant","content":"""#).count(), 1);
    assert_eq!(answer.matches(r#""delta":{"content":" "#).count(), 3);
    assert_eq!(answer.matches(r#""finish_reason":"length""#).count(), 1);
    assert!(answer.contains(r#""usage":{"prompt_tokens":10,"total_tokens":13,"completion_tokens":3}"#));
    assert!(answer.contains("data: [DONE]\n\n"));
    let known = &truth.requests()[0];
    assert_eq!((known.request_id.as_deref(), known.writes.len(), known.complete), (Some("me"), 3, true));
    assert!(known.writes.is_sorted() && known.received <= known.writes[0]);
}

#[tokio::test]
async fn a_whole_answer_counts_its_tokens() {
    let engine = start(fast(), None).await.unwrap();
    let answer = ask(
        &engine,
        "POST",
        "/v1/completions",
        &json!({"prompt": "a b c", "max_tokens": 4, "ignore_eos": true}),
    )
    .await;
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["usage"], json!({"prompt_tokens": 3, "total_tokens": 7, "completion_tokens": 4}));
    assert_eq!(body["choices"][0]["text"].as_str().unwrap().split_whitespace().count(), 4);
}

#[tokio::test]
async fn a_client_that_leaves_frees_its_slot() {
    let config = SimulationConfig { max_num_seqs: 1.try_into().unwrap(), ..fast() };
    let engine = start(config, None).await.unwrap();
    let mut first = send(&engine, "POST", "/v1/chat/completions", &chat(30_000, true)).await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    drop(first);
    // Behind 30,000 steps of a millisecond this would take half a minute.
    let short = chat(2, true);
    let second = ask(&engine, "POST", "/v1/chat/completions", &short);
    let answer = tokio::time::timeout(Duration::from_secs(10), second).await.unwrap();
    assert!(answer.contains("[DONE]"));
}

#[tokio::test]
async fn faults_happen_as_scripted() {
    let faults =
        Faults { error_every: 2.try_into().ok(), truncate_every: 2.try_into().ok(), ..Faults::default() };
    let engine = start(SimulationConfig { faults, ..fast() }, None).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..4 {
        let answer = ask(&engine, "POST", "/v1/chat/completions", &chat(4, true)).await;
        seen.push((answer.starts_with("HTTP/1.1 500"), answer.contains("[DONE]")));
    }
    assert_eq!(seen, [(false, true), (true, false), (false, false), (true, false)]);
}

#[tokio::test]
async fn it_dies_when_told_and_stops_when_asked() {
    let faults = Faults { fail_after: 1.try_into().ok(), ..Faults::default() };
    let mut engine = start(SimulationConfig { faults, ..fast() }, None).await.unwrap();
    let answer = ask(&engine, "POST", "/v1/chat/completions", &chat(1_000, true)).await;
    assert!(!answer.contains("[DONE]"));
    assert_eq!(engine.stopped().await, StopCause::Fault);
    assert!(TcpStream::connect(engine.address()).await.is_err());
    assert_eq!(start(fast(), None).await.unwrap().stop().await, StopCause::Asked);
}
