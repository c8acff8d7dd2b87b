//! The adapters to AWS over emulators, one binary since the SDK is large to link.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod batch;
mod batch_eks;
mod bus;
mod dynamodb;
mod notices;
mod outages;
mod s3;
mod scripted;
mod secrets;
