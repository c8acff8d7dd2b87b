//! The **timed path**: what runs between a byte's arrival and its instant being written down.
//!
//! One OS thread runs one event loop. Each worker holds a keep-alive connection and sends its next request
//! as soon as the last has ended. Workers are started one after the other; their first requests are warm-up.
//! The connection's state machine is polled by the worker itself, so a read, its stamp and its copy into the
//! recording happen on one wake-up or two, and no other task can come between them.

mod connection;
mod watch;
mod worker;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use domain::result::FailureReason;
use http::Request;
use http_body_util::Full;
use measurement::openai::StreamEnd;
use measurement::record::Phase;
use measurement::sse::Recording;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::plan::{Plan, Stop};
use crate::control::Address;

pub(super) use watch::{CpuReading, Observations};

/// Shortest and whole time in which workers are started.
const LARGEST_STAGGER: Duration = Duration::from_millis(5);
const LONGEST_RAMP: Duration = Duration::from_secs(2);

/// A request that is ready to be sent.
pub(super) type Prepared = Request<Full<bytes::Bytes>>;

/// What the timed path is to do.
#[derive(Debug)]
pub(super) struct Assignment {
    /// Where the requests go.
    pub address: Address,
    /// Workers of the closed loop.
    pub concurrency: u32,
    /// Requests before the measured ones, at least.
    pub warm_up: u32,
    /// Requests to measure.
    pub requests: u32,
    /// Longest time of a request.
    pub request_timeout: Duration,
    /// Tokens asked for in an answer, from which the room for its bytes follows.
    pub output_tokens: u32,
    /// Instant zero of the run.
    pub origin: Instant,
}

/// How an exchange ended.
#[derive(Debug)]
pub(super) enum Close {
    /// The server answered 200 and the stream ended like this.
    Stream(StreamEnd),
    /// The server answered with another status; the recording holds the body.
    Status(u16),
    /// It did not get that far.
    Failed(FailureReason, String),
    /// The run was over.
    Cut,
}

/// An exchange, as it is handed to the decoder.
#[derive(Debug)]
pub(super) struct Exchange {
    pub index: u32,
    pub phase: Phase,
    pub t_sched_ns: u64,
    pub t_send_ns: Option<u64>,
    pub t_end_ns: u64,
    pub recording: Recording,
    pub close: Close,
}

/// An exchange that is under way.
#[derive(Debug)]
struct Open {
    index: u32,
    phase: Phase,
    t_sched_ns: u64,
    recording: Recording,
}

impl Open {
    fn close(self, stamps: &Stamps, t_end_ns: u64, close: Close) -> Exchange {
        Exchange {
            index: self.index,
            phase: self.phase,
            t_sched_ns: self.t_sched_ns,
            t_send_ns: stamps.sent_ns.get(),
            t_end_ns,
            recording: self.recording,
            close,
        }
    }
}

/// Instants that a worker's socket wrote down, ns since the run's origin.
#[derive(Debug)]
struct Stamps {
    origin: Instant,
    /// First write of the current request.
    sent_ns: Cell<Option<u64>>,
    /// Latest read.
    read_ns: Cell<u64>,
}

impl Stamps {
    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A worker's state that outlives its task, so that an exchange under way is not lost when the run ends.
#[derive(Debug)]
struct Slot {
    open: RefCell<Option<Open>>,
    stamps: Stamps,
}

/// What all workers share.
#[derive(Debug)]
struct Shared {
    assignment: Assignment,
    plan: RefCell<Plan>,
    supply: RefCell<tokio::sync::mpsc::Receiver<Prepared>>,
    finished: Sender<Exchange>,
    open_sockets: Rc<Cell<u32>>,
    most_sockets: Cell<u32>,
    stop: Cell<Option<Stop>>,
    stopped: Notify,
}

/// Runs the closed loop to its end on the current thread.
pub(super) fn run(
    assignment: Assignment,
    supply: tokio::sync::mpsc::Receiver<Prepared>,
    finished: Sender<Exchange>,
    cancel: &CancellationToken,
) -> std::io::Result<(Stop, Observations)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let workers = assignment.concurrency;
    let plan = RefCell::new(Plan::new(workers, assignment.warm_up, assignment.requests));
    let origin = assignment.origin;
    let shared = Rc::new(Shared {
        assignment,
        plan,
        supply: RefCell::new(supply),
        finished,
        open_sockets: Rc::default(),
        most_sockets: Cell::new(0),
        stop: Cell::new(None),
        stopped: Notify::new(),
    });
    let slots: Vec<Rc<Slot>> = (0..workers)
        .map(|_| {
            let stamps = Stamps { origin, sent_ns: Cell::new(None), read_ns: Cell::new(0) };
            Rc::new(Slot { open: RefCell::new(None), stamps })
        })
        .collect();
    let observations = Rc::new(RefCell::new(Observations::default()));
    let local = tokio::task::LocalSet::new();
    let stop = local.block_on(&runtime, async {
        tokio::task::spawn_local(watch::tick(origin, Rc::clone(&observations)));
        let load = async {
            ramp_in(&shared, &slots).await;
            shared.stopped.notified().await;
        };
        tokio::select! {
            () = cancel.cancelled() => Stop::Cancelled,
            () = load => shared.stop.get().unwrap_or(Stop::Cancelled),
        }
    });
    // Ends every worker where it stands; what it had received is kept.
    drop(local);
    for slot in &slots {
        if let Some(open) = slot.open.borrow_mut().take() {
            let exchange = open.close(&slot.stamps, slot.stamps.now(), Close::Cut);
            let _ = shared.finished.send(exchange);
        }
    }
    let mut observations = observations.take();
    observations.most_sockets = shared.most_sockets.get();
    Ok((stop, observations))
}

/// Starts the workers one after the other, so that they do not arrive as one burst.
async fn ramp_in(shared: &Rc<Shared>, slots: &[Rc<Slot>]) {
    let stagger = LARGEST_STAGGER.min(LONGEST_RAMP / shared.assignment.concurrency.max(1));
    let begin = tokio::time::Instant::now();
    for (n, slot) in (0..).zip(slots) {
        tokio::time::sleep_until(begin + stagger * n).await;
        if shared.stop.get().is_some() {
            return;
        }
        tokio::task::spawn_local(worker::work(n as usize, Rc::clone(shared), Rc::clone(slot)));
    }
}
