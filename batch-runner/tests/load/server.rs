//! A **scripted server** writes to each stream exactly what a test says, byte for byte. Requests that are not
//! streams (the calibration's) are answered with a count of their tokens.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What the server does in answer to a stream.
#[derive(Debug, Clone)]
pub enum Step {
    /// Write bytes as they are.
    Raw(String),
    /// Write a piece of a chunked body.
    Chunk(String),
    /// Wait.
    Pause(Duration),
    /// End the chunked body.
    End,
    /// Close the connection.
    Close,
}

/// The head of a streamed answer.
pub const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// A chunk of a chat with some text.
pub fn text(content: &str) -> Step {
    Step::Chunk(format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}},\"finish_reason\":null}}]}}\n\n"
    ))
}

/// Usage, `[DONE]` and the end of the body.
pub fn ending(prompt: u32, completion: u32) -> Vec<Step> {
    vec![
        Step::Chunk(format!(
            "data: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":{prompt},\"completion_tokens\":{completion}}}}}\n\n"
        )),
        Step::Chunk("data: [DONE]\n\n".to_owned()),
        Step::End,
    ]
}

/// An answer with a status and a JSON body.
pub fn status(line: &str, body: &str) -> Vec<Step> {
    vec![Step::Raw(format!(
        "HTTP/1.1 {line}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))]
}

/// A server that stops when it is dropped.
pub struct ScriptedServer {
    pub base_url: String,
    pub connections: Arc<AtomicU32>,
    /// The head of every request with a body, in small letters.
    pub heads: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

/// How the server counts a prompt: None gives no usage at all.
pub type CountTokens = fn(u32) -> Option<u32>;

/// Starts a server: `script` gets the number of the stream (from 0) and says what to do.
pub async fn serve(
    count: CountTokens,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedServer {
    let words = |prompt: &str| u32::try_from(prompt.split_whitespace().count()).unwrap();
    serve_counting(move |prompt| count(words(prompt)), script).await
}

/// The same with a count of the prompt itself.
pub async fn serve_counting(
    count: impl Fn(&str) -> Option<u32> + Send + Sync + 'static,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedServer {
    let count = Arc::new(count);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicU32::new(0));
    let (streams, script) = (Arc::new(AtomicU32::new(0)), Arc::new(script));
    let mut serving = JoinSet::new();
    let opened = Arc::clone(&connections);
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    serving.spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            opened.fetch_add(1, Ordering::Relaxed);
            let (streams, script, count) = (Arc::clone(&streams), Arc::clone(&script), Arc::clone(&count));
            let seen = Arc::clone(&seen);
            open.spawn(async move {
                // An error is a client that went away.
                let _ = answer_all(stream, &*count, &streams, &*script, &seen).await;
            });
        }
    });
    ScriptedServer { base_url, connections, heads, _serving: serving }
}

async fn answer_all(
    stream: TcpStream,
    count: &(impl Fn(&str) -> Option<u32> + Sync),
    streams: &AtomicU32,
    script: &(impl Fn(u32) -> Vec<Step> + Sync),
    heads: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut stream).await? {
        if !body.is_empty() {
            heads.lock().unwrap().push(head);
        }
        let steps = if body.contains("\"stream\":true") {
            script(streams.fetch_add(1, Ordering::Relaxed))
        } else {
            status("200 OK", &counted(count, &body))
        };
        for step in steps {
            match step {
                Step::Raw(bytes) => stream.write_all(bytes.as_bytes()).await?,
                Step::Chunk(piece) => {
                    let framed = format!("{:x}\r\n{piece}\r\n", piece.len());
                    stream.write_all(framed.as_bytes()).await?;
                }
                Step::Pause(time) => tokio::time::sleep(time).await,
                Step::End => stream.write_all(b"0\r\n\r\n").await?,
                Step::Close => return Ok(()),
            }
        }
    }
    Ok(())
}

/// The head and the body of the next request. None when the client has closed.
async fn read_request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, String)>> {
    let (mut length, mut head) = (0, String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
        head.push('\n');
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some((head, String::from_utf8_lossy(&body).into_owned())))
}

fn counted(count: impl Fn(&str) -> Option<u32>, body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let prompt = body["messages"][0]["content"].as_str().or(body["prompt"].as_str()).unwrap_or_default();
    let usage = count(prompt).map(|t| serde_json::json!({"prompt_tokens": t, "completion_tokens": 1}));
    serde_json::json!({"choices": [{"message": {"content": "x"}}], "usage": usage}).to_string()
}
