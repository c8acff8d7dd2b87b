//! Results as **Parquet**: the [columns](super::columns) of the CSV, and each result whole as JSON, so that nothing is lost
//! and the file can be taken in again.

use std::io::Write;
use std::sync::Arc;

use domain::BenchmarkResult;
use domain::result::RESULT_SCHEMA_VERSION;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::columns::{self, Cell};
use super::{DOCUMENT, ExportError};

/// Results of a row group.
const ROWS: usize = 10_000;

/// Writes results as Parquet. Without any there are no columns but the document's.
///
/// # Errors
/// When they cannot be written.
pub fn parquet(results: &[BenchmarkResult], out: impl Write + Send) -> Result<(), ExportError> {
    let first = results.first().map(columns::of).unwrap_or_default();
    let fields: String = first
        .iter()
        .map(|(name, cell)| match cell {
            Cell::Text(_) => format!("optional binary {name} (STRING); "),
            Cell::Number(_) => format!("optional double {name}; "),
            Cell::Count(_) => format!("optional int64 {name}; "),
        })
        .collect();
    let schema = format!("message result {{ {fields} required binary {DOCUMENT} (STRING); }}");
    let version = KeyValue::new("assay.results".to_owned(), RESULT_SCHEMA_VERSION.to_string());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(vec![version]));
    let schema = Arc::new(parse_message_type(&schema)?);
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties.build()))?;
    for results in results.chunks(ROWS) {
        let rows: Vec<Vec<(String, Cell)>> = results.iter().map(columns::of).collect();
        let mut group = file.next_row_group()?;
        for (at, (_, kind)) in first.iter().enumerate() {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|(_, cell)| cell);
            let mut writer = group.next_column()?.ok_or_else(too_few)?;
            let (mut texts, mut numbers, mut counts, mut present) = (vec![], vec![], vec![], vec![]);
            for cell in cells {
                let is_there = match cell {
                    Cell::Text(text) => push(&mut texts, text.as_deref().map(ByteArray::from)),
                    Cell::Number(number) => push(&mut numbers, *number),
                    Cell::Count(count) => {
                        push(&mut counts, count.and_then(|count| i64::try_from(count).ok()))
                    }
                };
                present.push(i16::from(is_there));
            }
            match kind {
                Cell::Text(_) => writer.typed::<ByteArrayType>().write_batch(&texts, Some(&present), None)?,
                Cell::Number(_) => {
                    writer.typed::<DoubleType>().write_batch(&numbers, Some(&present), None)?
                }
                Cell::Count(_) => writer.typed::<Int64Type>().write_batch(&counts, Some(&present), None)?,
            };
            writer.close()?;
        }
        let documents =
            results.iter().map(|result| Ok(ByteArray::from(serde_json::to_string(result)?.as_str())));
        let documents = documents.collect::<Result<Vec<ByteArray>, serde_json::Error>>()?;
        let mut writer = group.next_column()?.ok_or_else(too_few)?;
        writer.typed::<ByteArrayType>().write_batch(&documents, None, None)?;
        writer.close()?;
        group.close()?;
    }
    file.close()?;
    Ok(())
}

/// Adds a value, if there is one; says whether there is.
fn push<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let is_there = value.is_some();
    values.extend(value);
    is_there
}

fn too_few() -> ExportError {
    ::parquet::errors::ParquetError::General("fewer columns than the schema".to_owned()).into()
}
