//! Fetches one small file from the web.

use std::time::Duration;

use anyhow::{Context, Result};
use cloud::system_tls::system_tls;
use ureq::Agent;

/// Longest wait for all of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Largest file that is read: a `config.json` has a few kilobytes.
const MOST_BYTES: u64 = 1 << 20;

/// Whether a text is a URL and not a path.
pub fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The text behind a URL; redirections are followed, `HTTPS_PROXY` and `HTTP_PROXY` are heeded.
pub fn text(url: &str) -> Result<String> {
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(TIMEOUT)).tls_config(system_tls()).build().new_agent();
    let read = || agent.get(url).call()?.body_mut().with_config().limit(MOST_BYTES).read_to_string();
    read().with_context(|| format!("{url} cannot be fetched; check it, or give a path instead"))
}
