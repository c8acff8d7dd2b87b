//! The **report** of a campaign that has ended, in each of its forms.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use store::{ObjectKey, ReportForm};

use super::campaigns::campaign_id;
use crate::{Context, Problem};

/// With all of its numbers.
pub async fn json(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    report(&context, &id, ReportForm::Json).await
}

/// As a page.
pub async fn html(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    report(&context, &id, ReportForm::Html).await
}

/// For print.
pub async fn pdf(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
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
