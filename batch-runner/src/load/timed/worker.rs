//! A **worker** is one slot of the closed loop: it sends a request, records the answer, and sends the next: a new one, or
//! the next turn of a conversation.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::result::FailureReason;
use http::Request;
use measurement::answer::{self, StreamEnd};
use measurement::record::{Outcome, Phase};
use measurement::sse::Recording;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::oneshot;

use super::connection::{Connection, NoAnswer};
use super::{Close, NextTurn, Open, Prepared, Shared, Slot};

/// Pause after a failure, so that a server that refuses is not hammered.
const FAILURE_PAUSE: Duration = Duration::from_millis(100);
/// Longest time to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Longest time from the sending of a request to the end of a connection that the server had closed before it, ns: the
/// network takes as long to tell.
const RACE_NS: u64 = 20_000_000;
/// How long before a turn is due its connection is looked after, ns: servers close those on which nobody speaks.
const AHEAD_NS: u64 = 250_000_000;
/// How long to wait for a prompt that is not ready. It shows as issue lag.
const SUPPLY_PAUSE: Duration = Duration::from_millis(1);
/// Room for the chunk of a token, in bytes: chunks of real servers have 190 to 300.
const BYTES_PER_TOKEN: usize = 320;
/// Bytes that an answer may have: so many for each token asked for, and so many more whatever was asked. An answer without
/// end would fill the memory.
const MOST_BYTES_PER_TOKEN: usize = 1 << 10;
const MOST_BYTES_BESIDE: usize = 1 << 20;
/// Most room that is reserved before anything has arrived, in bytes.
const MOST_RESERVED: usize = 4 << 20;

/// A request that is to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub index: u32,
    pub phase: Phase,
    pub t_sched_ns: u64,
}

/// Works until the task is dropped.
pub(super) async fn work(number: usize, shared: Rc<Shared>, slot: Rc<Slot>) {
    let mut connection = None;
    let mut first = true;
    let mut turn = None;
    // When the last answer ended, where nothing was waited for since.
    let mut ended_ns = None;
    loop {
        let (t_sched_ns, request) = if let Some(NextTurn { due_ns, request }) = turn {
            shared.alarms.until(due_ns.saturating_sub(AHEAD_NS)).await;
            renew(&shared, &slot, &mut connection).await;
            shared.alarms.until(due_ns).await;
            (due_ns, request)
        } else {
            if let Some(gate) = &shared.gate {
                gate.pass().await;
            }
            let free_ns = ended_ns.unwrap_or_else(|| slot.stamps.now());
            let Some(request) = next_request(&shared).await else { return };
            shared.plan.borrow_mut().began();
            (free_ns, request)
        };
        let (index, phase) = shared.plan.borrow_mut().next(first);
        first = false;
        let due = Due { index, phase, t_sched_ns };
        let Ended { failed, next } = perform(&shared, &slot, &mut connection, due, request).await;
        let verdict = shared.plan.borrow_mut().ended(number, phase, failed.map(|failed| failed.reason));
        shared.stop_with(verdict);
        if let Some(Failed { wait, .. }) = failed {
            tokio::time::sleep(wait.unwrap_or_default().max(FAILURE_PAUSE)).await;
        }
        ended_ns = (failed.is_none() && shared.gate.is_none()).then(|| slot.stamps.read_ns.get());
        turn = next_turn(next).await;
        if turn.is_none() {
            shared.plan.borrow_mut().over();
        }
    }
}

/// A request that failed, as far as can be told without reading what was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed {
    /// Why.
    pub reason: FailureReason,
    /// How long its slot is to wait, as the server asked: in a closed loop, when it refused for load.
    wait: Option<Duration>,
}

/// How a request ended.
pub(super) struct Ended {
    /// That it failed.
    pub failed: Option<Failed>,
    /// Where the next turn of its conversation will be.
    pub next: Option<oneshot::Receiver<Option<NextTurn>>>,
}

/// The next turn of a conversation. None when it has ended, and where there was none.
pub(super) async fn next_turn(next: Option<oneshot::Receiver<Option<NextTurn>>>) -> Option<NextTurn> {
    // Nobody makes one any more when the run is being torn down.
    next?.await.ok()?
}

/// Sends a request, records its answer and hands it to the decoder.
pub(super) async fn perform(
    shared: &Shared,
    slot: &Rc<Slot>,
    connection: &mut Option<Connection>,
    due: Due,
    request: Prepared,
) -> Ended {
    let Due { index, phase, t_sched_ns } = due;
    shared.progress.sent(phase);
    slot.stamps.sent_ns.set(None);
    let Prepared { request, output_tokens, turn, said } = request;
    let (reply, next) = turn.filter(|turn| !turn.is_last()).map(|_| oneshot::channel()).unzip();
    let recording = room_for(output_tokens);
    let most_bytes =
        (output_tokens as usize).saturating_mul(MOST_BYTES_PER_TOKEN).saturating_add(MOST_BYTES_BESIDE);
    slot.open.replace(Some(Open { index, phase, turn, said, reply, t_sched_ns, recording, most_bytes }));
    let limit = shared.request_timeout;
    let exchanged = exchange(shared, slot, connection, request);
    let close = tokio::time::timeout(limit, exchanged).await.unwrap_or_else(|_| {
        let detail = format!("no whole answer within {} s", limit.as_secs_f64());
        Close::Failed(FailureReason::Timeout, detail)
    });
    let close = whole_if_marked(shared, slot, close);
    let failed = failure_of(&close).map(|reason| Failed { reason, wait: shared.wait_after(reason, &close) });
    if failed.is_some() {
        // An answer may still be on its way: the connection cannot be used again.
        *connection = None;
    }
    finish(shared, slot, close, failed);
    Ended { failed, next: next.filter(|_| failed.is_none()) }
}

