//! **Adapters for a team**: the ports of the crate `store` on services that many machines share.
//!
//! | port | adapter |
//! |---|---|
//! | `Objects` | [`s3`] |
//! | `Ledger` | [`dynamodb`] |
//! | `Dispatcher` | [`batch`], [`argo`] |
//! | `Bus` | [`event_bridge`] |
//! | `HotResults` | [`redis`] |
//! | `Notifier` | [`slack`], [`sns`] |
//!
//! Beside them [`secrets`] reads the keys of hosted models, and [`system_tls`] says whom other calls trust.
//!
//! [`open`] chooses among them and those of the crate `store` by address. Only this crate knows the SDK of AWS.

pub mod argo;
pub mod aws;
pub mod batch;
pub mod dynamodb;
pub mod event_bridge;
pub mod open;
pub mod redis;
pub mod s3;
pub mod secrets;
pub mod slack;
pub mod small_file;
pub mod sns;
pub mod system_tls;
