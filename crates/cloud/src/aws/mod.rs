//! **AWS**, as every adapter here uses it: credentials and region from the standard chain (environment, profile,
//! web identity, container, instance), the endpoint from `AWS_ENDPOINT_URL` or `AWS_ENDPOINT_URL_<SERVICE>` when
//! one is set, TLS by rustls, and a bound on how long anything may take.
//!
//! SSO sessions are read through `credential_process = aws configure export-credentials --profile NAME`.

mod failure;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

pub use failure::Place;

/// Longest that a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest that the beginning of an answer may take.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest that one call may take, all its attempts together. A lease is renewed well within 30 s.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// What an emulator is told as a secret; tests look for it where no secret may be.
pub const EMULATOR_SECRET: &str = "secret-of-an-emulator";

/// Attempts of a call that was throttled or not answered, with jittered waits between them.
const ATTEMPTS: u32 = 4;

/// An account and a region of AWS.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// The one that the environment names. Nothing is asked of AWS yet.
    pub async fn from_environment() -> Self {
        Self::load(aws_config::defaults(BehaviorVersion::latest())).await
    }

    /// An emulator at an address, which takes any credentials.
    pub async fn emulator(url: &str) -> Self {
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("emulator", EMULATOR_SECRET, None, None, "emulator"))
            .endpoint_url(url);
        Self::load(loader).await
    }

    /// The one that a loader names, with our client and our bounds.
    async fn load(loader: ConfigLoader) -> Self {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let config = loader
            .http_client(http)
            .timeout_config(timeouts(ANSWER_TIMEOUT, CALL_TIMEOUT))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .load()
            .await;
        Self { config }
    }

    /// Whether a service is somewhere else than at AWS.
    pub(crate) fn has_own_endpoint(&self, service: &str) -> bool {
        self.config.endpoint_url().is_some()
            || std::env::var_os(format!("AWS_ENDPOINT_URL_{service}")).is_some()
    }

    pub(crate) const fn config(&self) -> &SdkConfig {
        &self.config
    }
}

/// Waits before a call is sent again: not at all before the first (`send` 0), then a random part of a bound that begins
/// at `first` and doubles, so that those who collided do not collide again.
pub(crate) async fn back_off(first: Duration, send: u32) {
    if let Some(again) = send.checked_sub(1) {
        tokio::time::sleep((first * 2_u32.pow(again)).mul_f64(fastrand::f64())).await;
    }
}

/// Bounds of a service, when its calls carry much.
pub(crate) fn timeouts(answer: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(answer)
        .operation_timeout(call)
        .build()
}
