//! A snapshot as a **file**: one record batch in Arrow's IPC format, compressed with zstd, which other tools read as
//! well.
//!
//! Launches, workloads, versions and caveats are dictionaries of JSON texts, so that the file does not change its form when a
//! configuration gets a new property. A number that was not measured is null.

use std::collections::HashMap;
use std::io::Cursor;
use std::str::FromStr;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType, UInt32Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, Schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dictionary::Dictionary;
use crate::snapshot::Rows;
use crate::{Column, Snapshot};

/// The version of the form, in the file's metadata.
const VERSION: &str = "8";
const VERSION_KEY: &str = "assay.snapshot";

/// Which file is the published one, as it is written beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The store of these results: another one's host may publish to the same place.
    pub store: String,
    /// The revision of the results that it was made from.
    pub revision: u64,
    /// Hash of its content ([`domain::content_hash::hash_bytes`]).
    pub hash: String,
}

/// A file that is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not in Arrow's format, or damaged.
    #[error("the snapshot cannot be read; publish the catalogue again")]
    Arrow(#[from] ArrowError),
    /// A configuration in it is not what this version knows.
    #[error("`{column}` of the snapshot is not what this version writes; publish the catalogue again")]
    Value {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A column is missing, of another kind or of another length.
    #[error("the snapshot has no column `{0}` as this version writes it; publish the catalogue again")]
    Column(String),
    /// It was written by another version.
    #[error(
        "the snapshot is of version {0} and this program reads version {VERSION}; publish the catalogue again"
    )]
    Version(String),
}

impl Snapshot {
    /// The snapshot as a file.
    ///
    /// # Errors
    /// When Arrow cannot write it, which no snapshot makes it do.
    pub fn to_file(&self) -> Result<Vec<u8>, FileError> {
        let rows = &self.rows;
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("config_id".to_owned(), Arc::new(texts(&rows.config_ids))),
            ("run_id".to_owned(), Arc::new(texts(&rows.run_ids))),
            (
                "measured_at".to_owned(),
                Arc::new(TimestampMicrosecondArray::from(rows.measured_at.clone()).with_timezone("UTC")),
            ),
            ("provenance".to_owned(), Arc::new(dictionary("provenance", &rows.provenance)?)),
            ("launch".to_owned(), Arc::new(dictionary("launch", &rows.servings)?)),
            ("workload".to_owned(), Arc::new(dictionary("workload", &rows.workloads)?)),
            ("engine_version".to_owned(), Arc::new(dictionary("engine_version", &rows.engine_versions)?)),
            ("caveats".to_owned(), Arc::new(dictionary("caveats", &rows.caveats)?)),
        ];
        for column in Column::stored() {
            let values = self.column(column).iter().map(|value| Some(*value).filter(|v| !v.is_nan()));
            columns.push((column.to_string(), Arc::new(Float64Array::from_iter(values))));
        }
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))?;
        let metadata = HashMap::from([(VERSION_KEY.to_owned(), VERSION.to_owned())]);
        let schema = Arc::new(Schema::new_with_metadata(batch.schema().fields().clone(), metadata));
        let batch = batch.with_schema(schema.clone())?;
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options)?;
        writer.write(&batch)?;
        writer.finish()?;
        Ok(writer.into_inner()?)
    }

    /// A snapshot from a file's content.
    ///
    /// # Errors
    /// When it is no snapshot, damaged, or written by another version.
    pub fn from_file(content: &[u8]) -> Result<Self, FileError> {
        let mut reader = FileReader::try_new(Cursor::new(content), None)?;
        let version = reader.schema().metadata().get(VERSION_KEY).cloned().unwrap_or_default();
        if version != VERSION {
            return Err(FileError::Version(version));
        }
        let batch = reader.next().ok_or_else(|| FileError::Column("config_id".to_owned()))??;
        let column =
            |name: &str| batch.column_by_name(name).ok_or_else(|| FileError::Column(name.to_owned()));
        let numbers = Column::stored().map(|c| {
            let name = c.to_string();
            let array = column(&name)?.as_primitive_opt::<Float64Type>().ok_or(FileError::Column(name))?;
            // Most columns have no gap and are taken as they are.
            Ok(match array.null_count() {
                0 => array.values().clone(),
                nulls if nulls == array.len() => vec![f64::NAN; nulls].into(),
                _ => array.iter().map(|value| value.unwrap_or(f64::NAN)).collect::<Vec<f64>>().into(),
            })
        });
        let measured_at = column("measured_at")?.as_primitive_opt::<TimestampMicrosecondType>();
        let measured_at = measured_at.ok_or_else(|| FileError::Column("measured_at".to_owned()))?;
        Ok(Self::of(Rows {
            config_ids: read_ids("config_id", column("config_id")?)?,
            run_ids: read_ids("run_id", column("run_id")?)?,
            measured_at: measured_at.values().to_vec(),
            provenance: read_dictionary("provenance", column("provenance")?)?,
            servings: read_dictionary("launch", column("launch")?)?,
            workloads: read_dictionary("workload", column("workload")?)?,
            engine_versions: read_dictionary("engine_version", column("engine_version")?)?,
            caveats: read_dictionary("caveats", column("caveats")?)?,
            numbers: numbers.collect::<Result<_, FileError>>()?,
        }))
    }
}

fn texts<T: std::fmt::Display>(ids: &[T]) -> StringArray {
    ids.iter().map(|id| Some(id.to_string())).collect()
}

fn dictionary<T: Serialize>(
    column: &'static str,
    dictionary: &Dictionary<T>,
) -> Result<DictionaryArray<UInt32Type>, FileError> {
    let values: Vec<String> = dictionary
        .values()
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()
        .map_err(|source| FileError::Value { column, source })?;
    let codes = UInt32Array::from(dictionary.codes().to_vec());
    Ok(DictionaryArray::try_new(codes, Arc::new(StringArray::from(values)))?)
}

fn read_ids<T: FromStr>(column: &str, array: &ArrayRef) -> Result<Vec<T>, FileError> {
    let other = || FileError::Column(column.to_owned());
    let ids = array.as_string_opt::<i32>().filter(|ids| ids.null_count() == 0).ok_or_else(other)?;
    ids.iter().map(|id| id.unwrap_or_default().parse().map_err(|_| other())).collect()
}

fn read_dictionary<T: DeserializeOwned>(
    column: &'static str,
    array: &ArrayRef,
) -> Result<Dictionary<T>, FileError> {
    let other = || FileError::Column(column.to_owned());
    let array = array.as_dictionary_opt::<UInt32Type>().ok_or_else(other)?;
    let values = array.values().as_string_opt::<i32>().ok_or_else(other)?;
    let values = values
        .iter()
        .map(|text| serde_json::from_str(text.unwrap_or_default()))
        .collect::<Result<_, _>>()
        .map_err(|source| FileError::Value { column, source })?;
    Dictionary::new(values, array.keys().values().to_vec()).ok_or_else(other)
}
