//! The **open loop**: a dispatcher that hands each request to a connection when it is due, whatever has become
//! of the earlier ones.
//!
//! Connections are opened as they are needed and kept; the one that was used last is used first, so that as few
//! are kept busy as the load needs. A request that is due while as many are in flight as may be is dropped and
//! counted: it is not sent later, which would be another load. For the same reason a request that a server refuses is
//! never sent again, nor is another held back because the server asks for it (`Retry-After`).

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use measurement::record::Phase;
use tokio::sync::Notify;

use super::timer::Timer;
use super::worker::{Due, next_request, perform};
use super::{Prepared, Shared, Slot};

/// A connection's place.
struct Seat {
    slot: Rc<Slot>,
    next: RefCell<Option<(Due, Prepared)>>,
    wake: Notify,
}

/// All seats.
struct Pool {
    idle: RefCell<Vec<Rc<Seat>>>,
    in_flight: Cell<u32>,
}

/// Sends requests when they are due, until the schedule ends or the task is dropped.
pub(super) async fn dispatch(
    shared: &Rc<Shared>,
    arrivals: impl Iterator<Item = u64>,
    max_in_flight: u32,
) -> io::Result<()> {
    let timer = Timer::new()?;
    let pool = Rc::new(Pool { idle: RefCell::default(), in_flight: Cell::new(0) });
    let begin_ns = shared.now();
    for due_ns in arrivals {
        let t_sched_ns = begin_ns.saturating_add(due_ns);
        timer.until(shared.origin + Duration::from_nanos(t_sched_ns)).await?;
        // A request that is not ready in time shows as issue lag.
        let Some(request) = next_request(shared).await else { return Ok(()) };
        let (index, phase) = shared.plan.borrow_mut().next(false);
        if pool.in_flight.get() >= max_in_flight {
            if phase == Phase::Measured {
                shared.dropped_ns.borrow_mut().push(t_sched_ns);
                shared.progress.dropped();
            }
            let verdict = shared.plan.borrow_mut().dropped(phase);
            shared.stop_with(verdict);
        } else {
            pool.in_flight.set(pool.in_flight.get() + 1);
            shared.plan.borrow_mut().in_flight(pool.in_flight.get());
            pool.hand_out(shared, Due { index, phase, t_sched_ns }, request);
        }
    }
    let verdict = shared.plan.borrow_mut().no_more();
    shared.stop_with(verdict);
    Ok(())
}

impl Pool {
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
        let failed = perform(&shared, &seat.slot, &mut connection, due, request).await;
        pool.in_flight.set(pool.in_flight.get().saturating_sub(1));
        pool.idle.borrow_mut().push(Rc::clone(&seat));
        let verdict = shared.plan.borrow_mut().ended(0, due.phase, failed.map(|failed| failed.reason));
        shared.stop_with(verdict);
    }
}
