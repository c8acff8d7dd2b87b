//! The **timed path**: what runs between a byte's arrival and its instant being written down.
//!
//! One OS thread runs one event loop. In a closed loop each worker holds a keep-alive connection and sends its
//! next request as soon as the last has ended. Workers are started one after the other; their first requests are
//! warm-up. Workers that send in batches wait for each other in between. A worker that is refused for load waits as long
//! as the server asks ([`retry_after`]). In an open loop ([`open_loop`]) requests are sent when they are due, once each. A
//! turn of a conversation is sent when its time to think is over, by an [`alarm`].
//! A worker reads its socket itself, so a read, its stamp and its copy into the recording happen on one wake-up, and
//! no other task can come between them. The stamp is the kernel's where there is one ([`receive`]), so that a token that is
//! read late is not taken to have come late.

mod alarm;
mod connection;
mod day_clock;
mod http1;
mod http2;
mod open_loop;
mod receive;
pub(crate) mod retry_after;
mod stamped;
mod timer;
mod watch;
mod worker;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use domain::result::FailureReason;
use domain::workload::Protocol;
use http::Request;
use measurement::answer::StreamEnd;
use measurement::record::{Phase, Turn};
use measurement::sse::Recording;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::arrivals::Arrivals;
use super::nanos;
use super::plan::{Plan, Stop};
use super::progress::Progress;
use super::protocols::Said;
use crate::transport::Address;

use alarm::Alarms;
use day_clock::DayClock;
pub(super) use watch::{CpuReading, Dropped, Observations};

/// Longest time between the starts of two workers, and the longest in which all are started, unless told otherwise.
const LARGEST_STAGGER: Duration = Duration::from_millis(5);
const LONGEST_RAMP: Duration = Duration::from_secs(2);

/// Most that one read brings, in bytes.
const READ_BYTES: usize = 64 << 10;

/// The time in which so many workers are started, unless told otherwise.
pub(super) fn usual_ramp(workers: u32) -> Duration {
    LONGEST_RAMP.min(LARGEST_STAGGER * workers)
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub(super) struct Prepared {
    pub request: Request<bytes::Bytes>,
    /// Tokens asked for, from which the room for the answer's bytes follows.
    pub output_tokens: u32,
    /// Where it stands in a conversation.
    pub turn: Option<Turn>,
    /// What was said before in its conversation. It goes with the request, so that nothing of a conversation stays behind
    /// when it ends, however it ends.
    pub said: Vec<Said>,
}

/// The next turn of a conversation.
#[derive(Debug)]
pub(super) struct NextTurn {
    /// When the time to think is over, ns since the run's origin.
    pub due_ns: u64,
    pub request: Prepared,
}

/// Where the next turn of a conversation is expected; None where it has ended.
pub(super) type Reply = oneshot::Sender<Option<NextTurn>>;

/// What the timed path is to do.
#[derive(Debug)]
pub(super) struct Assignment {
    /// Where the requests go.
    pub address: Address,
    /// How the answers are to be read.
    pub protocol: Protocol,
    /// When requests are sent.
    pub pace: Pace,
    /// Requests before the measured ones, at least.
    pub warm_up: u32,
    /// Where there are conversations, what to wait for.
    pub mixing: Option<Mixing>,
    /// Requests to measure.
    pub requests: u32,
    /// Further ones, until `enough` is raised.
    pub more: u32,
    /// Raised when enough has been measured.
    pub enough: Arc<AtomicBool>,
    /// How long the event loop sleeps in each round, so that work piles up: only to calibrate it.
    pub nap: Option<Duration>,
    /// Longest time of a request.
    pub request_timeout: Duration,
    /// Instant zero of the run.
    pub origin: Instant,
    /// What is told of the run while it is under way.
    pub progress: Arc<Progress>,
}

/// Measuring waits until the turns of conversations are mixed as in the long run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixing {
    /// Longest time that it waits: a server that cannot keep up ends ever fewer than begin.
    pub at_most: Option<Duration>,
}

/// When requests are sent.
#[derive(Debug, Clone)]
pub(super) enum Pace {
    /// When earlier ones have ended. The workers are started one after the other within `ramp`.
    ClosedLoop { workers: u32, ramp: Duration },
    /// When all workers have ended their last one.
    Batches { workers: u32 },
    /// When they are due.
    OpenLoop { arrivals: Arrivals, max_in_flight: u32 },
}

