//! The adapters to AWS over emulators, one binary since the SDK is large to link.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dynamodb;
mod outages;
mod s3;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::config::Credentials;
use cloud::aws::Aws;

/// What no message may show.
const SECRET: &str = "a-secret-access-key";

/// An account at an emulator.
async fn account(url: &str) -> Aws {
    let credentials = Credentials::new("test", SECRET, None, None, "test");
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(url);
    Aws::load(loader).await
}
