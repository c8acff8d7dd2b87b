//! **Alarms** wake any number of tasks, each at its own instant, by one [timer](Timer).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::timer::Timer;
use crate::load::nanos;

/// All that are set.
#[derive(Debug)]
pub(super) struct Alarms {
    origin: Instant,
    /// By instant, ns since the origin, and in the order in which they were set.
    set: RefCell<BTreeMap<(u64, u64), Rc<Notify>>>,
    next_number: Cell<u64>,
    /// An earlier one than all others was set.
    sooner: Notify,
}

impl Alarms {
    pub(super) fn new(origin: Instant) -> Self {
        Self { origin, set: RefCell::default(), next_number: Cell::new(0), sooner: Notify::new() }
    }

    /// Waits until an instant; not at all when it has passed. Needs somebody who [rings](Self::ring).
    pub(super) async fn until(&self, at_ns: u64) {
        if at_ns <= nanos(self.origin.elapsed()) {
            return;
        }
        let number = self.next_number.replace(self.next_number.get() + 1);
        let bell = Rc::new(Notify::new());
        self.set.borrow_mut().insert((at_ns, number), Rc::clone(&bell));
        if self.first_ns() == Some(at_ns) {
            self.sooner.notify_one();
        }
        bell.notified().await;
    }

    /// Rings every alarm at its instant. Ends only when there can be no timer.
    pub(super) async fn ring(&self) -> io::Result<()> {
        self.sooner.notified().await;
        let timer = Timer::new()?;
        loop {
            match self.first_ns() {
                None => self.sooner.notified().await,
                Some(at_ns) => tokio::select! {
                    rung = timer.until(self.origin + Duration::from_nanos(at_ns)) => {
                        rung?;
                        self.ring_due();
                    }
                    () = self.sooner.notified() => {}
                },
            }
        }
    }

    fn first_ns(&self) -> Option<u64> {
        self.set.borrow().first_key_value().map(|((at_ns, _), _)| *at_ns)
    }

    fn ring_due(&self) {
        let now = nanos(self.origin.elapsed());
        let mut set = self.set.borrow_mut();
        let later = set.split_off(&(now.saturating_add(1), 0));
        for bell in std::mem::replace(&mut *set, later).values() {
            bell.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_alarm_rings_at_its_instant_whatever_the_order_they_were_set_in() {
        let alarms = Alarms::new(Instant::now());
        let rung = RefCell::new(Vec::new());
        let sleep = async |ms: u64| {
            alarms.until(ms * 1_000_000).await;
            assert!(alarms.origin.elapsed() >= Duration::from_millis(ms));
            rung.borrow_mut().push(ms);
        };
        let all = async { tokio::join!(sleep(30), sleep(10), sleep(20), sleep(0), sleep(10)) };
        tokio::select! {
            _ = all => {}
            ended = alarms.ring() => panic!("{ended:?}"),
        }
        // A thread that was stopped rings several at once, whose sleepers go on in any order.
        let mut rung = rung.take();
        rung.sort_unstable();
        assert_eq!(rung, [0, 10, 10, 20, 30]);
        assert!(alarms.set.borrow().is_empty());
    }
}
