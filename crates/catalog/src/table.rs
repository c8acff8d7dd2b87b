//! A **table** of the catalogue: the results that a query matches, one a row, for other tools: as CSV or as Parquet. The
//! columns are the same in both: what a result is of as texts, then every number under its name in queries. A number that
//! was not measured is an empty field or null.

use std::sync::Arc;

use chrono::SecondsFormat;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::axis::wire_name;
use crate::filter::Failing;
use crate::{Axis, Column, Query, Snapshot};

/// Rows of a group in a Parquet file.
const ROWS_PER_GROUP: usize = 50_000;

/// A table that cannot be written, which no snapshot brings about.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// As CSV.
    #[error("the table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// As Parquet.
    #[error("the table cannot be written as Parquet")]
    Parquet(#[from] ParquetError),
}

/// Results in order.
#[derive(Debug)]
pub struct Table<'a> {
    snapshot: &'a Snapshot,
    rows: Vec<usize>,
}

/// Texts before those of the axes.
const TEXTS: [&str; 2] = ["config_id", "run_id"];

/// Texts after them.
const LAST_TEXT: &str = "flags";

const MEASURED_AT: &str = "measured_at";

impl Snapshot {
    /// All results that a query matches, in its order. It is no page: `skip` and `limit` do not count.
    #[must_use]
    pub fn table(&self, query: &Query) -> Table<'_> {
        let failing = Failing::of(self, &query.filter);
        let in_range = self.in_ranges(&query.ranges);
        let matching = failing
            .rows(self)
            .enumerate()
            .filter(|(row, axes)| *axes == 0 && in_range.get(*row).is_none_or(|in_range| *in_range));
        let all = Query { skip: 0, limit: usize::MAX, ..query.clone() };
        let rows = self.page(matching.map(|(row, _)| row).collect(), &all);
        Table { snapshot: self, rows }
    }
}

impl Table<'_> {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As CSV with a head (RFC 4180).
    ///
    /// # Errors
    /// When it cannot be written, which no snapshot brings about.
    pub fn to_csv(&self) -> Result<Vec<u8>, TableError> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let axes = Axis::ALL.map(Axis::name);
        let columns: Vec<Column> = Column::all().collect();
        for name in
            TEXTS.into_iter().chain([MEASURED_AT]).chain(axes.iter().map(String::as_str)).chain([LAST_TEXT])
        {
            csv.write_field(name)?;
        }
        for column in &columns {
            csv.write_field(column.to_string())?;
        }
        csv.write_record(None::<&[u8]>)?;
        let codes: Vec<[usize; 4]> = self.snapshot.rows.codes().collect();
        for &row in &self.rows {
            csv.write_field(self.snapshot.rows.config_ids.get(row).map_or("", |id| id.as_str()))?;
            csv.write_field(self.snapshot.rows.run_ids.get(row).map_or("", |id| id.as_str()))?;
            let at = self.snapshot.measured_at(row).map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
            csv.write_field(at.unwrap_or_default())?;
            for axis in Axis::ALL {
                csv.write_field(self.name(axis, codes.get(row)))?;
            }
            csv.write_field(self.flags(row))?;
            for &column in &columns {
                let number = self.snapshot.present(row, column);
                csv.write_field(number.map(|number| number.to_string()).unwrap_or_default())?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
        csv.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }

    /// As Parquet, compressed with zstd.
    ///
    /// # Errors
    /// As [`Self::to_csv`].
    pub fn to_parquet(&self) -> Result<Vec<u8>, TableError> {
        let created = format!("assay {}", env!("CARGO_PKG_VERSION"));
        let told = KeyValue::new("assay.prices".to_owned(), domain::known::PRICES_HASH.clone());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(created)
            .set_key_value_metadata(Some(vec![told]));
        let schema = Arc::new(parse_message_type(&schema())?);
        let mut bytes = Vec::new();
        let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties.build()))?;
        let codes: Vec<[usize; 4]> = self.snapshot.rows.codes().collect();
        for rows in self.rows.chunks(ROWS_PER_GROUP) {
            let mut group = file.next_row_group()?;
            let text = |text: &str| Some(ByteArray::from(text));
            let known = &self.snapshot.rows;
            column::<ByteArrayType>(&mut group, rows, |row| text(known.config_ids.get(row)?.as_str()))?;
            column::<ByteArrayType>(&mut group, rows, |row| text(known.run_ids.get(row)?.as_str()))?;
            column::<Int64Type>(&mut group, rows, |row| known.measured_at.get(row).copied())?;
            for axis in Axis::ALL {
                column::<ByteArrayType>(&mut group, rows, |row| text(self.name(axis, codes.get(row))))?;
            }
            column::<ByteArrayType>(&mut group, rows, |row| text(&self.flags(row)))?;
            for number in Column::all() {
                column::<DoubleType>(&mut group, rows, |row| self.snapshot.present(row, number))?;
            }
            group.close()?;
        }
        file.close()?;
        Ok(bytes)
    }

    /// What a row is called on an axis.
    fn name(&self, axis: Axis, codes: Option<&[usize; 4]>) -> &str {
        let named = || {
            let names = self.snapshot.axes.names(axis)?;
            let code = *names.of.get(*codes?.get(axis.part() as usize)?)?;
            names.names.get(code as usize).map(String::as_str)
        };
        named().unwrap_or_default()
    }

    fn flags(&self, row: usize) -> String {
        let flags =
            self.snapshot.caveats(row).map(|caveats| caveats.flags.iter().map(wire_name).collect::<Vec<_>>());
        flags.unwrap_or_default().join(" ")
    }
}

/// Every column may be null, so that a table of another version can be put beside this one.
fn schema() -> String {
    let mut schema = "message result {\n".to_owned();
    let axes = Axis::ALL.map(Axis::name);
    let text = |name: &str| format!("optional binary {name} (STRING);\n");
    schema.extend(TEXTS.map(text));
    schema.push_str(&format!("optional int64 {MEASURED_AT} (TIMESTAMP(MICROS, true));\n"));
    schema.extend(axes.iter().map(|name| text(name)));
    schema.push_str(&text(LAST_TEXT));
    schema.extend(Column::all().map(|column| format!("optional double {column};\n")));
    schema.push('}');
    schema
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    rows: &[usize],
    value: impl Fn(usize) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let ended = || ParquetError::General("more columns than the schema has".to_owned());
    let (mut there, mut levels) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for &row in rows {
        let value = value(row);
        levels.push(i16::from(value.is_some()));
        there.extend(value);
    }
    let mut column = group.next_column()?.ok_or_else(ended)?;
    column.typed::<T>().write_batch(&there, Some(&levels), None)?;
    column.close()
}
