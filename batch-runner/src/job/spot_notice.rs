//! A **spot notice** is how EC2 tells an instance that it will be taken back, through its metadata service (IMDSv2), about two
//! minutes before
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>). Some time earlier it may
//! recommend to rebalance, which is no promise.
//!
//! | told | what follows |
//! |---|---|
//! | rebalance | the trial that is running is finished, and no other is begun |
//! | rebalance, from before the runner was there | nothing |
//! | the instance is taken back | the trial that is running is dropped |
//!
//! What ends the job ends it as a signal does: finished trials are safe, and the next attempt goes on. A recommendation stays
//! with its instance, and nobody keeps the next job from being placed there: if it heeded that, too, no job of a type of which
//! this is the only instance would ever measure anything.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::control::{Answer, ControlError, ask};
use crate::transport::{Address, AddressError};

/// The variable with the service's address, as the SDKs of AWS have it.
pub const METADATA_VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
/// Its usual address, which is the same on every instance.
pub const USUAL_METADATA_URL: &str = "http://169.254.169.254";

/// How often is asked, as EC2's documents recommend.
const PERIOD: Duration = Duration::from_secs(5);
/// Longest that an answer may take.
const LIMIT: Duration = Duration::from_secs(2);
/// How long a token holds; a new one is asked for each time, so that none is kept.
const TOKEN_S: &str = "60";

/// What was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notice {
    Rebalance,
    TakenBack,
}

/// The metadata service of an instance.
#[derive(Debug, Clone)]
pub struct MetadataService {
    address: Address,
    /// What every path begins with; empty on an instance.
    prefix: String,
}

impl MetadataService {
    /// The service at a URL.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn at(url: &str) -> Result<Self, AddressError> {
        let url = url.trim_end_matches('/');
        let host_at = url.find("://").map_or(0, |at| at + 3);
        let path_at = url.get(host_at..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host_at + at);
        let (origin, prefix) = url.split_at_checked(path_at).unwrap_or((url, ""));
        Ok(Self { address: Address::parse(origin)?, prefix: prefix.to_owned() })
    }

    /// Watches until the instance is taken back, and cancels `drain` and `stop` then; `drain` alone when a rebalance is
    /// recommended that was not when the service first answered. Where nobody answers, as outside of EC2, nothing follows.
    pub async fn watch(self, drain: CancellationToken, stop: CancellationToken) {
        self.watch_every(PERIOD, drain, stop).await;
    }

    async fn watch_every(self, period: Duration, drain: CancellationToken, stop: CancellationToken) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut at_first = None;
        loop {
            ticks.tick().await;
            let told = match self.notice().await {
                Ok(told) => told,
                Err(error) => {
                    tracing::debug!("the metadata service: {error}");
                    continue;
                }
            };
            let is_old = *at_first.get_or_insert(told) == Some(Notice::Rebalance);
            match told {
                Some(Notice::Rebalance) if !is_old && !drain.is_cancelled() => {
                    tracing::warn!("EC2 recommends to leave this instance");
                    drain.cancel();
                }
                Some(Notice::Rebalance) | None => {}
                Some(Notice::TakenBack) => {
                    tracing::warn!("EC2 takes this instance back");
                    drain.cancel();
                    return stop.cancel();
                }
            }
        }
    }

    async fn notice(&self) -> Result<Option<Notice>, ControlError> {
        let token =
            Request::put(self.path("api/token")).header("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_S);
        let token = ask(&self.address, token, Bytes::new(), LIMIT).await?.success()?.body;
        let is_told = async |path: &str| {
            let question = Request::get(self.path(path)).header("x-aws-ec2-metadata-token", token.as_ref());
            let answer = ask(&self.address, question, Bytes::new(), LIMIT).await?;
            match answer.status {
                // Nothing is told.
                StatusCode::NOT_FOUND => Ok(false),
                _ => answer.success().map(|_: Answer| true),
            }
        };
        if is_told("meta-data/spot/instance-action").await? {
            return Ok(Some(Notice::TakenBack));
        }
        Ok(is_told("meta-data/events/recommendations/rebalance").await?.then_some(Notice::Rebalance))
    }

    fn path(&self, rest: &str) -> String {
        format!("{}/latest/{rest}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A metadata service that tells what these paths end in, to whoever has its token: at each look the next, and in the
    /// end the last.
    async fn service(looks: &'static [&'static [&'static str]]) -> MetadataService {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/imds/i-1/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut looks = looks.iter().copied();
            let mut told = looks.next().unwrap_or_default();
            let mut is_first = true;
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                // Each look begins with a token.
                if request.starts_with("PUT") && !std::mem::take(&mut is_first) {
                    told = looks.next().unwrap_or(told);
                }
                let has_token = request.contains("x-aws-ec2-metadata-token: secret");
                let (status, body) = match path.strip_prefix("/imds/i-1/latest/") {
                    Some("api/token") if request.starts_with("PUT") => ("200 OK", "secret"),
                    Some(path) if has_token && told.iter().any(|end| path.ends_with(end)) => ("200 OK", "{}"),
                    Some(_) if has_token => ("404 Not Found", ""),
                    _ => ("401 Unauthorized", ""),
                };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        MetadataService::at(&url).unwrap()
    }

    const NOTHING: &[&str] = &[];
    const REBALANCE: &[&str] = &["rebalance"];
    const TAKEN_BACK: &[&str] = &["instance-action"];

    #[tokio::test]
    async fn each_notice_is_understood() {
        assert_eq!(service(&[NOTHING]).await.notice().await.unwrap(), None);
        assert_eq!(service(&[REBALANCE]).await.notice().await.unwrap(), Some(Notice::Rebalance));
        let both = service(&[&["rebalance", "instance-action"]]).await;
        assert_eq!(both.notice().await.unwrap(), Some(Notice::TakenBack));
    }

    /// What a runner does that looks until the instance is taken back: whether it drained before that.
    async fn drains(looks: &'static [&'static [&'static str]]) -> bool {
        let (drain, stop) = (CancellationToken::new(), CancellationToken::new());
        let watching =
            service(looks).await.watch_every(Duration::from_millis(1), drain.clone(), stop.clone());
        tokio::pin!(watching);
        tokio::select! {
            biased;
            () = &mut watching => {}
            () = drain.cancelled() => {}
        }
        let was_drained = !stop.is_cancelled();
        if was_drained {
            watching.await;
        }
        assert!(drain.is_cancelled() && stop.is_cancelled());
        was_drained
    }

    #[tokio::test]
    async fn an_instance_that_is_taken_back_stops_at_once_and_a_recommendation_only_drains() {
        assert!(!drains(&[TAKEN_BACK]).await);
        assert!(drains(&[NOTHING, REBALANCE, TAKEN_BACK]).await);
    }

    /// The second runner on an instance that the first one left for a recommendation.
    #[tokio::test]
    async fn a_recommendation_from_before_the_runner_ends_nothing_and_a_notice_always_does() {
        assert!(!drains(&[REBALANCE, REBALANCE, REBALANCE, TAKEN_BACK]).await);
        assert!(!drains(&[REBALANCE, NOTHING, REBALANCE, TAKEN_BACK]).await);
    }

    #[test]
    fn the_usual_address_has_no_path() {
        let usual = MetadataService::at(USUAL_METADATA_URL).unwrap();
        assert_eq!(usual.path("api/token"), "/latest/api/token");
        assert!(MetadataService::at("nowhere").is_err());
    }
}
