//! The HTTP API: every call is a POST with JSON. Also the instance metadata of every host.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde_json::{Value, json};

use super::Shared;
use super::job::{Control, Job, Request};
use super::retry::RetryStrategy;
use super::{lifecycle, lifecycle::submit};

type Fake = State<Arc<Shared>>;

/// What the caller did wrong.
struct ClientException(String);

impl IntoResponse for ClientException {
    fn into_response(self) -> Response {
        let body = Json(json!({"message": self.0}));
        (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "ClientException")], body).into_response()
    }
}

type Answer = Result<Json<Value>, ClientException>;

pub fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/submitjob", post(submit_job))
        .route("/v1/describejobs", post(describe_jobs))
        .route("/v1/listjobs", post(list_jobs))
        .route("/v1/terminatejob", post(terminate_job))
        .route("/imds/{host}/latest/api/token", put(async || "token"))
        .route("/imds/{host}/latest/meta-data/spot/instance-action", get(instance_action))
        .with_state(shared)
}

async fn submit_job(State(shared): Fake, Json(asked): Json<Value>) -> Answer {
    let request = read_request(&shared, &asked)?;
    let size = match asked["arrayProperties"]["size"].as_u64() {
        None => None,
        Some(size @ 2..=10_000) => u32::try_from(size).ok(),
        Some(size) => {
            return Err(ClientException(format!("the array size is {size}, and must be from 2 to 10000")));
        }
    };
    let name = request.name.clone();
    Ok(Json(json!({"jobId": submit(&shared, request, size), "jobName": name})))
}

fn read_request(shared: &Shared, asked: &Value) -> Result<Request, ClientException> {
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let known = |kind: &str, name: &str, all: &[String]| {
        let there = all.iter().any(|known| known == name);
        if there { Ok(()) } else { Err(ClientException(format!("{kind} {name} does not exist"))) }
    };
    known("JobQueue", &text("jobQueue"), &shared.config.queues)?;
    known("JobDefinition", &text("jobDefinition"), &shared.config.definitions)?;
    let name = text("jobName");
    let ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !(1..=128).contains(&name.len()) || !name.chars().all(ok) || !name.starts_with(char::is_alphanumeric) {
        return Err(ClientException(format!("`{name}` is not a job name")));
    }
    let overrides = shared.platform.overrides(asked).map_err(ClientException)?;
    Ok(Request {
        name,
        queue: text("jobQueue"),
        definition: text("jobDefinition"),
        parameters: asked["parameters"].as_object().cloned().unwrap_or_default(),
        entrypoint: overrides.entrypoint,
        arguments: overrides.arguments,
        environment: overrides.environment,
        resources: overrides.resources,
        retry: RetryStrategy::read(&asked["retryStrategy"]).map_err(ClientException)?,
    })
}

async fn describe_jobs(State(shared): Fake, Json(asked): Json<Value>) -> Answer {
    let ids = asked["jobs"].as_array().cloned().unwrap_or_default();
    if ids.len() > 100 {
        return Err(ClientException(format!("{} jobs are described, and 100 may be", ids.len())));
    }
    let jobs = shared.jobs();
    let known: Vec<Value> =
        ids.iter().filter_map(|id| jobs.describe(id.as_str()?, shared.platform)).collect();
    Ok(Json(json!({"jobs": known})))
}

/// Those of a queue whose name fits the filter, or in one state, `RUNNING` unless another is asked for.
async fn list_jobs(State(shared): Fake, Json(asked): Json<Value>) -> Answer {
    let Some(queue) =
        asked["jobQueue"].as_str().filter(|queue| shared.config.queues.iter().any(|q| q == queue))
    else {
        return Err(ClientException(format!("JobQueue {} does not exist", asked["jobQueue"])));
    };
    let filter = &asked["filters"][0];
    let fits = |job: &Job| match filter["name"].as_str() {
        Some("JOB_NAME") => {
            let wanted = filter["values"][0].as_str().unwrap_or_default().to_lowercase();
            let name = job.request.name.to_lowercase();
            wanted.strip_suffix('*').map_or(name == wanted, |start| name.starts_with(start))
        }
        _ => job.status.name() == asked["jobStatus"].as_str().unwrap_or("RUNNING"),
    };
    let jobs = shared.jobs();
    let found: Vec<Value> = jobs
        .all()
        .filter(|job| job.request.queue == queue && !job.id.contains(':') && fits(job))
        .map(|job| json!({"jobId": job.id, "jobName": job.request.name, "status": job.status.name()}))
        .collect();
    let from: usize = asked["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
    let page = asked["maxResults"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(100).min(100);
    let next = from + page;
    let mut answer = json!({"jobSummaryList": found.iter().skip(from).take(page).collect::<Vec<_>>()});
    if next < found.len() {
        answer["nextToken"] = json!(next.to_string());
    }
    Ok(Json(answer))
}

/// A job that is not there is no error.
async fn terminate_job(State(shared): Fake, Json(asked): Json<Value>) -> Answer {
    let (Some(id), Some(reason)) = (asked["jobId"].as_str(), asked["reason"].as_str()) else {
        return Err(ClientException("jobId and reason are required".to_owned()));
    };
    lifecycle::terminate(&shared, id, reason);
    Ok(Json(json!({})))
}

/// The notice of a spot interruption, once there is one.
async fn instance_action(State(shared): Fake, Path(host): Path<String>) -> Result<Json<Value>, StatusCode> {
    let jobs = shared.jobs();
    let job = jobs.all().find(|job| job.host.as_ref() == Some(&host)).ok_or(StatusCode::NOT_FOUND)?;
    match &*job.control.borrow() {
        Control::Reclaim => {
            let time = chrono::Utc::now() + shared.config.notice;
            Ok(Json(
                json!({"action": "terminate", "time": time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)}),
            ))
        }
        _ => Err(StatusCode::NOT_FOUND),
    }
}
