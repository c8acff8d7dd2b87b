//! **Answers** from the catalogue: with how fresh they are, and not sent again to whoever has them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::rejection::BytesRejection;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::Snapshot;
use domain::content_hash::hash_bytes;
use domain::known::PRICES_HASH;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

use crate::snapshot::Served;
use crate::{Context, Problem};

/// A body, or why it could not be read, such as its size.
pub type Body = Result<Bytes, BytesRejection>;

/// An answer is kept by whoever asked and asked for again before it is used: it changes with every result.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// What a GET of the catalogue asks for, and what it has already.
#[derive(Debug)]
pub struct Asked {
    /// The path with its parameters.
    pub uri: Uri,
    has: Vec<String>,
    accept: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = |name| parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let has =
            text(header::IF_NONE_MATCH).flat_map(|tags| tags.split(',')).map(|tag| tag.trim().to_owned());
        let accept = text(header::ACCEPT).collect::<Vec<_>>().join(",");
        Ok(Self { uri: parts.uri.clone(), has: has.collect(), accept })
    }
}

impl Asked {
    /// Whether a media type is asked for by its name.
    pub fn accepts(&self, media_type: &str) -> bool {
        let named = |part: &str| part.split(';').next().is_some_and(|name| name.trim() == media_type);
        self.accept.split(',').any(named)
    }

    /// What is worked out from the catalogue, as JSON.
    pub async fn json<T: Serialize>(
        self,
        context: &Context,
        make: impl FnOnce(&Snapshot, &Served) -> Result<T, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let served = context.snapshot.get().await?;
        self.of(served, "application/json", move |served| json_of(&make(&served.snapshot, served)?)).await
    }

    /// What is worked out from a snapshot, in some form.
    pub async fn of(
        self,
        served: Served,
        media_type: &'static str,
        make: impl FnOnce(&Served) -> Result<Vec<u8>, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let tag = tag(&served, &self.uri, media_type);
        let mut response = if self.has.iter().any(|has| has == "*" || *has == tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let of = served.clone();
            let body = worked_out(move || make(&of)).await??;
            typed(media_type, body)
        };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, REVALIDATE);
        headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
        Ok(with_freshness(&served, response))
    }
}

/// The version and the prices belong to it: with others the answer may be another. Weak, since the answer may be
/// compressed or not.
fn tag(served: &Served, uri: &Uri, media_type: &str) -> String {
    let Served { revision, fingerprint, .. } = served;
    let (version, prices) = (env!("CARGO_PKG_VERSION"), &*PRICES_HASH);
    let told = format!("{version}\n{prices}\n{revision}\n{fingerprint}\n{media_type}\n{uri}");
    format!("W/\"{}\"", hash_bytes(told.as_bytes()))
}

/// Works an answer out on a thread for that, so that one question does not hold up the others.
pub async fn worked_out<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    spawn_blocking(work).await.map_err(|error| Problem::internal(format_args!("not worked out: {error}")))
}

/// JSON, or our fault.
pub fn json_of<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(Problem::internal)
}

/// A JSON body as a type; a problem names the field.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let bad = |e: serde_path_to_error::Error<serde_json::Error>| {
        let path = e.path().to_string();
        let field = (path != ".").then_some(path);
        let inner = e.into_inner();
        let detail = field.as_ref().map_or_else(|| inner.to_string(), |field| format!("`{field}`: {inner}"));
        Problem::bad_request(field, detail)
    };
    let read = serde_path_to_error::deserialize(&mut json).map_err(bad)?;
    json.end().map_err(|e| Problem::bad_request(None, e.to_string()))?;
    Ok(read)
}

/// Bytes of a media type.
pub fn typed(media_type: &'static str, bytes: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, media_type)], bytes.into()).into_response()
}

/// JSON that is worked out already.
pub fn json_bytes(bytes: &Arc<[u8]>) -> Response {
    typed("application/json", Bytes::from_owner(bytes.clone()))
}

/// Says what an answer was made from, and warns where there may be a newer one.
pub fn with_freshness(served: &Served, mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert("x-results-revision", HeaderValue::from(served.revision));
    let source = if served.published { "published" } else { "results" };
    headers.insert("x-catalog", HeaderValue::from_static(source));
    if served.stale {
        warn(headers);
    }
    response
}

/// Warns that there may be a newer answer.
pub fn warn(headers: &mut HeaderMap) {
    let warning = "110 assay \"newer results may exist; they are being read, or the stores are away\"";
    headers.insert(header::WARNING, HeaderValue::from_static(warning));
}
