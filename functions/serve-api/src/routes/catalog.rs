//! The **catalogue**: its pages.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use catalog::query::FacetValue;
use catalog::{Axis, CatalogEntry, Page, Query};
use schemars::JsonSchema;
use serde::Serialize;

use super::catalog_query::{filter, none_left, ranges, sort};
use super::cursor::Cursor;
use super::download::{TableForm, table};
use crate::answers::Asked;
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// Entries of a page when nobody says.
pub const USUAL_PAGE: usize = 100;

/// Most entries of a page.
pub const MOST_ENTRIES: usize = 1000;

/// A page of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogPage {
    /// How many results match in all.
    pub total: usize,
    /// How many of them are before this page.
    pub skip: usize,
    /// Those of the page.
    pub entries: Vec<CatalogEntry>,
    /// For each axis its values and what choosing each instead would find, the most first. A value that finds nothing
    /// is not listed.
    pub facets: BTreeMap<Axis, Vec<FacetValue>>,
    /// `cursor` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A page; [`super::catalog_query`] says how it is asked for.
/// Asked for as CSV or Parquet it is no page, but all results that match.
pub async fn page(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    if let Some(form) = TableForm::ALL.into_iter().find(|form| asked.accepts(form.media_type())) {
        return table(State(context), asked, form).await;
    }
    let mut parameters = Parameters::of(&asked.uri)?;
    let cursor: Option<Cursor> = parameters.one("cursor")?;
    let skip: Option<usize> = parameters.one("skip")?;
    if cursor.is_some() && skip.is_some() {
        return Err(Problem::bad_field(
            "skip",
            "`skip` and `cursor` both say where the page begins; give one",
        ));
    }
    let limit = parameters.number("limit", 0..=MOST_ENTRIES, USUAL_PAGE)?;
    let query = Query {
        filter: filter(&mut parameters)?,
        ranges: ranges(&mut parameters)?,
        sort: sort(&mut parameters)?,
        skip: skip.unwrap_or_default(),
        limit,
    };
    none_left(parameters, "sort, limit, cursor, skip")?;
    let make = move |snapshot: &catalog::Snapshot, served: &crate::snapshot::Served| {
        let question = format!("{:?} {:?} {:?}", query.filter, query.ranges, query.sort);
        let skip = cursor.map_or(Ok(query.skip), |cursor| cursor.skip_in(served, &question))?;
        let Page { total, skip, entries, facets } = snapshot.query(&Query { skip, ..query });
        let next = skip.saturating_add(entries.len());
        let more = next < total && !entries.is_empty();
        let next_cursor = more.then(|| Cursor::at(served, &question, next).to_string());
        Ok(CatalogPage { total, skip, entries, facets, next_cursor })
    };
    asked.json(&context, make).await
}
