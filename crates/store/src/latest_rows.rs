//! Putting the latest results together as columns, from the rows of either database.

use std::collections::HashMap;

use domain::latest::{Caveats, Coded, LatestColumns};
use domain::{Column, Provenance, Serving, Workload};
use futures::{Stream, TryStreamExt};
use serde::de::DeserializeOwned;

use crate::figures;
use crate::rollup_rows::{Unreadable, named};

/// All rows as columns. `read` is the row of a database; it has none for a row that another version wrote, and then there
/// are no columns.
pub async fn columns<R>(
    mut rows: impl Stream<Item = sqlx::Result<R>> + Unpin,
    read: impl Fn(&R) -> sqlx::Result<Option<LatestRow<'_>>>,
    descriptions: &Descriptions,
) -> sqlx::Result<Option<LatestColumns>> {
    let mut builder = Builder::new();
    while let Some(row) = rows.try_next().await? {
        let Some(row) = read(&row)? else { return Ok(None) };
        builder.add(&row, descriptions).map_err(sqlx::Error::Decode)?;
    }
    Ok(Some(builder.build()))
}

/// A row of `latest_results` that this version wrote.
pub struct LatestRow<'r> {
    pub config_id: &'r str,
    pub run_id: &'r str,
    pub measured_at_us: i64,
    pub provenance: &'r str,
    pub launch: &'r str,
    pub workload: &'r str,
    pub engine_version: Option<&'r str>,
    pub caveats: &'r str,
    pub figures: &'r [u8],
}

/// Rows on their way to columns.
struct Builder {
    columns: LatestColumns,
    servings: Coder<Serving>,
    workloads: Coder<Workload>,
    engine_versions: Coder<Option<String>>,
    caveats: Coder<Caveats>,
    provenance: Coder<Provenance>,
}

/// Gives each text that stands for a value a code.
struct Coder<T> {
    codes: HashMap<String, u32>,
    coded: Coded<T>,
}

impl<T> Coder<T> {
    fn new() -> Self {
        Self { codes: HashMap::new(), coded: Coded::default() }
    }

    fn add(&mut self, text: &str, value: impl FnOnce() -> Result<T, Unreadable>) -> Result<(), Unreadable> {
        let code = match self.codes.get(text) {
            Some(code) => *code,
            None => {
                let code = u32::try_from(self.coded.values.len())?;
                self.coded.values.push(value()?);
                self.codes.insert(text.to_owned(), code);
                code
            }
        };
        self.coded.codes.push(code);
        Ok(())
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            columns: LatestColumns {
                numbers: vec![Vec::new(); Column::stored().count()],
                ..LatestColumns::default()
            },
            servings: Coder::new(),
            workloads: Coder::new(),
            engine_versions: Coder::new(),
            caveats: Coder::new(),
            provenance: Coder::new(),
        }
    }

    /// Adds a row, which comes after those before it.
    fn add(&mut self, row: &LatestRow<'_>, descriptions: &Descriptions) -> Result<(), Unreadable> {
        let columns = &mut self.columns;
        columns.config_ids.push(row.config_id.parse()?);
        columns.run_ids.push(row.run_id.parse()?);
        columns.measured_at.push(row.measured_at_us);
        self.provenance.add(row.provenance, || named(row.provenance))?;
        self.servings.add(row.launch, || descriptions.serving(row.launch))?;
        self.workloads.add(row.workload, || descriptions.workload(row.workload))?;
        // No version is told as an empty text.
        let version = || Ok(row.engine_version.map(str::to_owned));
        self.engine_versions.add(row.engine_version.unwrap_or_default(), version)?;
        self.caveats.add(row.caveats, || Ok(serde_json::from_str(row.caveats)?))?;
        if !figures::read(row.figures, &mut columns.numbers) {
            return Err(format!("run {} has {} bytes of figures", row.run_id, row.figures.len()).into());
        }
        Ok(())
    }

    fn build(self) -> LatestColumns {
        LatestColumns {
            provenance: self.provenance.coded,
            servings: self.servings.coded,
            workloads: self.workloads.coded,
            engine_versions: self.engine_versions.coded,
            caveats: self.caveats.coded,
            ..self.columns
        }
    }
}

/// The whole descriptions of launches and workloads by their ids, as JSON.
pub struct Descriptions {
    launches: HashMap<String, String>,
    workloads: HashMap<String, String>,
}

impl Descriptions {
    pub fn new(launches: Vec<(String, String)>, workloads: Vec<(String, String)>) -> Self {
        Self { launches: launches.into_iter().collect(), workloads: workloads.into_iter().collect() }
    }

    fn serving(&self, id: &str) -> Result<Serving, Unreadable> {
        described(&self.launches, id)
    }

    fn workload(&self, id: &str) -> Result<Workload, Unreadable> {
        described(&self.workloads, id)
    }
}

fn described<T: DeserializeOwned>(descriptions: &HashMap<String, String>, id: &str) -> Result<T, Unreadable> {
    let text = descriptions.get(id).ok_or_else(|| format!("`{id}` is not described"))?;
    Ok(serde_json::from_str(text)?)
}
