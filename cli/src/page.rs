//! The **page** is what people open in a browser: the files of `ui/dist`, embedded in the program when it was built.
//!
//! Names of assets carry a hash of what is in them and are kept for ever; `index.html` is asked for anew each time and
//! answered with `304` while it is the same.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::content_hash::hash_bytes;

/// A file of the page.
#[derive(Clone, Copy)]
struct PageFile {
    /// Its path within `ui/dist`.
    name: &'static str,
    bytes: &'static [u8],
    /// The same, compressed.
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

/// Empty where there was no `ui/dist`.
const FILES: &[PageFile] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

const INDEX: &str = "index.html";

/// Nothing runs but the page's own files, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Kept for a year and never asked for again: another content has another name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Assay</title>\n\
    <h1>Assay</h1>\n<p>This program was built without the page: run <code>make build</code> where Node.js is. The API is \
    described in <a href=\"/openapi.json\">/openapi.json</a>.</p></html>\n";

/// The page, and the API under every path that is none of its files.
pub fn with_page(api: Router) -> Router {
    let mut router = Router::new();
    if !FILES.iter().any(|file| file.name == INDEX) {
        let told = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT);
        router = router.route("/", get(move || async move { told }));
    }
    for file in FILES {
        let etag = format!("\"{}\"", hash_bytes(file.bytes));
        let answer = move |headers: HeaderMap| async move { answer(file, &etag, &headers) };
        let path = if file.name == INDEX { "/".to_owned() } else { format!("/{}", file.name) };
        router = router.route(&path, get(answer));
    }
    router.fallback_service(api)
}

fn answer(file: &'static PageFile, etag: &str, asked: &HeaderMap) -> Response {
    let kept = if file.name.starts_with("assets/") { FOR_EVER } else { "no-cache" };
    let mut headers = HeaderMap::new();
    let etag_value = HeaderValue::from_str(etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    headers.insert(header::ETAG, etag_value);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(file.name)));
    let accepts = |encoding: &str| {
        let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        accepted.is_some_and(|all| all.split(',').any(|one| one.trim() == encoding))
    };
    let (bytes, encoding) = match file {
        PageFile { brotli: Some(bytes), .. } if accepts("br") => (*bytes, Some("br")),
        PageFile { gzip: Some(bytes), .. } if accepts("gzip") => (*bytes, Some("gzip")),
        _ => (file.bytes, None),
    };
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, bytes).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: PageFile =
        PageFile { name: "assets/a-1.js", bytes: b"plain", gzip: Some(b"gz"), brotli: Some(b"br") };

    fn asked(pairs: &[(header::HeaderName, &'static str)]) -> Response {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        answer(&SCRIPT, "\"e\"", &headers.collect())
    }

    #[test]
    fn an_asset_is_sent_as_compressed_as_the_browser_takes_it() {
        for (accepted, encoding) in
            [("gzip, deflate, br", Some("br")), ("gzip", Some("gzip")), ("identity", None)]
        {
            let answer = asked(&[(header::ACCEPT_ENCODING, accepted)]);
            let told = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(told, encoding, "{accepted}");
        }
    }

    #[test]
    fn an_asset_is_kept_for_ever_and_what_is_known_is_not_sent_again() {
        let first = asked(&[]);
        assert_eq!(first.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let again = asked(&[(header::IF_NONE_MATCH, "W/\"d\", \"e\"")]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn no_script_runs_that_is_not_a_file_of_the_page() {
        let answer = asked(&[]);
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    }
}
