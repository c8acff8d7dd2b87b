//! What a token costs the client: no allocation on the timed path, and a few bytes of memory afterwards.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use batch_runner::load::protocols::Dialect;
use batch_runner::load::source::Source;
use batch_runner::load::{
    DEFAULT_MAX_IN_FLIGHT, Target, TrialMeasurement, TrialRequest, Vocabulary, measure,
};
use batch_runner::transport::Address;
use domain::workload::Protocol;
use domain::{Load, RequestSlo, UseCase, Workload};
use testkit::scripted_engine::script::{ending, head, pause, text};
use testkit::scripted_engine::serve;
use tokio_util::sync::CancellationToken;

/// Allocations of the thread `load-io` so far.
static OF_THE_TIMED_PATH: AtomicU64 = AtomicU64::new(0);
/// Bytes that are allocated now.
static HELD: AtomicI64 = AtomicI64::new(0);

/// How often a thread is asked for its name before it is taken for another: it gets it soon after its start.
const ASKED: u8 = 64;

#[derive(Clone, Copy)]
enum Thread {
    Unknown(u8),
    Asking,
    TimedPath,
    Other,
}

thread_local! {
    static THREAD: Cell<Thread> = const { Cell::new(Thread::Unknown(0)) };
}

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches atomics and a thread-local
// without a destructor, and asking for a thread's name, which allocates, is not asked for again inside itself.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(signed(layout.size()), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_sub(signed(layout.size()), Ordering::Relaxed);
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn count(size: usize) {
    HELD.fetch_add(signed(size), Ordering::Relaxed);
    let known = THREAD.try_with(|thread| {
        if let Thread::Unknown(asked) = thread.get() {
            thread.set(Thread::Asking);
            let named = rustix::thread::name().is_ok_and(|name| name.as_bytes() == b"load-io");
            thread.set(match asked {
                _ if named => Thread::TimedPath,
                ASKED => Thread::Other,
                asked => Thread::Unknown(asked + 1),
            });
        }
        thread.get()
    });
    if matches!(known, Ok(Thread::TimedPath)) {
        OF_THE_TIMED_PATH.fetch_add(1, Ordering::Relaxed);
    }
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

const REQUESTS: u32 = 8;

/// Measures requests whose answers have so many tokens, each written by itself.
async fn run(tokens: u32) -> TrialMeasurement {
    let engine = serve(Some, move |_| {
        let tokens_apart = [text("a"), pause(1)].into_iter().cycle().take(2 * tokens as usize).collect();
        [vec![head()], tokens_apart, ending(20, tokens)].concat()
    })
    .await;
    let n = |value| NonZeroU32::new(value).unwrap();
    let target = Target {
        address: Address::parse(engine.base_url()).unwrap(),
        model: "scripted".to_owned(),
        vocabulary: Arc::new(Vocabulary::common()),
        key: None,
        dialect: Dialect::Engine,
    };
    let request = TrialRequest {
        workload: Workload {
            use_case: UseCase::Chatbot,
            input_tokens: n(20),
            output_tokens: n(tokens),
            load: Load::ClosedLoop { concurrency: n(2) },
            protocol: Protocol::Chat,
            variety: domain::Variety::default(),
        },
        source: Source::Synthetic,
        ramp: None,
        requests: n(REQUESTS),
        most_requests: n(REQUESTS),
        tolerance: None,
        warm_up: 0,
        max_in_flight: DEFAULT_MAX_IN_FLIGHT,
        seed: 1,
        slo: RequestSlo::default(),
        gpu_count: 1,
        request_timeout: Duration::from_secs(60),
    };
    measure(&target, &request, &CancellationToken::new()).await.unwrap()
}

// One test: what the process holds is counted, and another test would hold something too.
#[tokio::test]
async fn a_token_costs_no_allocation_and_a_few_bytes() {
    const MORE: u32 = 400;
    let before = OF_THE_TIMED_PATH.load(Ordering::Relaxed);
    run(20).await;
    let few = OF_THE_TIMED_PATH.load(Ordering::Relaxed) - before;
    let measured = run(20 + MORE).await;
    let many = OF_THE_TIMED_PATH.load(Ordering::Relaxed) - before - few;
    assert!(few > 0, "the timed path was not found");
    // A request costs some, and there may be a few more of them that keep the load up.
    let more_tokens = u64::from(REQUESTS * MORE);
    assert!(many.saturating_sub(few) * 20 < more_tokens, "{few} allocations, then {many}");

    let events: usize = measured.records.iter().map(|r| r.content.len()).sum();
    let held = HELD.load(Ordering::Relaxed);
    drop(measured);
    let bytes = held - HELD.load(Ordering::Relaxed);
    eprintln!("{few} allocations, then {many}; {:.1} bytes for an event", bytes as f64 / events as f64);
    assert!(bytes <= 24 * signed(events), "{bytes} bytes for {events} events");
}