/// How an exchange ended.
#[derive(Debug)]
pub(super) enum Close {
    /// The server answered 200 and the stream ended like this.
    Stream(StreamEnd),
    /// The server answered with another status; the recording holds the body.
    Status {
        /// The status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
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
    pub turn: Option<Turn>,
    /// What was said before.
    pub said: Vec<Said>,
    /// Of every turn but the last.
    pub reply: Option<Reply>,
    pub t_sched_ns: u64,
    pub t_send_ns: Option<u64>,
    pub t_end_ns: u64,
    /// How long its slot waits before it sends again, as the server asks.
    pub retry_wait_ns: Option<u64>,
    pub recording: Recording,
    pub close: Close,
}

/// An exchange that is under way.
#[derive(Debug)]
struct Open {
    index: u32,
    phase: Phase,
    turn: Option<Turn>,
    said: Vec<Said>,
    reply: Option<Reply>,
    t_sched_ns: u64,
    recording: Recording,
    /// Most bytes that the recording may have.
    most_bytes: usize,
}

impl Open {
    /// Why no more of the answer is read.
    fn too_long(&self) -> Option<Close> {
        (self.recording.bytes().len() > self.most_bytes).then(|| {
            let mib = self.most_bytes >> 20;
            let detail = format!("the answer goes on beyond {mib} MiB, far more than was asked for");
            Close::Failed(FailureReason::Malformed, detail)
        })
    }

