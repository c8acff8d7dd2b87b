//! A **circuit breaker** leaves a server alone for a while after it failed, so that whoever asks meanwhile is told at
//! once instead of waiting for the same failure. After the rest one caller tries; the others wait for how that goes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether a server is asked. The clock is the caller's.
#[derive(Debug)]
pub struct Breaker {
    rest: Duration,
    rests_until: Mutex<Option<Instant>>,
}

impl Breaker {
    /// One that leaves a server alone for `rest` after a failure.
    #[must_use]
    pub const fn new(rest: Duration) -> Self {
        Self { rest, rests_until: Mutex::new(None) }
    }

    /// Whether the server may be asked. Whoever is told so must tell how it went.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut until = self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        match *until {
            Some(instant) if now < instant => false,
            // This caller tries. Another one does when it is not heard of again.
            Some(_) => {
                *until = Some(now + self.rest);
                true
            }
            None => true,
        }
    }

    /// The server answered.
    pub fn succeeded(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The server did not answer.
    pub fn failed(&self, now: Instant) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(now + self.rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_failed_is_left_alone_and_then_tried_by_one() {
        let breaker = Breaker::new(Duration::from_secs(2));
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        assert!(breaker.may_ask(start) && breaker.may_ask(start));
        breaker.failed(start);
        assert!(!breaker.may_ask(after(1_999)));
        assert!(breaker.may_ask(after(2_000)), "one tries");
        assert!(!breaker.may_ask(after(2_001)), "the others wait for it");
        assert!(breaker.may_ask(after(4_000)), "but not for ever");
        breaker.failed(after(4_100));
        assert!(!breaker.may_ask(after(6_000)));
        assert!(breaker.may_ask(after(6_100)));
        breaker.succeeded();
        assert!(breaker.may_ask(after(6_100)) && breaker.may_ask(after(6_100)));
    }
}
