//! How many questions the API answers and how soon, with 90,000 configurations loaded: over HTTP on loopback, from a thread of
//! its own. `docs/api.md` has the figures.
//!
//!     make bench-api

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails here fails the bench, which prints its figures"
)]

#[path = "../../../crates/catalog/tests/common/mod.rs"]
mod common;
#[path = "../../../crates/catalog/benches/rows/mod.rs"]
mod rows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::{Published, Snapshot};
use domain::CheaperOfBoth;
use domain::content_hash::hash_bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serve_api::{Context, CurrentSnapshot, Measures, PublishedBySchedule, Settings, TriggerByUpload};
use store::directory::DirectoryObjects;
use store::memory::MemoryHotResults;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{HotAnswers, HotCounts, ObjectKey, Objects, ResultStore};
use testkit::MemoryBus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep_until;

/// How long each mix is asked.
const LASTS: Duration = Duration::from_secs(10);

/// Requests per second where answers are worked out.
const RATE: f64 = 300.0;

/// Questions of the Zipf mix.
const QUESTIONS: usize = 2000;

/// Answers that are kept, as `assay up` does.
const KEPT: u64 = 10_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    for (name, results) in [
        ("five use cases of two shapes", rows::many_shapes().collect::<Vec<_>>()),
        ("one use case of one shape: all can be compared", rows::one_shape().collect()),
    ] {
        println!("{} configurations, {name}", results.len());
        let hot = HotAnswers::new(Arc::new(MemoryHotResults::new(KEPT)));
        let address = serve(folder.path(), Snapshot::from_results(results), hot.clone()).await;
        let asked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(ask_everything(&address, &hot));
        });
        tokio::task::spawn_blocking(|| asked.join().unwrap()).await.unwrap();
    }
}

/// Serves a catalogue as `assay up` does, and says where.
async fn serve(folder: &std::path::Path, snapshot: Snapshot, hot: HotAnswers) -> String {
    let results = Arc::new(SqliteResults::open(folder.join("results.db")).await.unwrap());
    let ledger = Arc::new(SqliteLedger::open(folder.join("ledger.db")).await.unwrap());
    let objects = Arc::new(DirectoryObjects::open(&folder.join("objects")).unwrap());
    let file = snapshot.to_file().unwrap();
    objects.put(&ObjectKey::snapshot(), &file).await.unwrap();
    let published =
        Published { store: results.identity().await.unwrap(), revision: 1, hash: hash_bytes(&file) };
    objects.put(&ObjectKey::published(), &serde_json::to_vec(&published).unwrap()).await.unwrap();
    let (bus, _events) = MemoryBus::new();
    let context = Context {
        snapshot: Arc::new(CurrentSnapshot::new(results.clone(), objects.clone())),
        market: Arc::new(CheaperOfBoth),
        trigger: Arc::new(TriggerByUpload { ledger: ledger.clone(), objects: objects.clone() }),
        ledger,
        rollups: results.clone(),
        results,
        objects,
        hot,
        bus: Arc::new(bus),
        publishing: Arc::new(PublishedBySchedule),
        settings: Settings::default(),
        measures: Measures::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, serve_api::router(context)).await.unwrap() });
    address
}

async fn ask_everything(address: &str, hot: &HotAnswers) {
    Connection::open(address).await.ask(&question(0)).await;
    let uncached = at_rate(address, |n| question(1_000_000 + n)).await;
    println!("  recommendations, all different, {RATE} requests/s: {uncached}");
    let pages = at_rate(address, page).await;
    println!("  pages of the catalogue with facets, all different, {RATE} requests/s: {pages}");
    let same = as_fast_as_it_goes(address, |_| question(0)).await;
    println!("  one recommendation that is kept, 64 connections: {same}");
    let before = hot.counts();
    let zipf = Zipf::new(QUESTIONS, 1.0);
    let mix = as_fast_as_it_goes(address, move |rng| question(2_000_000 + zipf.draw(rng))).await;
    let after = hot.counts();
    let [hits, shared, misses] =
        [after.hits - before.hits, after.shared - before.shared, after.misses - before.misses];
    let ratio = HotCounts { hits, shared, misses }.hit_ratio().unwrap_or_default();
    println!("  a Zipf mix of {QUESTIONS} recommendations, 64 connections: {mix}, hit ratio {ratio:.3}");
}

