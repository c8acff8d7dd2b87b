//! The catalogue as a **download**: all results that match, as CSV or Parquet.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use catalog::Query;

use super::catalog_query::{filter, none_left, ranges, sort};
use crate::answers::Asked;
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// A form of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// A row a line.
    Csv,
    /// Columns.
    Parquet,
}

impl TableForm {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Parquet];

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"assay-catalog.csv\"",
            Self::Parquet => "attachment; filename=\"assay-catalog.parquet\"",
        }
    }
}

/// `GET /v1/catalog.csv`
pub async fn csv(state: State<Context>, asked: Asked) -> Result<Response, Problem> {
    table(state, asked, TableForm::Csv).await
}

/// `GET /v1/catalog.parquet`
pub async fn parquet(state: State<Context>, asked: Asked) -> Result<Response, Problem> {
    table(state, asked, TableForm::Parquet).await
}

/// All results that match.
pub async fn table(
    State(context): State<Context>,
    asked: Asked,
    form: TableForm,
) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let query = Query {
        filter: filter(&mut parameters)?,
        ranges: ranges(&mut parameters)?,
        sort: sort(&mut parameters)?,
        ..Query::default()
    };
    none_left(parameters, "sort")?;
    let served = context.snapshot.get().await?;
    let made = asked.of(served, form.media_type(), move |served| {
        let table = served.snapshot.table(&query);
        let made = match form {
            TableForm::Csv => table.to_csv(),
            TableForm::Parquet => table.to_parquet(),
        };
        made.map_err(Problem::internal)
    });
    let mut response = made.await?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(form.file()));
    Ok(response)
}
