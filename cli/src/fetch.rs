//! Fetches one small file from the web.

use anyhow::{Context, Result, anyhow};
use cloud::small_file;

/// Whether a text is a URL and not a path.
pub fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The text behind a URL; redirections are followed, `HTTPS_PROXY` and `HTTP_PROXY` are heeded.
pub fn text(url: &str) -> Result<String> {
    let read = small_file::text(url).map_err(|error| anyhow!(error));
    read.with_context(|| format!("{url} cannot be fetched; check it, or give a path instead"))
}
