//! The **API server**: what is asked of it, and its refusals.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use serde_json::{Value, json};

use super::controller::now;
use super::{NAMESPACE, Shared};

type Fake = State<Arc<Shared>>;
type Asked = Query<BTreeMap<String, String>>;

/// Most objects of a page, whatever is asked for: so that tests meet pages.
const PAGE: usize = 3;

pub fn router(shared: Arc<Shared>) -> Router {
    let all = "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows";
    Router::new()
        .route(all, get(list).post(create))
        .route(&format!("{all}/{{name}}"), patch(merge))
        .layer(from_fn_with_state(shared.clone(), admit))
        .with_state(shared)
}

/// A refusal as the API tells it.
fn refusal(code: StatusCode, reason: &str, message: &str) -> Response {
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16()});
    (code, Json(body)).into_response()
}

async fn admit(State(shared): Fake, request: Request, next: Next) -> Response {
    {
        let mut cluster = shared.cluster();
        cluster.calls.push(format!("{} {}", request.method(), request.uri().path()));
        if cluster.outages > 0 {
            cluster.outages -= 1;
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "etcd has no leader");
        }
        let expected = format!("Bearer {}", cluster.token);
        if request.headers().get("authorization").is_none_or(|told| told.as_bytes() != expected.as_bytes()) {
            return refusal(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized");
        }
    }
    if !request.uri().path().contains(&format!("/namespaces/{NAMESPACE}/")) {
        let message = "workflows.argoproj.io is forbidden: User \"system:serviceaccount:model-catalog:assay\" \
                       cannot access it in another namespace";
        return refusal(StatusCode::FORBIDDEN, "Forbidden", message);
    }
    next.run(request).await
}

async fn list(State(shared): Fake, Query(asked): Asked) -> Response {
    let selector = asked.get("labelSelector").map_or("", String::as_str);
    let from = asked.get("continue").cloned().unwrap_or_default();
    let cluster = shared.cluster();
    let fitting =
        cluster.workflows.iter().filter(|(name, workflow)| **name > from && fits(workflow, selector));
    let page: Vec<(&String, &Value)> = fitting.take(PAGE + 1).collect();
    let next = page.get(PAGE).and(page.get(PAGE - 1)).map_or("", |(name, _)| name.as_str());
    let items: Vec<&Value> = page.iter().take(PAGE).map(|(_, workflow)| *workflow).collect();
    Json(json!({"kind": "WorkflowList", "apiVersion": "argoproj.io/v1alpha1", "items": items,
        "metadata": {"resourceVersion": cluster.version.to_string(), "continue": next}}))
    .into_response()
}

/// Selectors that are equal, there or not there.
fn fits(workflow: &Value, selector: &str) -> bool {
    let labels = &workflow["metadata"]["labels"];
    selector.split(',').filter(|term| !term.is_empty()).all(|term| {
        if let Some(absent) = term.strip_prefix('!') {
            return labels[absent].is_null();
        }
        match term.split_once('=') {
            Some((name, value)) => labels[name] == value,
            None => !labels[term].is_null(),
        }
    })
}

async fn create(
    State(shared): Fake,
    Path(namespace): Path<String>,
    Json(mut asked): Json<Value>,
) -> Response {
    let unusable = |message: String| refusal(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", &message);
    if asked["kind"] != "Workflow" || asked["apiVersion"] != "argoproj.io/v1alpha1" {
        return refusal(StatusCode::BAD_REQUEST, "BadRequest", "the object provided is of another kind");
    }
    if asked["metadata"]["namespace"] != namespace {
        return refusal(StatusCode::BAD_REQUEST, "BadRequest", "the namespace does not match the request");
    }
    let name = asked["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = |text: &str, ok: &dyn Fn(char) -> bool| text.starts_with(ok) && text.ends_with(ok);
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    // Argo refuses names that do not leave room for those of pods, at 63.
    if name.len() > 63 || !name.chars().all(of_name) || !ends(&name, &alphanumeric) {
        return unusable(format!("metadata.name: Invalid value: {name:?}"));
    }
    for (label, value) in asked["metadata"]["labels"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let of_label = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if value.len() > 63 || !value.chars().all(of_label) || !ends(value, &alphanumeric) {
            return unusable(format!("metadata.labels: Invalid value: {label}={value:?}"));
        }
    }
    let mut cluster = shared.cluster();
    if cluster.workflows.contains_key(&name) {
        let message = format!("workflows.argoproj.io \"{name}\" already exists");
        return refusal(StatusCode::CONFLICT, "AlreadyExists", &message);
    }
    asked["metadata"]["uid"] = uuid::Uuid::new_v4().to_string().into();
    asked["metadata"]["creationTimestamp"] = now().into();
    cluster.workflows.insert(name.clone(), asked);
    cluster.touch(&name);
    let created = cluster.workflows[&name].clone();
    cluster.admit(&name);
    (StatusCode::CREATED, Json(created)).into_response()
}

async fn merge(
    State(shared): Fake,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if headers.get("content-type").is_none_or(|kind| kind != "application/merge-patch+json") {
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", "not a merge patch");
    }
    let Ok(patch) = serde_json::from_str::<Value>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "BadRequest", "not JSON");
    };
    let mut cluster = shared.cluster();
    if cluster.begins_before_patch.remove(&name) {
        cluster.begin(&name);
    }
    let Some(workflow) = cluster.workflows.get_mut(&name) else {
        let message = format!("workflows.argoproj.io \"{name}\" not found");
        return refusal(StatusCode::NOT_FOUND, "NotFound", &message);
    };
    let version = &patch["metadata"]["resourceVersion"];
    if !version.is_null() && *version != workflow["metadata"]["resourceVersion"] {
        let message = "the object has been modified; please apply your changes to the latest version";
        return refusal(StatusCode::CONFLICT, "Conflict", message);
    }
    merge_into(workflow, &patch);
    cluster.touch(&name);
    cluster.reconcile(&name);
    Json(cluster.workflows[&name].clone()).into_response()
}

/// <https://www.rfc-editor.org/rfc/rfc7396>
fn merge_into(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().expect("an object").remove(key);
        } else {
            merge_into(&mut target[key], value);
        }
    }
}
