//! The answers.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use catalog::{EstimateRequest, NoRecommendation, RecommendationRequest, Snapshot};
use chrono::Utc;
use domain::content_hash::content_hash;
use domain::known::PRICES_HASH;
use domain::{CampaignId, CampaignSpec};
use serde::Serialize;
use store::campaigns::{Control, control};
use store::{BatchRecord, CampaignRecord, ObjectKey, ReportForm, TtlClass};
use tokio::task::spawn_blocking;

use crate::catalog_query::catalog_query;
use crate::snapshot::Served;
use crate::{Context, Problem};

/// A body, or why it could not be read, such as its size.
type Body = Result<Bytes, BytesRejection>;

pub async fn healthz() -> &'static str {
    "ok"
}

pub async fn no_such_path(uri: Uri) -> Problem {
    Problem::not_found(format!("{} is not a path of this API; /openapi.json lists them", uri.path()))
}

pub async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not answer {method}; /openapi.json lists what does", uri.path());
    Problem { status: 405, title: "method not allowed", ..Problem::not_found(detail) }
}

/// `202`: the campaign begins or goes on. The body is a spec as YAML or JSON.
pub async fn create_campaign(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let body = body?;
    let text = std::str::from_utf8(&body).map_err(|_| {
        Problem::bad_request(None, "the body is not UTF-8; send a spec as YAML or JSON".to_owned())
    })?;
    let spec = CampaignSpec::from_yaml(text)
        .map_err(|e| Problem::bad_request(Some(e.field.clone()), e.to_string()))?;
    refuse_local_commands(&spec)?;
    let id = context.trigger.trigger(&spec).await?;
    let location = format!("/v1/campaigns/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(serde_json::json!({ "id": id })))
        .into_response())
}

/// Whoever can reach the API must not be able to start programs of their choice on the host: only files on
/// the machine itself may name a program, its arguments or its environment. Nor may they read the host's keys or have them
/// sent to servers of their choice.
fn refuse_local_commands(spec: &CampaignSpec) -> Result<(), Problem> {
    let refuse = |field: String| {
        let detail = format!("`{field}` is not accepted over HTTP; start such a campaign with `assay run`");
        Err(Problem::bad_request(Some(field), detail))
    };
    for (i, model) in spec.models.iter().enumerate() {
        let Some(hosted) = &model.hosted else { continue };
        let given = [("url", hosted.url.is_some()), ("key", hosted.key.is_some())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("models[{i}].hosted.{name}"));
        }
    }
    if let Some(tasks) = spec.accuracy.as_ref().and_then(|accuracy| accuracy.tasks.as_ref()) {
        let given = [("program", tasks.program.is_some()), ("include_path", tasks.include_path.is_some())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("accuracy.tasks.{name}"));
        }
    }
    for (i, f) in spec.frameworks.iter().enumerate() {
        let given =
            [("program", f.program.is_some()), ("env", !f.env.is_empty()), ("args", !f.args.is_empty())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("frameworks[{i}].{name}"));
        }
    }
    Ok(())
}

/// A campaign with its batches.
#[derive(Serialize)]
pub struct CampaignAnswer {
    #[serde(flatten)]
    campaign: CampaignRecord,
    batches: Vec<BatchRecord>,
}

pub async fn list_campaigns(State(context): State<Context>) -> Result<Json<Vec<CampaignRecord>>, Problem> {
    Ok(Json(context.ledger.campaigns().await?))
}

pub async fn campaign(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<CampaignAnswer>, Problem> {
    let id = campaign_id(&id)?;
    let campaign =
        context.ledger.campaign(&id).await?.ok_or_else(|| {
            Problem::not_found(format!("there is no campaign {id}; /v1/campaigns lists them"))
        })?;
    let batches = context.ledger.batches(&id).await?;
    Ok(Json(CampaignAnswer { campaign, batches }))
}

/// `202`: nothing of the campaign runs until it is resumed.
pub async fn pause(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Pause).await
}

/// `202`: it goes on where it was paused.
pub async fn resume(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Resume).await
}

/// `202`: nothing more of it runs.
pub async fn cancel(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Cancel).await
}

async fn controlled(
    State(context): State<Context>,
    Path(id): Path<String>,
    wanted: Control,
) -> Result<Response, Problem> {
    let id = campaign_id(&id)?;
    let campaign = control(context.ledger.as_ref(), context.bus.as_ref(), &id, wanted, Utc::now()).await?;
    Ok((StatusCode::ACCEPTED, Json(campaign)).into_response())
}

