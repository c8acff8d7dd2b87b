//! A **timer** that wakes within tens of microseconds. The runtime's own counts in milliseconds, which at 2,000
//! requests per second is two gaps between requests.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// One alarm at a time, through the event loop.
pub(super) struct Timer {
    alarm: AsyncFd<OwnedFd>,
}

impl Timer {
    /// Needs a runtime around it.
    pub(super) fn new() -> io::Result<Self> {
        let alarm =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        // SAFETY: an `OwnedFd` owns one open descriptor and always names that one. The `AsyncFd` ends its registration
        // before it drops it, and is a private field that is only used by shared reference, so that nobody can put
        // another descriptor in its place.
        #[expect(unsafe_code, reason = "the runtime cannot see that the descriptor stays open")]
        let alarm = unsafe { AsyncFd::register_with_interest(alarm, Interest::READABLE) }?;
        Ok(Self { alarm })
    }

    /// Waits until an instant; not at all when it has passed.
    pub(super) async fn until(&self, instant: Instant) -> io::Result<()> {
        loop {
            let left = instant.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.set(left)?;
            // Setting an alarm takes back the one before, so that only this one is waited for. An event of the
            // last one that was never taken wakes once too early, and the loop goes round again.
            self.alarm.readable().await?.clear_ready();
        }
    }

    fn set(&self, left: Duration) -> io::Result<()> {
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let once = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        let alarm = Itimerspec { it_interval: zero, it_value: once };
        timerfd_settime(&self.alarm, TimerfdTimerFlags::empty(), &alarm)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_never_wakes_early_and_does_not_wait_for_the_past() {
        let timer = Timer::new().unwrap();
        for micros in [0, 1, 50, 300, 2_000] {
            let instant = Instant::now() + Duration::from_micros(micros);
            timer.until(instant).await.unwrap();
            assert!(Instant::now() >= instant);
        }
        timer.until(Instant::now() - Duration::from_secs(1)).await.unwrap();
    }
}
