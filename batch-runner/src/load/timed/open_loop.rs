//! The **open loop**: a dispatcher that hands each request to a connection when it is due, whatever has become
//! of the earlier ones.
//!
//! Connections are opened as they are needed and kept; the one that was used last is used first, so that as few
//! are kept busy as the load needs. A request that is due while as many are in flight as may be is dropped and
//! counted: it is not sent later, which would be another load. For the same reason a request that a server refuses is
//! never sent again, nor is another held back because the server asks for it (`Retry-After`). A later turn of a
//! conversation is due when its time to think is over, and gets whatever connection is free.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use measurement::record::Phase;
use tokio::sync::{Notify, oneshot};

use super::timer::Timer;
use super::worker::{Due, Ended, next_request, next_turn, perform};
use super::{Dropped, NextTurn, Prepared, Shared, Slot};

/// A connection's place.
struct Seat {
    slot: Rc<Slot>,
    next: RefCell<Option<(Due, Prepared)>>,
    wake: Notify,
}

/// All seats.
struct Pool {
    idle: RefCell<Vec<Rc<Seat>>>,
    max_in_flight: u32,
    in_flight: Cell<u32>,
    /// Requests in flight, and conversations in which somebody thinks.
    under_way: Cell<u32>,
    all_ended: Notify,
}

/// Sends requests when they are due, until the schedule ends or the task is dropped.
pub(super) async fn dispatch(
    shared: &Rc<Shared>,
    arrivals: impl Iterator<Item = u64>,
    max_in_flight: u32,
) -> io::Result<()> {
    let timer = Timer::new()?;
    let pool = Rc::new(Pool::of(max_in_flight));
    let begin_ns = shared.now();
    for due_ns in arrivals {
        let t_sched_ns = begin_ns.saturating_add(due_ns);
        timer.until(shared.origin + Duration::from_nanos(t_sched_ns)).await?;
        // A request that is not ready in time shows as issue lag.
        let Some(request) = next_request(shared).await else { return Ok(()) };
        shared.plan.borrow_mut().began();
        pool.send(shared, t_sched_ns, request);
    }
    while pool.under_way.get() > 0 {
        pool.all_ended.notified().await;
    }
    let verdict = shared.plan.borrow_mut().no_more();
    shared.stop_with(verdict);
    Ok(())
}

impl Pool {
    fn of(max_in_flight: u32) -> Self {
        Self {
            idle: RefCell::default(),
            max_in_flight,
            in_flight: Cell::new(0),
            under_way: Cell::new(0),
            all_ended: Notify::new(),
        }
    }

    /// Sends a request that is due, unless too many are in flight.
    fn send(self: &Rc<Self>, shared: &Rc<Shared>, t_sched_ns: u64, request: Prepared) {
        let (index, phase) = shared.plan.borrow_mut().next(false);
        if self.in_flight.get() >= self.max_in_flight {
            if phase == Phase::Measured {
                shared.dropped.borrow_mut().push(Dropped { due_ns: t_sched_ns, turn: request.turn });
                shared.progress.dropped();
            }
            let verdict = shared.plan.borrow_mut().dropped(phase);
            shared.stop_with(verdict);
            shared.plan.borrow_mut().over();
        } else {
            self.in_flight.set(self.in_flight.get() + 1);
            self.under_way.set(self.under_way.get() + 1);
            shared.plan.borrow_mut().in_flight(self.in_flight.get());
            self.hand_out(shared, Due { index, phase, t_sched_ns }, request);
        }
    }

    fn ended(&self) {
        self.under_way.set(self.under_way.get().saturating_sub(1));
        if self.under_way.get() == 0 {
            self.all_ended.notify_one();
        }
    }

    fn hand_out(self: &Rc<Self>, shared: &Rc<Shared>, due: Due, request: Prepared) {
        let idle = self.idle.borrow_mut().pop();
        if let Some(seat) = idle {
            seat.next.replace(Some((due, request)));
            seat.wake.notify_one();
        } else {
            let slot = shared.new_slot();
            let seat = Rc::new(Seat { slot, next: RefCell::new(Some((due, request))), wake: Notify::new() });
            tokio::task::spawn_local(serve(Rc::clone(shared), Rc::clone(self), seat));
        }
    }
}

/// Serves one seat until the task is dropped.
async fn serve(shared: Rc<Shared>, pool: Rc<Pool>, seat: Rc<Seat>) {
    let mut connection = None;
    loop {
        let next = seat.next.borrow_mut().take();
        let Some((due, request)) = next else {
            seat.wake.notified().await;
            continue;
        };
        let Ended { failed, next } = perform(&shared, &seat.slot, &mut connection, due, request).await;
        pool.in_flight.set(pool.in_flight.get().saturating_sub(1));
        pool.idle.borrow_mut().push(Rc::clone(&seat));
        let verdict = shared.plan.borrow_mut().ended(0, due.phase, failed.map(|failed| failed.reason));
        shared.stop_with(verdict);
        if next.is_some() {
            tokio::task::spawn_local(go_on(Rc::clone(&shared), Rc::clone(&pool), next));
        } else {
            shared.plan.borrow_mut().over();
            pool.ended();
        }
    }
}

/// Sends the next turn of a conversation, when there is one and it is due.
async fn go_on(shared: Rc<Shared>, pool: Rc<Pool>, next: Option<oneshot::Receiver<Option<NextTurn>>>) {
    if let Some(NextTurn { due_ns, request }) = next_turn(next).await {
        shared.alarms.until(due_ns).await;
        pool.send(&shared, due_ns, request);
    } else {
        shared.plan.borrow_mut().over();
    }
    pool.ended();
}