    fn close(self, stamps: &Stamps, t_end_ns: u64, close: Close, retry_wait: Option<Duration>) -> Exchange {
        Exchange {
            index: self.index,
            phase: self.phase,
            turn: self.turn,
            said: self.said,
            reply: self.reply,
            t_sched_ns: self.t_sched_ns,
            t_send_ns: stamps.sent_ns.get(),
            t_end_ns,
            retry_wait_ns: retry_wait.map(nanos),
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
    /// When the data of the latest read had arrived.
    read_ns: Cell<u64>,
    /// Reads of all sockets.
    reads: Rc<Cell<u64>>,
    clock: Rc<DayClock>,
}

impl Stamps {
    fn now(&self) -> u64 {
        nanos(self.origin.elapsed())
    }

    /// Time since the first write of the current request, ns; none where nothing was written.
    fn since_sent_ns(&self) -> u64 {
        self.sent_ns.get().map_or(0, |sent| self.now().saturating_sub(sent))
    }

    /// Data was read that had arrived at this time of day, since the epoch; where that is not known, just now.
    fn read(&self, arrived: Option<Duration>) {
        let now = self.now();
        // Whatever the day clock says, an answer comes after its request, and nothing before it was sent.
        let earliest = self.read_ns.get().max(self.sent_ns.get().unwrap_or(0));
        let arrived = arrived.and_then(|time| self.clock.arrival_ns(time, now)).unwrap_or(now);
        self.read_ns.set(arrived.max(earliest).min(now));
        self.reads.set(self.reads.get() + 1);
    }
}

/// A worker's state that outlives its task, so that an exchange under way is not lost when the run ends.
#[derive(Debug)]
struct Slot {
    open: RefCell<Option<Open>>,
    stamps: Stamps,
}

/// Where workers wait until all of them are there.
#[derive(Debug)]
struct Gate {
    workers: u32,
    waiting: Cell<u32>,
    open: Notify,
}

impl Gate {
    fn new(workers: u32) -> Self {
        Self { workers, waiting: Cell::new(0), open: Notify::new() }
    }

    async fn pass(&self) {
        let waiting = self.waiting.get() + 1;
        if waiting == self.workers {
            self.waiting.set(0);
            self.open.notify_waiters();
        } else {
            self.waiting.set(waiting);
            self.open.notified().await;
        }
    }
}

/// What all workers share.
#[derive(Debug)]
struct Shared {
    /// Where the requests go.
    address: Address,
    /// How the answers are to be read.
    protocol: Protocol,
    /// Longest time of a request.
    request_timeout: Duration,
    /// Whether a slot waits as long as a server that refuses asks. An open loop sends what is due.
    waits: bool,
    /// Instant zero of the run.
    origin: Instant,
    plan: RefCell<Plan>,
    supply: RefCell<tokio::sync::mpsc::Receiver<Prepared>>,
    finished: Sender<Exchange>,
    /// Where workers wait for each other.
    gate: Option<Gate>,
    /// For those who think.
    alarms: Alarms,
    /// Every slot that there has been.
    slots: RefCell<Vec<Rc<Slot>>>,
    /// Requests that were due and never sent.
    dropped: RefCell<Vec<Dropped>>,
    /// What a read brings, until it is copied to its recording.
    scratch: RefCell<Box<[u8]>>,
    open_sockets: Rc<Cell<u32>>,
    most_sockets: Cell<u32>,
    reads: Rc<Cell<u64>>,
    clock: Rc<DayClock>,
    progress: Arc<Progress>,
    stop: Cell<Option<Stop>>,
    stopped: Notify,
}

impl Slot {
    /// Why no more of the answer under way is read.
    fn too_long(&self) -> Option<Close> {
        self.open.borrow().as_ref().and_then(Open::too_long)
    }
}

impl Shared {
    /// Now, ns since the run's origin.
    fn now(&self) -> u64 {
        nanos(self.origin.elapsed())
    }

    fn new_slot(&self) -> Rc<Slot> {
        let stamps = Stamps {
            origin: self.origin,
            sent_ns: Cell::new(None),
            read_ns: Cell::new(0),
            reads: Rc::clone(&self.reads),
            clock: Rc::clone(&self.clock),
        };
        let slot = Rc::new(Slot { open: RefCell::new(None), stamps });
        self.slots.borrow_mut().push(Rc::clone(&slot));
        slot
    }

    /// How long a slot waits after such a failure because the server asks for it; no longer than a request may take.
    fn wait_after(&self, reason: FailureReason, close: &Close) -> Option<Duration> {
        match close {
            Close::Status { retry_after, .. }
                if self.waits && matches!(reason, FailureReason::Overloaded | FailureReason::RateLimited) =>
            {
                retry_after.map(|time| time.min(self.request_timeout))
            }
            _ => None,
        }
    }

    /// Stops the run on the first verdict.
    fn stop_with(&self, verdict: Option<Stop>) {
        if verdict.is_some() && self.stop.get().is_none() {
            self.stop.set(verdict);
            self.stopped.notify_one();
        }
    }
}

/// Runs the load to its end on the current thread.
pub(super) fn run(
    assignment: Assignment,
    supply: tokio::sync::mpsc::Receiver<Prepared>,
    finished: Sender<Exchange>,
    cancel: &CancellationToken,
) -> std::io::Result<(Stop, Observations)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Assignment {
        address,
        protocol,
        pace,
        warm_up,
        mixing,
        requests,
        more,
        enough,
        nap,
        request_timeout,
        origin,
        progress,
    } = assignment;
    let (mut plan, gate) = match pace {
        Pace::ClosedLoop { workers, .. } => (Plan::new(workers, warm_up, requests), None),
        Pace::Batches { workers } => (Plan::new(workers, warm_up, requests), Some(Gate::new(workers))),
        Pace::OpenLoop { .. } => (Plan::open(warm_up, requests), None),
    };
    if mixing.is_some() {
        plan = plan.with_mixing();
    }
    let shared = Rc::new(Shared {
        address,
        protocol,
        request_timeout,
        waits: !matches!(pace, Pace::OpenLoop { .. }),
        origin,
        plan: RefCell::new(plan.with_more(more, enough)),
        supply: RefCell::new(supply),
        finished,
        gate,
        alarms: Alarms::new(origin),
        slots: RefCell::default(),
        dropped: RefCell::default(),
        scratch: RefCell::new(vec![0; READ_BYTES].into()),
        open_sockets: Rc::default(),
        most_sockets: Cell::new(0),
        reads: Rc::default(),
        clock: Rc::new(DayClock::new(origin)),
        progress,
        stop: Cell::new(None),
        stopped: Notify::new(),
    });
    let observations = Rc::new(RefCell::new(Observations::default()));
    let local = tokio::task::LocalSet::new();
    let stop = local.block_on(&runtime, async {
        tokio::task::spawn_local(watch::tick(Rc::clone(&shared), Rc::clone(&observations)));
        if let Some(nap) = nap {
            tokio::task::spawn_local(nap_in_each_round(nap));
        }
        if let Some(at_most) = mixing.and_then(|mixing| mixing.at_most) {
            let shared = Rc::clone(&shared);
            tokio::task::spawn_local(async move {
                tokio::time::sleep(at_most).await;
                shared.plan.borrow_mut().mixed();
            });
        }
        let sending = async {
            match pace {
                Pace::ClosedLoop { workers, ramp } => {
                    ramp_in(&shared, workers, ramp).await;
                    Ok(())
                }
                Pace::Batches { workers } => {
                    ramp_in(&shared, workers, Duration::ZERO).await;
                    Ok(())
                }
                Pace::OpenLoop { arrivals, max_in_flight } => {
                    open_loop::dispatch(&shared, arrivals, max_in_flight).await
                }
            }
        };
        tokio::select! {
            () = cancel.cancelled() => Ok(Stop::Cancelled),
            () = shared.stopped.notified() => Ok(shared.stop.get().unwrap_or(Stop::Cancelled)),
            // Otherwise all are sent and the last are waited for.
            Err(error) = sending => Err(error),
            Err(error) = shared.alarms.ring() => Err(error),
        }
    })?;
    // Ends every worker where it stands; what it had received is kept.
    drop(local);
    for slot in &*shared.slots.borrow() {
        if let Some(open) = slot.open.borrow_mut().take() {
            let exchange = open.close(&slot.stamps, slot.stamps.now(), Close::Cut, None);
            let _ = shared.finished.send(exchange);
        }
    }
    let mut observations = observations.take();
    observations.most_sockets = shared.most_sockets.get();
    observations.dropped = shared.dropped.take();
    Ok((stop, observations))
}

/// Stops the event loop for a while, again and again, behind all that was ready.
async fn nap_in_each_round(nap: Duration) {
    loop {
        std::thread::sleep(nap);
        tokio::task::yield_now().await;
    }
}

/// Starts the workers one after the other, so that they do not arrive as one burst.
async fn ramp_in(shared: &Rc<Shared>, workers: u32, ramp: Duration) {
    let stagger = ramp / workers.max(1);
    let begin = tokio::time::Instant::now();
    for n in 0..workers {
        tokio::time::sleep_until(begin + stagger * n).await;
        if shared.stop.get().is_some() {
            return;
        }
        tokio::task::spawn_local(worker::work(n as usize, Rc::clone(shared), shared.new_slot()));
    }
}
