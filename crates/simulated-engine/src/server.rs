//! The **server**: listens, answers, plays the scripted faults, stops.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::api::{self, ApiError, Asked, Kind};
use crate::engine::{EngineHandle, engine};
use crate::stream::{StreamPlan, TokenStream};
use crate::truth::{RequestTruth, Truth};
use crate::{SimulationConfig, tokens};

/// Largest body that is read, in bytes.
const MAX_BODY: usize = 64 << 20;

type AnyBody = UnsyncBoxBody<Bytes, io::Error>;

/// Why an engine stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// It was asked to.
    Asked,
    /// The scripted death (`--fail-after`).
    Fault,
}

/// An engine that listens. It stops when this is dropped.
#[derive(Debug)]
pub struct RunningEngine {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<StopCause>,
}

impl RunningEngine {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it stops by itself.
    pub async fn stopped(&mut self) -> StopCause {
        (&mut self.serving).await.unwrap_or(StopCause::Fault)
    }

    /// Stops listening and drops every connection.
    pub async fn stop(mut self) -> StopCause {
        self.stop.cancel();
        self.stopped().await
    }
}

impl Drop for RunningEngine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts an engine on 127.0.0.1, after its start delay. With `truth`, what happened to every stream is
/// reported there.
///
/// # Errors
/// When the port cannot be bound.
pub async fn start(config: SimulationConfig, truth: Option<Arc<Truth>>) -> io::Result<RunningEngine> {
    tokio::time::sleep(config.start_delay()).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let (engine, playing) = engine(&config);
    let shared = Arc::new(Shared {
        config,
        engine,
        truth,
        received: AtomicU32::new(0),
        streams: AtomicU32::new(0),
        dead: CancellationToken::new(),
    });
    let serving = tokio::spawn(serve(listener, shared, playing, stop.clone()));
    Ok(RunningEngine { address, stop, serving })
}

#[derive(Debug)]
struct Shared {
    config: SimulationConfig,
    engine: EngineHandle,
    truth: Option<Arc<Truth>>,
    received: AtomicU32,
    streams: AtomicU32,
    dead: CancellationToken,
}

async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    playing: impl Future<Output = ()> + Send + 'static,
    stop: CancellationToken,
) -> StopCause {
    // Dropping the set on return drops every connection, as the end of a process does.
    let mut tasks = JoinSet::new();
    tasks.spawn(playing);
    loop {
        tokio::select! {
            () = stop.cancelled() => return StopCause::Asked,
            () = shared.dead.cancelled() => return StopCause::Fault,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tasks.spawn(connection(stream, Arc::clone(&shared)));
                }
                // Out of file descriptors, most likely: others close before long.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            },
            // Keeps the set small.
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small chunks must leave at once; where that cannot be set they leave a little later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(respond(request, &shared).await) }
    });
    // An error here is a client that went away, or a stream that was broken off on purpose.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, shared: &Shared) -> Response<AnyBody> {
    let answer = match (request.method(), request.uri().path()) {
        (&Method::GET, "/health") => Ok(response(StatusCode::OK, None, Bytes::new())),
        (&Method::GET, "/version") => Ok(json_response(
            StatusCode::OK,
            &json!({"version": format!("assay-simulated-{}", env!("CARGO_PKG_VERSION"))}),
        )),
        (&Method::GET, "/v1/models") => {
            Ok(json_response(StatusCode::OK, &api::models(&shared.config, unix_seconds())))
        }
        (&Method::POST, "/v1/chat/completions") => generate(Kind::Chat, request, shared).await,
        (&Method::POST, "/v1/completions") => generate(Kind::Completions, request, shared).await,
        (&Method::POST, "/generate_stream") => generate(Kind::Tgi, request, shared).await,
        (&Method::POST, "/v1/messages") => generate(Kind::Anthropic, request, shared).await,
        _ => Err(ApiError::not_found()),
    };
    answer.unwrap_or_else(|error| json_response(error.status, &error.body()))
}

async fn generate(
    kind: Kind,
    request: Request<Incoming>,
    shared: &Shared,
) -> Result<Response<AnyBody>, ApiError> {
    let request_id =
        request.headers().get("x-request-id").and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
    let body = Limited::new(request.into_body(), MAX_BODY).collect().await.map_err(|_| ApiError {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        message: "the body could not be read".to_owned(),
        kind: "BadRequestError",
        param: None,
    })?;
    let received = Instant::now();
    let body = body.to_bytes();
    let nth = shared.received.fetch_add(1, Ordering::Relaxed) + 1;
    let faults = &shared.config.faults;
    if faults.fail_after.is_some_and(|n| nth >= n.get()) {
        shared.dead.cancel();
    }
    if is_nth(nth, faults.error_every) {
        return Err(ApiError::scripted());
    }
    let mut rng = StdRng::seed_from_u64(shared.config.seed.wrapping_add(u64::from(nth)));
    let asked = api::parse(kind, &body, &shared.config, &mut rng)?;
    let id = format!("{}-{nth:016x}", kind.id_prefix());
    let tokens = shared.engine.submit(asked.prompt_tokens, asked.answer_tokens);
    if !asked.stream {
        return whole_answer(&asked, &id, shared, tokens, &mut rng).await;
    }
    let stream = shared.streams.fetch_add(1, Ordering::Relaxed) + 1;
    let plan = StreamPlan {
        id,
        model: Value::from(shared.config.served_model_name.as_str()).to_string(),
        created: unix_seconds(),
        truncate_after: is_nth(stream, faults.truncate_every).then_some(asked.answer_tokens / 2),
        asked,
    };
    let capacity = usize::try_from(plan.asked.answer_tokens).unwrap_or(0).min(4096);
    let truth = RequestTruth { request_id, received, writes: Vec::with_capacity(capacity), complete: false };
    let body = TokenStream::new(plan, tokens, rng, truth, shared.truth.clone());
    Ok(response_of(StatusCode::OK, Some("text/event-stream; charset=utf-8"), body.boxed_unsync()))
}

async fn whole_answer(
    asked: &Asked,
    id: &str,
    shared: &Shared,
    mut received: tokio::sync::mpsc::UnboundedReceiver<crate::engine::Token>,
    rng: &mut StdRng,
) -> Result<Response<AnyBody>, ApiError> {
    let mut text = String::new();
    loop {
        let token = received.recv().await.ok_or_else(|| ApiError {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message: "the engine is stopping".to_owned(),
            kind: "ServiceUnavailableError",
            param: None,
        })?;
        // Writing to a String does not fail.
        let _ = write!(text, " {}", tokens::draw(rng));
        if token.last {
            break;
        }
    }
    let model = &shared.config.served_model_name;
    Ok(json_response(StatusCode::OK, &api::answer(asked, id, model, unix_seconds(), &text)))
}

fn is_nth(count: u32, every: Option<NonZeroU32>) -> bool {
    every.is_some_and(|n| count.is_multiple_of(n.get()))
}

fn json_response(status: StatusCode, body: &Value) -> Response<AnyBody> {
    response(status, Some("application/json"), Bytes::from(body.to_string()))
}

fn response(status: StatusCode, content_type: Option<&'static str>, body: Bytes) -> Response<AnyBody> {
    response_of(status, content_type, Full::new(body).map_err(|never| match never {}).boxed_unsync())
}

fn response_of(status: StatusCode, content_type: Option<&'static str>, body: AnyBody) -> Response<AnyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    }
    response
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
