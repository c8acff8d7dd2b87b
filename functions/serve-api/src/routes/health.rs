//! Whether the server runs, and what it says where there is nothing to say.

use axum::extract::State;
use axum::http::{Method, Uri};

use crate::problem::Kind;
use crate::{Context, Problem};

/// The process runs.
pub async fn healthz() -> &'static str {
    "ok"
}

/// Questions are answered: there is a catalogue, if only the last one.
pub async fn readyz(State(context): State<Context>) -> Result<&'static str, Problem> {
    context.snapshot.get().await?;
    Ok("ok")
}

/// `404`
pub async fn no_such_path(uri: Uri) -> Problem {
    Problem::not_found(format!("{} is not a path of this API; /openapi.json lists them", uri.path()))
}

/// `405`
pub async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not answer {method}; /openapi.json lists what does", uri.path());
    Problem::new(Kind::MethodNotAllowed, detail)
}
