//! Reads the **requests** of a connection, one after the other, and hands streams on.

use std::io;
use std::rc::Rc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::streams::{Asked, Streams};
use super::wire::{Api, MODEL};

/// Answers every request of a connection. An error is a client that went away.
pub(super) async fn answer_all(mut socket: TcpStream, streams: Rc<Streams>) -> io::Result<()> {
    let mut unread = Vec::new();
    while let Some((head, body)) = next(&mut socket, &mut unread).await? {
        let received = Instant::now();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if body["stream"] == true {
            let asked = asked(&head, &body, received);
            socket = streams.play_one(socket, asked).await;
        } else {
            let answer = answer(&head, &body).to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            socket.write_all((head + &answer).as_bytes()).await?;
        }
    }
    Ok(())
}

fn asked(head: &str, body: &Value, received: Instant) -> Asked {
    let most = [&body["max_completion_tokens"], &body["max_tokens"]];
    let tokens = most.iter().find_map(|value| value.as_u64()).unwrap_or(16);
    Asked {
        request_id: head.lines().find_map(|line| header(line, "x-request-id")).map(str::to_owned),
        received,
        api: if head.contains("/chat/completions") { Api::Chat } else { Api::Completions },
        tokens: u32::try_from(tokens).unwrap(),
        usage_of_prompt: (body["stream_options"]["include_usage"] == true).then(|| words(body)),
    }
}

/// The answer to what is no stream: the models, or how many tokens a prompt has.
fn answer(head: &str, body: &Value) -> Value {
    if head.starts_with("GET") {
        return json!({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "assay-simulated"}]});
    }
    json!({
        "choices": [{"message": {"content": "word"}, "text": "word"}],
        "usage": {"prompt_tokens": words(body), "completion_tokens": 1},
    })
}

/// Tokens of the prompt: one for each word.
fn words(body: &Value) -> u32 {
    let text = |value: &Value| value.as_str().map_or(0, |text| text.split_whitespace().count());
    let messages = body["messages"].as_array().map_or(0, |all| all.iter().map(|m| text(&m["content"])).sum());
    u32::try_from(messages + text(&body["prompt"])).unwrap()
}

/// The head and the body of the next request. None when the client has closed.
async fn next(socket: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Option<(String, Vec<u8>)>> {
    loop {
        if let Some(end) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&unread[..end]).into_owned();
            let length = head.lines().find_map(|line| header(line, "content-length")?.parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            while unread.len() < whole {
                if socket.read_buf(unread).await? == 0 {
                    return Ok(None);
                }
            }
            let body = unread[end + 4..whole].to_vec();
            unread.drain(..whole);
            return Ok(Some((head, body)));
        }
        if socket.read_buf(unread).await? == 0 {
            return Ok(None);
        }
    }
}

fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}