fn campaign_id(id: &str) -> Result<CampaignId, Problem> {
    id.parse().map_err(|e: domain::ids::BadId| Problem::bad_request(None, e.to_string()))
}

/// The report of a campaign with all of its numbers.
pub async fn report_json(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    report(&context, &id, ReportForm::Json).await
}

/// The report as a page.
pub async fn report_html(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    report(&context, &id, ReportForm::Html).await
}

/// The report for print.
pub async fn report_pdf(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    report(&context, &id, ReportForm::Pdf).await
}

async fn report(context: &Context, id: &str, form: ReportForm) -> Result<Response, Problem> {
    let id = campaign_id(id)?;
    let Some(report) = context.objects.get(&ObjectKey::report(&id, form)).await? else {
        let detail = format!("there is no report of a campaign {id}; it is made when the campaign has ended");
        return Err(Problem::not_found(detail));
    };
    // What a report says of engines is theirs: nothing in it may run.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let headers = [(header::CONTENT_TYPE, form.media_type()), (header::CONTENT_SECURITY_POLICY, policy)];
    Ok((headers, report).into_response())
}

/// A page of the catalogue; [`catalog_query`] says how it is asked for.
pub async fn catalog(State(context): State<Context>, uri: Uri) -> Result<Response, Problem> {
    let query = catalog_query(&uri)?;
    let served = context.snapshot.get().await?;
    let snapshot = served.snapshot.clone();
    let page = worked_out(move || snapshot.query(&query)).await?;
    Ok(with_freshness(&served, Json(page).into_response()))
}

/// `200` with a ranking, `422` when nothing fits: then the problem says what would have to be relaxed.
pub async fn recommendations(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let body = body?;
    let request: RecommendationRequest =
        serde_json::from_slice(&body).map_err(|e| Problem::bad_request(None, e.to_string()))?;
    let served = context.snapshot.get().await?;
    let question = content_hash(&request)
        .map_err(|e| Problem { status: 500, ..Problem::bad_request(None, e.to_string()) })?;
    let snapshot = served.snapshot.clone();
    let make = || async move { worked_out(move || recommend(&snapshot, &request)).await? };
    let answer = context.hot.answer(&hot_key(&served, &question), TtlClass::Hot, Utc::now(), make).await?;
    Ok(with_freshness(&served, json_bytes(answer.to_vec())))
}

fn recommend(snapshot: &Snapshot, request: &RecommendationRequest) -> Result<Vec<u8>, Problem> {
    let recommendation = catalog::recommend(snapshot, request).map_err(|none| refused(&none))?;
    serde_json::to_vec(&recommendation)
        .map_err(|e| Problem { status: 500, ..Problem::bad_request(None, e.to_string()) })
}

/// `200` with what traffic that was not measured would yield, `422` when nothing near it was.
pub async fn estimates(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let request: EstimateRequest =
        serde_json::from_slice(&body?).map_err(|e| Problem::bad_request(None, e.to_string()))?;
    let served = context.snapshot.get().await?;
    let snapshot = served.snapshot.clone();
    let estimates = worked_out(move || snapshot.estimates(&request)).await?.map_err(|none| refused(&none))?;
    Ok(with_freshness(&served, Json(estimates).into_response()))
}

/// Works an answer out on a thread for that, so that one question does not hold up the others.
async fn worked_out<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "an answer was not worked out");
        Problem { status: 500, title: "internal error", ..Problem::bad_request(None, error.to_string()) }
    })
}

/// Why there is no answer, as a problem.
fn refused(none: &NoRecommendation) -> Problem {
    if let NoRecommendation::BadRequest { field, .. } = none {
        return Problem::bad_request(Some(field.clone()), none.to_string());
    }
    Problem {
        status: 422,
        title: "no recommendation",
        detail: none.to_string(),
        field: None,
        more: serde_json::to_value(none).ok().map(Box::new),
    }
}

/// The version and the prices belong to the key: with others the answer may be another.
fn hot_key(served: &Served, question: &str) -> String {
    let Served { revision, fingerprint, .. } = served;
    let prices = &*PRICES_HASH;
    format!("recommendation:{}:{prices}:{revision}:{fingerprint}:{question}", env!("CARGO_PKG_VERSION"))
}

fn json_bytes(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

fn with_freshness(served: &Served, mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert("x-results-revision", HeaderValue::from(served.revision));
    let source = if served.published { "published" } else { "results" };
    headers.insert("x-catalog", HeaderValue::from_static(source));
    if served.stale {
        let warning = "110 assay \"newer results may exist; they are being read, or the stores are away\"";
        headers.insert(header::WARNING, HeaderValue::from_static(warning));
    }
    response
}
