//! The **bare reader**: the least that a client in this language can do. It stamps each frame that hyper hands
//! over and keeps the stamps; it decodes nothing, checks nothing, and would be misled by any other server.

use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Context;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;

use crate::truth::{Instants, Latencies};

#[derive(Debug, clap::Args)]
pub(crate) struct BareArgs {
    #[arg(long)]
    url: String,
    #[arg(long)]
    streams: NonZeroU32,
    #[arg(long)]
    rounds: NonZeroU32,
    #[arg(long)]
    tokens: NonZeroU32,
    #[arg(long)]
    output: PathBuf,
}

/// When a request was sent and its frames arrived.
type Seen = (Instant, Vec<Instant>);

pub(crate) fn run(args: &BareArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let seen: Vec<Seen> = tasks.block_on(&runtime, async {
        let host: Rc<str> = args.url.trim_start_matches("http://").into();
        let (rounds, tokens) = (args.rounds.get(), args.tokens.get());
        let streams: Vec<_> = (0..args.streams.get())
            .map(|_| tokio::task::spawn_local(stream(Rc::clone(&host), rounds, tokens)))
            .collect();
        let mut seen = Vec::new();
        for stream in streams {
            seen.extend(stream.await??);
        }
        anyhow::Ok(seen)
    })?;
    let latencies =
        Latencies::from_instants(seen.iter().map(|(from, tokens)| Instants { from: *from, tokens }));
    std::fs::write(&args.output, serde_json::to_vec(&latencies)?)
        .with_context(|| format!("cannot write {}", args.output.display()))
}

/// One request for warm-up and then the measured ones, on one connection.
async fn stream(host: Rc<str>, rounds: u32, tokens: u32) -> anyhow::Result<Vec<Seen>> {
    let socket = TcpStream::connect(&*host).await?;
    socket.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    tokio::task::spawn_local(connection);
    let body = Bytes::from(body(tokens));
    let mut all = Vec::new();
    for round in 0..=rounds {
        sender.ready().await?;
        let request = Request::post("/v1/chat/completions")
            .header("host", &*host)
            .header("content-type", "application/json")
            .body(Full::new(body.clone()))?;
        let mut frames = Vec::with_capacity(tokens as usize + 8);
        let sent = Instant::now();
        let mut answer = sender.send_request(request).await?.into_body();
        while let Some(frame) = answer.frame().await {
            frame.map_err(io::Error::other)?;
            frames.push(Instant::now());
        }
        if round > 0 {
            all.push((sent, frames));
        }
    }
    Ok(all)
}

fn body(tokens: u32) -> String {
    let prompt = ["word"; 32].join(" ");
    json!({
        "model": "simulated", "stream": true, "max_tokens": tokens, "ignore_eos": true,
        "messages": [{"role": "user", "content": prompt}],
    })
    .to_string()
}
