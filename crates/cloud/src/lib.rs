//! **Adapters for a team**: the ports of the crate `store` on services that many machines share.
//!
//! | port | adapter |
//! |---|---|
//! | `HotResults` | [`redis`] |

pub mod redis;
