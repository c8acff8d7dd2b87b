//! A **spot notice** is how EC2 tells an instance that it will be taken back, through its metadata service (IMDSv2), about two
//! minutes before
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>). Some time earlier it may
//! recommend to rebalance, which is no promise.
//!
//! | told | what follows |
//! |---|---|
//! | rebalance | the trial that is running is finished, and no other is begun |
//! | the instance is taken back | the trial that is running is dropped |
//!
//! Both end the job as a signal does: finished trials are safe, and the next attempt goes on elsewhere.

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

    /// Watches until the instance is taken back: cancels `drain` at the first notice of any kind, and `stop` at that. Where
    /// nobody answers, as outside of EC2, nothing follows.
    pub async fn watch(self, drain: CancellationToken, stop: CancellationToken) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.notice().await {
                Ok(Some(notice)) => {
                    if !drain.is_cancelled() {
                        tracing::warn!(?notice, "EC2 wants this instance back");
                    }
                    drain.cancel();
                    if notice == Notice::TakenBack {
                        return stop.cancel();
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::debug!("the metadata service: {error}"),
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

    /// A metadata service that tells what these paths end in, to whoever has its token.
    async fn service(told: &'static [&'static str]) -> MetadataService {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/imds/i-1/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
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

    #[tokio::test]
    async fn each_notice_is_understood() {
        assert_eq!(service(&[]).await.notice().await.unwrap(), None);
        assert_eq!(service(&["rebalance"]).await.notice().await.unwrap(), Some(Notice::Rebalance));
        let both = service(&["rebalance", "instance-action"]).await;
        assert_eq!(both.notice().await.unwrap(), Some(Notice::TakenBack));
    }

    #[tokio::test]
    async fn an_instance_that_is_taken_back_stops_at_once_and_a_recommendation_only_drains() {
        let (drain, stop) = (CancellationToken::new(), CancellationToken::new());
        service(&["instance-action"]).await.watch(drain.clone(), stop.clone()).await;
        assert!(drain.is_cancelled() && stop.is_cancelled());

        let (drain, stop) = (CancellationToken::new(), CancellationToken::new());
        let watching = service(&["rebalance"]).await.watch(drain.clone(), stop.clone());
        tokio::select! {
            () = watching => {}
            () = drain.cancelled() => {}
        }
        assert!(!stop.is_cancelled());
    }

    #[test]
    fn the_usual_address_has_no_path() {
        let usual = MetadataService::at(USUAL_METADATA_URL).unwrap();
        assert_eq!(usual.path("api/token"), "/latest/api/token");
        assert!(MetadataService::at("nowhere").is_err());
    }
}