/// The next prepared request. None when there will be no more.
pub(super) async fn next_request(shared: &Shared) -> Option<Prepared> {
    loop {
        let taken = shared.supply.borrow_mut().try_recv();
        match taken {
            Ok(request) => return Some(request),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => tokio::time::sleep(SUPPLY_PAUSE).await,
        }
    }
}

fn room_for(output_tokens: u32) -> Recording {
    let tokens = (output_tokens as usize).saturating_add(8);
    let bytes = tokens.saturating_mul(BYTES_PER_TOKEN).min(MOST_RESERVED);
    Recording::with_capacity(bytes, tokens.min(MOST_RESERVED / BYTES_PER_TOKEN))
}

/// An answer with the mark of its end is whole, even if its connection broke afterwards. Only then is it read here.
fn whole_if_marked(shared: &Shared, slot: &Slot, close: Close) -> Close {
    let is_whole = |open: &Open| {
        let read = answer::read_stream(shared.protocol, &open.recording, StreamEnd::Broken);
        read.outcome == Outcome::Succeeded
    };
    match close {
        Close::Stream(StreamEnd::Broken) if slot.open.borrow().as_ref().is_some_and(is_whole) => {
            Close::Stream(StreamEnd::Closed)
        }
        close => close,
    }
}

/// Hands the exchange to the decoder.
fn finish(shared: &Shared, slot: &Slot, close: Close, failed: Option<Failed>) {
    let Some(open) = slot.open.take() else { return };
    // A whole answer ended with its last read; anything else ended when we gave it up.
    let t_end_ns = if failed.is_none() { slot.stamps.read_ns.get() } else { slot.stamps.now() };
    let lag_ns = slot.stamps.sent_ns.get().map(|sent| sent.saturating_sub(open.t_sched_ns));
    shared.progress.ended(open.phase, lag_ns);
    // The decoder is gone only when the run is being torn down.
    let wait = failed.and_then(|failed| failed.wait);
    let _ = shared.finished.send(open.close(&slot.stamps, t_end_ns, close, wait));
}

/// Whether the exchange failed, as far as can be told without reading what was received.
const fn failure_of(close: &Close) -> Option<FailureReason> {
    match close {
        Close::Stream(StreamEnd::Closed) | Close::Cut => None,
        Close::Stream(StreamEnd::Broken) => Some(FailureReason::Disconnected),
        Close::Status { status, .. } => Some(answer::reason_of_status(*status)),
        Close::Failed(reason, _) => Some(*reason),
    }
}

/// Replaces a connection that the server has closed. Where that fails, sending tries again and tells why.
async fn renew(shared: &Shared, slot: &Rc<Slot>, connection: &mut Option<Connection>) {
    if let Some(used) = connection
        && !used.is_usable().await
    {
        let opening = Connection::open(&shared.address, slot, &shared.open_sockets);
        *connection = tokio::time::timeout(CONNECT_LIMIT, opening).await.ok().and_then(Result::ok);
    }
}

/// Sends a request and records the answer. A connection that the server had closed while it was idle is replaced once:
/// the server never saw the request. It is known by its end, which comes at once; a connection that ends later takes its
/// request with it, which has failed and is not sent again.
async fn exchange(
    shared: &Shared,
    slot: &Rc<Slot>,
    connection: &mut Option<Connection>,
    request: Request<Bytes>,
) -> Close {
    if let Some(used) = connection
        && used.is_usable().await
    {
        match used.send(shared, slot, &request).await {
            Ok(close) => return close,
            // Nothing was received on it, or this would be a stream that broke.
            Err(error) if error.is_untouched() || slot.stamps.since_sent_ns() <= RACE_NS => {
                slot.stamps.sent_ns.set(None);
            }
            Err(error) => return no_answer(&error),
        }
    }
    *connection = None;
    let opening = Connection::open(&shared.address, slot, &shared.open_sockets);
    let opened = match tokio::time::timeout(CONNECT_LIMIT, opening).await {
        Ok(Ok(opened)) => connection.insert(opened),
        Ok(Err(error)) => return Close::Failed(FailureReason::Connect, error.to_string()),
        Err(_) => {
            let detail = format!("not connected within {} s", CONNECT_LIMIT.as_secs());
            return Close::Failed(FailureReason::Connect, detail);
        }
    };
    shared.most_sockets.set(shared.most_sockets.get().max(shared.open_sockets.get()));
    opened.send(shared, slot, &request).await.unwrap_or_else(|error| no_answer(&error))
}

fn no_answer(error: &NoAnswer) -> Close {
    Close::Failed(FailureReason::Disconnected, format!("no answer: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_from_the_transport() {
        let refused = Close::Status { status: 429, retry_after: None };
        assert_eq!(failure_of(&refused), Some(FailureReason::RateLimited));
        assert_eq!(failure_of(&Close::Stream(StreamEnd::Broken)), Some(FailureReason::Disconnected));
        assert_eq!(failure_of(&Close::Stream(StreamEnd::Closed)), None);
        assert_eq!(failure_of(&Close::Cut), None);
    }
}
