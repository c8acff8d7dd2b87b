//! How much memory the events of a run take, counted.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::result::TokenSource;
use domain::workload::Protocol;
use domain::{Load, RequestSlo, UseCase, Variety, Workload};
use measurement::aggregate::{Aggregate, Asked, Run, aggregate};
use measurement::record::{Outcome, Phase, RequestRecord};
use measurement::timeline::{Archive, Timeline};
use measurement::window;

/// Bytes that are allocated now, and the most that were.
static HELD: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches atomics alone.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(signed(layout.size()), Ordering::Relaxed) + signed(layout.size());
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(signed(layout.size()), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Events of a request, 20 ms apart and a little more.
const EVENTS: u32 = 512;
/// Requests at once.
const STREAMS: u32 = 16;

fn instants(index: u32) -> Vec<u64> {
    let begin =
        1_000_000 + u64::from(index / STREAMS) * 10_300_000_000 + u64::from(index % STREAMS) * 600_000_000;
    (0..u64::from(EVENTS))
        .map(|event| begin + event * 20_000_000 + (event * 7_919 + begin) % 65_537)
        .collect()
}

fn record(index: u32, content: Timeline) -> RequestRecord {
    let begin = content.first_ns().unwrap() - 1_000;
    RequestRecord {
        index,
        phase: Phase::Measured,
        turn: None,
        t_sched_ns: begin,
        t_send_ns: Some(begin),
        first_output: Some(0),
        t_end_ns: content.last_ns().unwrap(),
        content,
        retry_wait_ns: None,
        input_tokens: Some(10),
        cached_input_tokens: 0,
        output_tokens: EVENTS.into(),
        token_source: TokenSource::ServerUsage,
        finish_reason: None,
        outcome: Outcome::Succeeded,
    }
}

fn summarise(records: &[RequestRecord]) -> Aggregate {
    let n = |value: u32| value.try_into().unwrap();
    let workload = Workload {
        use_case: UseCase::Chatbot,
        input_tokens: n(10),
        output_tokens: n(EVENTS),
        load: Load::ClosedLoop { concurrency: n(STREAMS) },
        variety: Variety::default(),
        protocol: Protocol::Chat,
    };
    let asked = Asked { input_tokens: Some(10.0), output_tokens: f64::from(EVENTS) };
    let window = window::find(records, u64::MAX).unwrap();
    let slo = RequestSlo::default();
    aggregate(&Run { records, window: &window, workload: &workload, asked, slo: &slo, gpu_count: 0, seed: 1 })
        .unwrap()
}

/// Keeps the bytes of one answer, which every request of a run has.
#[derive(Debug)]
struct Same(Vec<u8>);

impl Archive for Same {
    fn read(&self, _: u64, _: usize) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

// One test: what the process holds is counted, and another test would hold something too.
#[test]
fn an_event_takes_few_bytes_and_one_that_is_kept_elsewhere_none() {
    const REQUESTS: u32 = 800;
    let events = i64::from(REQUESTS * EVENTS);
    let before = HELD.load(Ordering::Relaxed);
    let kept: Vec<RequestRecord> =
        (0..REQUESTS).map(|index| record(index, Timeline::new(&instants(index), &[]))).collect();
    let held = HELD.load(Ordering::Relaxed) - before;
    MOST.store(HELD.load(Ordering::Relaxed), Ordering::Relaxed);
    let found = summarise(&kept);
    let most = MOST.load(Ordering::Relaxed) - before;
    assert!(found.metrics.itl.is_some_and(|itl| itl.count > 200_000));
    eprintln!(
        "{:.1} bytes an event, at most {:.1}",
        held as f64 / events as f64,
        most as f64 / events as f64
    );
    assert!(held <= 5 * events && most <= 16 * events, "{held} and {most} bytes for {events} events");
    drop(kept);

    // More gaps than are held at once, of a run that has spilled all of its events.
    const MANY: u32 = 8_400;
    let events = i64::from(MANY * EVENTS);
    let one = Timeline::new(&instants(0), &[]);
    let archive: Arc<dyn Archive> = Arc::new(Same(one.bytes().to_vec()));
    let spilled = |index| {
        let mut content = one.clone();
        content.moved_to(Arc::clone(&archive), 0);
        record(index, content)
    };
    let before = HELD.load(Ordering::Relaxed);
    let records: Vec<RequestRecord> = (0..MANY).map(spilled).collect();
    MOST.store(HELD.load(Ordering::Relaxed), Ordering::Relaxed);
    let found = summarise(&records);
    let most = MOST.load(Ordering::Relaxed) - before;
    assert_eq!(found.metrics.itl.unwrap().count, u64::from(MANY * (EVENTS - 1)));
    eprintln!("{most} bytes for {events} events that are kept elsewhere");
    assert!(most <= 40 << 20, "{most} bytes for {events} events");
}
