//! A **scripted engine** writes to each stream exactly what a test says, stamps every write, and tells the truth
//! afterwards: when each request had arrived and when each piece of its answer left. Requests that are not streams
//! (those that find out a prompt's length) are answered with a count of their tokens.
//!
//! The same script is played over every [`Wire`]; [`cases`] has what servers do, with what is to be reported of it.

pub mod cases;
mod http1;
mod http2;
mod listener;
pub mod script;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

pub use crate::stream_truth::StreamTruth;
pub use script::Step;

/// What carries requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// HTTP/1.1 over TCP.
    Tcp,
    /// HTTP/1.1 over a unix socket.
    Unix,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TCP, without asking whether the server speaks it.
    Http2,
    /// HTTP/2 over a unix socket.
    Http2Unix,
    /// HTTP/2 over TLS.
    Http2Tls,
}

impl Wire {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Tcp, Self::Unix, Self::Tls, Self::Http2, Self::Http2Unix, Self::Http2Tls];

    /// Whether HTTP/2 is spoken.
    #[must_use]
    pub const fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Unix | Self::Http2Tls)
    }

    const fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Http2Tls)
    }

    const fn is_unix(self) -> bool {
        matches!(self, Self::Unix | Self::Http2Unix)
    }
}

/// A streamed answer of the script, by the number of the stream, from 0.
type Script = dyn Fn(u32) -> Vec<Step> + Send + Sync;
/// Tokens of a prompt; None gives no usage at all.
type Count = dyn Fn(&str) -> Option<u32> + Send + Sync;

/// An engine that stops when it is dropped.
pub struct ScriptedEngine {
    base_url: String,
    authority: Option<PathBuf>,
    shared: Arc<Shared>,
    _folder: tempfile::TempDir,
    _serving: JoinSet<()>,
}

/// An answer to a question that is no stream, by its number, from 0; None: its tokens are counted.
type Questions = dyn Fn(u32) -> Option<Vec<Step>> + Send + Sync;

/// What all connections share.
struct Shared {
    script: Box<Script>,
    count: Box<Count>,
    questions: Box<Questions>,
    asked: AtomicU32,
    connections: AtomicU32,
    heads: Mutex<Vec<String>>,
    longest_body: AtomicU32,
    truth: Mutex<Vec<StreamTruth>>,
    bodies: Mutex<Vec<Value>>,
}

