//! The **host** of a ceiling: what it depends on. Another kernel, or another build of this program, has another one.

use serde::{Deserialize, Serialize};

use crate::host_facts;

/// Raised when ceilings are found in another way, so that those that are kept are found again.
const METHOD: u32 = 2;

/// What a ceiling depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Host {
    /// The processor's model name.
    pub cpu_model: Option<String>,
    /// Logical processors that this process may use.
    pub cpu_count: u32,
    /// Release of the kernel.
    pub kernel: String,
    /// Version and revision of this program, and how it was built.
    pub client: String,
    /// How the ceiling was found.
    pub method: u32,
}

impl Host {
    /// This one.
    pub(super) fn this() -> Self {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let revision = option_env!("ASSAY_REVISION").unwrap_or("-");
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        Self {
            cpu_model: host_facts::cpu_model(),
            cpu_count: host_facts::cpu_count(),
            kernel: kernel.trim().to_owned(),
            client: format!("{} {revision} {build} {}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH),
            method: METHOD,
        }
    }
}