/// A recommendation like no other number's: with bounds and a load.
fn question(number: usize) -> String {
    let (ttft, rps) = (2000.0 + number as f64 / 1000.0, 1.0 + (number % 97) as f64);
    let body = format!(
        r#"{{"use_case":"chatbot","shape":"512>128","target_rps":{rps},"bounds":[{{"metric":"ttft","statistic":"p90","max_ms":{ttft}}},{{"metric":"tpot","statistic":"p90","max_ms":100}}]}}"#
    );
    let length = body.len();
    format!(
        "POST /v1/recommendations HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// A page like no other number's.
fn page(number: usize) -> String {
    let engine = ["vllm", "tgi", "sglang"][number % 3];
    let most = 1000.0 + number as f64 / 10.0;
    format!(
        "GET /v1/catalog?engine={engine}&max_ttft_p90_ms={most}&sort=-output_tps&limit=50 HTTP/1.1\r\nhost: bench\r\n\r\n"
    )
}

/// A connection that is kept.
struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(1 << 16) }
    }

    /// Asks and reads all of the answer, which must be a good one.
    async fn ask(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.read.clear();
        let mut whole = usize::MAX;
        while self.read.len() < whole {
            assert!(self.stream.read_buf(&mut self.read).await.unwrap() > 0, "the server hung up");
            if whole == usize::MAX
                && let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.read[..end]).to_lowercase();
                assert!(head.starts_with("http/1.1 200"), "{head}");
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                whole = end + 4 + length.parse::<usize>().unwrap();
            }
        }
    }
}

/// Open loop: each request counts from the instant at which it was due.
async fn at_rate(address: &str, request: impl Fn(usize) -> String + Copy + Send + 'static) -> Latencies {
    const CONNECTIONS: usize = 32;
    let begin = tokio::time::Instant::now() + Duration::from_millis(100);
    let count = (LASTS.as_secs_f64() * RATE) as usize;
    let ask = async |first: usize| {
        let mut connection = Connection::open(address).await;
        let mut took = Vec::new();
        for n in (first..count).step_by(CONNECTIONS) {
            let due = begin + Duration::from_secs_f64(n as f64 / RATE);
            sleep_until(due).await;
            connection.ask(&request(n)).await;
            took.push(due.elapsed());
        }
        took
    };
    let took = futures::future::join_all((0..CONNECTIONS).map(ask)).await;
    Latencies::of(took.concat(), begin.elapsed())
}

/// Closed loop of 64.
async fn as_fast_as_it_goes(address: &str, request: impl Fn(&mut StdRng) -> String) -> Latencies {
    let begin = Instant::now();
    let ask = async |seed: u64| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut connection = Connection::open(address).await;
        let mut took = Vec::new();
        while begin.elapsed() < LASTS {
            let text = request(&mut rng);
            let sent = Instant::now();
            connection.ask(&text).await;
            took.push(sent.elapsed());
        }
        took
    };
    let took = futures::future::join_all((0..64).map(ask)).await;
    Latencies::of(took.concat(), begin.elapsed())
}

struct Latencies {
    sorted: Vec<Duration>,
    lasted: Duration,
}

impl Latencies {
    fn of(mut took: Vec<Duration>, lasted: Duration) -> Self {
        took.sort_unstable();
        Self { sorted: took, lasted }
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |share: f64| {
            let last = self.sorted.len() - 1;
            self.sorted[(share * last as f64) as usize].as_secs_f64() * 1e3
        };
        let per_s = self.sorted.len() as f64 / self.lasted.as_secs_f64();
        write!(
            f,
            "{per_s:.0}/s, p50 {:.2}, p95 {:.2}, p99 {:.2}, max {:.1} ms",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        )
    }
}

/// Draws numbers, the first most often.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let until = (1..=count).map(|rank| {
            sum += (rank as f64).powf(-exponent);
            sum
        });
        Self(until.collect())
    }

    fn draw(&self, rng: &mut StdRng) -> usize {
        let most = self.0.last().copied().unwrap_or_default();
        let at = rng.random_range(0.0..most);
        self.0.partition_point(|until| *until < at)
    }
}