/// Starts an engine over TCP that counts a prompt's words.
pub async fn serve(
    count: fn(u32) -> Option<u32>,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedEngine {
    serve_over(Wire::Tcp, words(count), script).await
}

/// Counts a prompt's words, of which `count` makes tokens.
pub fn words(count: fn(u32) -> Option<u32>) -> impl Fn(&str) -> Option<u32> + Send + Sync {
    move |prompt| count(u32::try_from(prompt.split_whitespace().count()).unwrap())
}

/// Starts an engine that counts a prompt with `count` and answers each stream with `script`.
pub async fn serve_over(
    wire: Wire,
    count: impl Fn(&str) -> Option<u32> + Send + Sync + 'static,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedEngine {
    serve_all(wire, count, |_| None, script).await
}

/// Starts an engine over TCP that counts a prompt's words, unless `questions` has another answer, and answers each stream with
/// `script`.
pub async fn serve_asked(
    questions: impl Fn(u32) -> Option<Vec<Step>> + Send + Sync + 'static,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedEngine {
    serve_all(Wire::Tcp, words(Some), questions, script).await
}

async fn serve_all(
    wire: Wire,
    count: impl Fn(&str) -> Option<u32> + Send + Sync + 'static,
    questions: impl Fn(u32) -> Option<Vec<Step>> + Send + Sync + 'static,
    script: impl Fn(u32) -> Vec<Step> + Send + Sync + 'static,
) -> ScriptedEngine {
    let shared = Arc::new(Shared {
        script: Box::new(script),
        count: Box::new(count),
        questions: Box::new(questions),
        asked: AtomicU32::new(0),
        connections: AtomicU32::new(0),
        heads: Mutex::default(),
        longest_body: AtomicU32::new(0),
        truth: Mutex::default(),
        bodies: Mutex::default(),
    });
    let folder = tempfile::tempdir().unwrap();
    let (base_url, authority, serving) = listener::listen(wire, folder.path(), Arc::clone(&shared)).await;
    ScriptedEngine { base_url, authority, shared, _folder: folder, _serving: serving }
}

impl ScriptedEngine {
    /// Where it listens.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The certificate to trust, in PEM, where it speaks TLS.
    #[must_use]
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// Connections so far.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The head of every request with a body, in small letters: `post /path` and a line for each header.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }

    /// Bytes of the longest body.
    #[must_use]
    pub fn longest_body(&self) -> u32 {
        self.shared.longest_body.load(Ordering::Relaxed)
    }

    /// What was done for every stream, in the order of arrival.
    #[must_use]
    pub fn truth(&self) -> Vec<StreamTruth> {
        self.shared.truth.lock().unwrap().clone()
    }

    /// What was asked for by every stream, in the order of arrival.
    #[must_use]
    pub fn bodies(&self) -> Vec<Value> {
        self.shared.bodies.lock().unwrap().clone()
    }
}

impl Shared {
    async fn converse<S>(self: Arc<Self>, wire: Wire, socket: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.connections.fetch_add(1, Ordering::Relaxed);
        // An error is a client that went away.
        let _: io::Result<()> = if wire.is_http2() {
            http2::answer_all(socket, self).await
        } else {
            http1::answer_all(socket, &self).await
        };
    }

    /// What is answered to a request, and where to write down when, if it is a stream.
    fn answer(&self, head: String, body: &[u8]) -> (Vec<Step>, Option<usize>) {
        let received = Instant::now();
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).map(str::to_owned);
        let is_tgi = head.starts_with("post /generate_stream");
        if !body.is_empty() {
            self.heads.lock().unwrap().push(head);
        }
        self.longest_body.fetch_max(u32::try_from(body.len()).unwrap(), Ordering::Relaxed);
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        // TGI has no other answers than streams; a prompt is counted with an answer of one token.
        let probes = if is_tgi { body["parameters"]["max_new_tokens"] == 1 } else { body["stream"] != true };
        if probes {
            // A question has a body; a list of models is none.
            let answer = || (self.questions)(self.asked.fetch_add(1, Ordering::Relaxed));
            if let Some(answer) = (!body.is_null()).then(answer).flatten() {
                return (answer, None);
            }
            return (script::whole(200, &self.counted(&body)), None);
        }
        let mut truth = self.truth.lock().unwrap();
        let stream = truth.len();
        truth.push(StreamTruth { request_id: id, received, writes: Vec::new() });
        self.bodies.lock().unwrap().push(body);
        ((self.script)(u32::try_from(stream).unwrap()), Some(stream))
    }

    /// Stamps a write.
    fn wrote(&self, stream: Option<usize>) {
        if let Some(stream) = stream {
            self.truth.lock().unwrap()[stream].writes.push(Instant::now());
        }
    }

    fn counted(&self, body: &Value) -> String {
        let messages = body["messages"].as_array();
        let contents = messages.into_iter().flatten().filter_map(|message| message["content"].as_str());
        let prompts = [&body["prompt"], &body["inputs"]].into_iter().filter_map(Value::as_str);
        let prompt = contents.chain(prompts).collect::<Vec<_>>().join(" ");
        let usage = (self.count)(&prompt).map(|tokens| {
            json!({"prompt_tokens": tokens, "completion_tokens": 1, "input_tokens": tokens, "output_tokens": 1})
        });
        json!({"model": body["model"], "choices": [{"message": {"content": "x"}}], "usage": usage})
            .to_string()
    }
}
