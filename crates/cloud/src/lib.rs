//! **Adapters for a team**: the ports of the crate `store` on services that many machines share.
//!
//! | port | adapter |
//! |---|---|
//! | `Objects` | [`s3`] |
//! | `Ledger` | [`dynamodb`] |
//! | `HotResults` | [`redis`] |
//!
//! Only this crate knows the SDK of AWS.

pub mod aws;
pub mod dynamodb;
pub mod redis;
pub mod s3;
