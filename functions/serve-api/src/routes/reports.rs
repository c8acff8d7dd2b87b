//! The **report** of a campaign that has ended, in each of its forms.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::{ObjectKey, ReportForm};

use super::campaigns::campaign_id;
use crate::{Context, Problem};

/// How long a report can be read where it is kept, by whoever has the link: it is followed at once.
const LINK_VALID_FOR: Duration = Duration::from_secs(300);

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

/// Where a report is too large to be carried, whoever asked is sent to where it is kept.
async fn report(context: &Context, id: &str, form: ReportForm) -> Result<Response, Problem> {
    let id = campaign_id(id)?;
    let key = ObjectKey::report(&id, form);
    let Some(report) = context.objects.get(&key).await? else {
        let detail = format!("there is no report of a campaign {id}; it is made when the campaign has ended");
        return Err(Problem::not_found(detail));
    };
    // What a report says of engines is theirs: nothing in it may run.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let headers = [(header::CONTENT_TYPE, form.media_type()), (header::CONTENT_SECURITY_POLICY, policy)];
    let headers = HeaderMap::from_iter(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    if context.settings.most_bytes.is_some_and(|most| !most.fits(&headers, &report))
        && let Some(link) = context.objects.link(&key, form.media_type(), LINK_VALID_FOR).await?
    {
        let headers = [(header::LOCATION, link), (header::CACHE_CONTROL, "no-store".to_owned())];
        return Ok((StatusCode::SEE_OTHER, headers).into_response());
    }
    Ok((headers, report).into_response())
}
