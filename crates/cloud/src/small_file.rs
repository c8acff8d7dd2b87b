//! A **small file** of the web, such as a model's `config.json` or the keys of an issuer of tokens.

use std::time::Duration;

use ureq::Agent;

use crate::system_tls::system_tls;

/// Longest wait for all of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Largest file that is read: a `config.json` has a few kilobytes.
const MOST_BYTES: u64 = 1 << 20;

/// The text behind a URL; redirections are followed, `HTTPS_PROXY` and `HTTP_PROXY` are heeded.
///
/// # Errors
/// When it cannot be fetched, with why.
pub fn text(url: &str) -> Result<String, String> {
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(TIMEOUT)).tls_config(system_tls()).build().new_agent();
    let read = || agent.get(url).call()?.body_mut().with_config().limit(MOST_BYTES).read_to_string();
    read().map_err(|error: ureq::Error| error.to_string())
}
