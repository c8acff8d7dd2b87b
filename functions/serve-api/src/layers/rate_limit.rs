//! The **rate limit** keeps one asker from taking the place of all others: a bucket of tokens for each, which fills again
//! as time goes by. Who is not known is told apart by address, so that keys cannot be tried without end.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Problem;
use crate::access::Asker;
use crate::problem::Kind;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// In how many seconds a bucket is full again.
const WINDOW_S: f64 = 60.0;

/// Askers that are remembered; full buckets are forgotten beyond that.
const MOST_ASKERS: usize = 10_000;

/// Whom a bucket is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Name(Arc<str>),
    Address(Option<IpAddr>),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Requests a minute that each asker has.
#[derive(Clone)]
pub struct RateLimit {
    per_minute: NonZeroU32,
    buckets: Arc<Mutex<HashMap<Whose, Bucket>>>,
}

/// What is left to an asker.
struct Left {
    /// Whether this request is answered.
    granted: bool,
    tokens: f64,
    full_in_s: f64,
    next_in_s: f64,
}

impl RateLimit {
    /// So many requests a minute.
    #[must_use]
    pub fn per_minute(per_minute: NonZeroU32) -> Self {
        Self { per_minute, buckets: Arc::default() }
    }

    fn take(&self, whose: Whose, now: Instant) -> Left {
        let most = f64::from(self.per_minute.get());
        let per_s = most / WINDOW_S;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_ASKERS && !buckets.contains_key(&whose) {
            let full_after = Duration::from_secs_f64(WINDOW_S);
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < full_after);
            // All of them asked within the minute: that is no use as anybody means it.
            if buckets.len() >= MOST_ASKERS {
                return Left { granted: false, tokens: 0.0, full_in_s: WINDOW_S, next_in_s: WINDOW_S };
            }
        }
        let bucket = buckets.entry(whose).or_insert(Bucket { tokens: most, at: now });
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        let mut tokens = (bucket.tokens + since * per_s).min(most);
        let granted = tokens >= 1.0;
        if granted {
            tokens -= 1.0;
        }
        *bucket = Bucket { tokens, at: now };
        Left {
            granted,
            tokens,
            full_in_s: (most - tokens) / per_s,
            next_in_s: ((1.0 - tokens) / per_s).max(0.0),
        }
    }
}

/// Answers as many requests of an asker as there may be, and says how many are left.
pub async fn limit(State(limit): State<RateLimit>, request: Request, next: Next) -> Response {
    let whose = match request.extensions().get::<Asker>() {
        Some(Asker::Known { name, .. }) => Whose::Name(name.clone()),
        _ => Whose::Address(request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.ip())),
    };
    let left = limit.take(whose, Instant::now());
    let mut response = if left.granted {
        next.run(request).await
    } else {
        let per_minute = limit.per_minute;
        let detail = format!("{per_minute} requests a minute are answered; wait as `retry-after` says");
        let mut refused = Problem::new(Kind::TooManyRequests, detail).into_response();
        refused.headers_mut().insert(header::RETRY_AFTER, whole(left.next_in_s.ceil().max(1.0)));
        refused
    };
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(limit.per_minute.get()));
    headers.insert(REMAINING, whole(left.tokens.floor()));
    headers.insert(RESET, whole(left.full_in_s.ceil()));
    response
}

fn whole(number: f64) -> HeaderValue {
    HeaderValue::from(number.max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_and_fills_again_for_each_asker_alone() {
        let limit = RateLimit::per_minute(NonZeroU32::new(60).unwrap());
        let (start, me) = (Instant::now(), || Whose::Name("me".into()));
        for left in (0..60).rev() {
            let taken = limit.take(me(), start);
            assert!(taken.granted && taken.tokens == f64::from(left));
        }
        let refused = limit.take(me(), start);
        assert!(!refused.granted && refused.next_in_s == 1.0 && refused.full_in_s == 60.0);
        assert!(limit.take(Whose::Address(None), start).granted);
        assert!(limit.take(me(), start + Duration::from_secs(1)).granted);
        assert!(!limit.take(me(), start + Duration::from_secs(1)).granted);
        let rested = limit.take(me(), start + Duration::from_secs(600));
        assert!(rested.granted && rested.tokens == 59.0, "it holds a minute's requests at most");
    }

    #[test]
    fn there_is_an_end_to_the_askers_that_are_remembered() {
        let limit = RateLimit::per_minute(NonZeroU32::MIN);
        let start = Instant::now();
        let address = |n: u32| Whose::Address(Some(IpAddr::V4(n.into())));
        for n in 0..MOST_ASKERS as u32 {
            assert!(limit.take(address(n), start).granted);
        }
        assert!(!limit.take(address(u32::MAX), start).granted);
        assert!(limit.take(address(u32::MAX), start + Duration::from_secs(61)).granted);
    }
}
