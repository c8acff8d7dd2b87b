//! The **Parquet** file of a bench has every request with every instant, in columns. The whole result stands in
//! its metadata as JSON under `assay.bench`, the provenance under `assay.provenance`.

use std::io::{self, Write};
use std::sync::Arc;

use measurement::RequestRecord;
use measurement::window::Window;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use serde::Serialize;

use super::{Ending, Findings};

/// Instants are nanoseconds since the start of the run. The order is that of [`Columns::write`].
const SCHEMA: &str = "
    message request {
        required int32 index (INTEGER(32, false));
        required binary phase (STRING);
        required boolean in_window;
        required int64 t_sched_ns;
        optional int64 t_send_ns;
        required group content_ns (LIST) { repeated group list { required int64 element; } }
        required group content_tokens (LIST) { repeated group list { required int32 element; } }
        optional int32 first_output;
        required int64 t_end_ns;
        optional int64 retry_wait_ns;
        optional int64 input_tokens;
        required int64 output_tokens;
        required binary token_source (STRING);
        optional binary finish_reason (STRING);
        required binary outcome (STRING);
        optional binary failure (STRING);
        optional binary detail (STRING);
        optional int32 conversation (INTEGER(32, false));
        optional int32 turn (INTEGER(32, false));
        optional int32 turns (INTEGER(32, false));
        optional int64 asked_input_tokens;
    }";
/// Columns of instants that rise a little from one to the next.
const RISING: [&[&str]; 3] = [&["content_ns", "list", "element"], &["t_sched_ns"], &["t_end_ns"]];
/// Content events of a row group, about: what a reader has to hold at once.
const EVENTS_PER_GROUP: usize = 4_000_000;

pub(super) fn write(findings: &Findings<'_>, out: &mut (impl Write + Send)) -> io::Result<()> {
    write_file(findings, out).map_err(io::Error::other)
}

fn write_file(findings: &Findings<'_>, out: &mut (impl Write + Send)) -> Result<()> {
    let document = findings.document.to_json().map_err(|error| ParquetError::External(error.into()))?;
    let metadata = vec![
        KeyValue::new("assay.provenance".to_owned(), findings.document.provenance.name().to_owned()),
        KeyValue::new("assay.bench".to_owned(), document),
    ];
    write_requests(&findings.measured.records, &findings.measured.window, metadata, out)
}

fn write_requests(
    records: &[RequestRecord],
    window: &Window,
    metadata: Vec<KeyValue>,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("assay batch-runner {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(metadata));
    for column in RISING {
        let path = ColumnPath::new(column.iter().map(ToString::to_string).collect());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties.build()))?;
    for records in groups(records, EVENTS_PER_GROUP) {
        let mut columns = Columns(file.next_row_group()?);
        columns.write(records, window)?;
        columns.0.close()?;
    }
    file.close()?;
    Ok(())
}

/// Cuts records into groups of about `most_events`.
fn groups(records: &[RequestRecord], most_events: usize) -> impl Iterator<Item = &[RequestRecord]> {
    let (mut events, mut group) = (0, 0);
    records.chunk_by(move |record, _| {
        events += record.content.len();
        std::mem::replace(&mut group, events / most_events) == group
    })
}

/// A row group, written column by column.
struct Columns<'a, W: Write + Send>(SerializedRowGroupWriter<'a, W>);

impl<W: Write + Send> Columns<'_, W> {
    fn write(&mut self, records: &[RequestRecord], window: &Window) -> Result<()> {
        let all = || records.iter();
        let text = |word: &str| ByteArray::from(word);
        let phases: Vec<ByteArray> = all().map(|r| word(r.phase)).collect::<Result<_>>()?;
        let sources: Vec<ByteArray> = all().map(|r| word(r.token_source)).collect::<Result<_>>()?;
        self.required::<Int32Type>(all().map(|r| r.index.cast_signed()).collect())?;
        self.required::<ByteArrayType>(phases)?;
        self.required::<BoolType>(all().map(|r| window.counts(r)).collect())?;
        self.required::<Int64Type>(all().map(|r| r.t_sched_ns.cast_signed()).collect())?;
        self.optional::<Int64Type>(all().map(|r| r.t_send_ns.map(u64::cast_signed)))?;
        self.lists::<Int64Type, _>(all().map(|r| r.content.instants_ns().map(u64::cast_signed)))?;
        self.lists::<Int32Type, _>(
            all().map(|r| r.content.events().filter_map(|e| e.tokens).map(u32::cast_signed)),
        )?;
        self.optional::<Int32Type>(all().map(|r| r.first_output.map(u32::cast_signed)))?;
        self.required::<Int64Type>(all().map(|r| r.t_end_ns.cast_signed()).collect())?;
        self.optional::<Int64Type>(all().map(|r| r.retry_wait_ns.map(u64::cast_signed)))?;
        self.optional::<Int64Type>(all().map(|r| r.input_tokens.map(u64::cast_signed)))?;
        self.required::<Int64Type>(all().map(|r| r.output_tokens.cast_signed()).collect())?;
        self.required::<ByteArrayType>(sources)?;
        self.optional::<ByteArrayType>(all().map(|r| r.finish_reason.as_deref().map(text)))?;
        self.required::<ByteArrayType>(all().map(|r| text(Ending::of(r).outcome)).collect())?;
        self.optional::<ByteArrayType>(all().map(|r| Ending::of(r).failure.map(text)))?;
        self.optional::<ByteArrayType>(all().map(|r| Ending::of(r).detail.map(text)))?;
        let turns = || all().map(|r| r.turn);
        self.optional::<Int32Type>(turns().map(|turn| Some(turn?.conversation.cast_signed())))?;
        self.optional::<Int32Type>(turns().map(|turn| Some(turn?.turn.cast_signed())))?;
        self.optional::<Int32Type>(turns().map(|turn| Some(turn?.turns.cast_signed())))?;
        self.optional::<Int64Type>(turns().map(|turn| Some(turn?.asked_input_tokens?.cast_signed())))
    }

    fn required<T: DataType>(&mut self, values: Vec<T::T>) -> Result<()> {
        self.column::<T>(&values, None, None)
    }

    fn optional<T: DataType>(&mut self, values: impl Iterator<Item = Option<T::T>>) -> Result<()> {
        let (mut there, mut levels) = (Vec::new(), Vec::new());
        for value in values {
            levels.push(i16::from(value.is_some()));
            there.extend(value);
        }
        self.column::<T>(&there, Some(&levels), None)
    }

    fn lists<T: DataType, L: Iterator<Item = T::T>>(&mut self, lists: impl Iterator<Item = L>) -> Result<()> {
        let (mut elements, mut there, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for list in lists {
            let before = elements.len();
            elements.extend(list);
            let length = elements.len() - before;
            // An empty list takes a place without an element.
            there.extend(std::iter::repeat_n(i16::from(length > 0), length.max(1)));
            inside.push(0);
            inside.extend(std::iter::repeat_n(1, length.saturating_sub(1)));
        }
        self.column::<T>(&elements, Some(&there), Some(&inside))
    }

    fn column<T: DataType>(
        &mut self,
        values: &[T::T],
        definition: Option<&[i16]>,
        repetition: Option<&[i16]>,
    ) -> Result<()> {
        let missing = || ParquetError::General("there are more columns than the schema has".to_owned());
        let mut column = self.0.next_column()?.ok_or_else(missing)?;
        column.typed::<T>().write_batch(values, definition, repetition)?;
        column.close()
    }
}

/// A choice by its name in our JSON.
fn word(choice: impl Serialize) -> Result<ByteArray> {
    let name = serde_json::to_value(choice).map_err(|error| ParquetError::External(error.into()))?;
    Ok(ByteArray::from(name.as_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use domain::result::{FailureReason, TokenSource};
    use measurement::record::{Outcome, Phase, Turn};
    use measurement::timeline::Timeline;
    use measurement::window::Selects;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, Row};

    use super::*;

    fn record(index: u32, content_ns: &[u64], outcome: Outcome) -> RequestRecord {
        RequestRecord {
            index,
            phase: Phase::Measured,
            turn: None,
            t_sched_ns: 1,
            t_send_ns: Some(2),
            content: Timeline::new(content_ns, &content_ns.iter().map(|_| 2).collect::<Vec<_>>()),
            first_output: (!content_ns.is_empty()).then_some(0),
            t_end_ns: 90,
            retry_wait_ns: None,
            input_tokens: Some(7),
            cached_input_tokens: 0,
            output_tokens: 2 * content_ns.len() as u64,
            token_source: TokenSource::ServerUsage,
            finish_reason: Some("length".to_owned()),
            outcome,
        }
    }

    fn fields(row: &Row) -> String {
        let plain = |field: &Field| match field {
            Field::Str(text) => text.clone(),
            Field::ListInternal(list) => {
                list.elements().iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
            }
            other => other.to_string(),
        };
        row.get_column_iter().map(|(_, field)| plain(field)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_column_comes_back_where_something_is_missing_too() {
        let failed = Outcome::Failed { reason: FailureReason::Connect, detail: "refused".to_owned() };
        let lost = RequestRecord {
            t_send_ns: None,
            retry_wait_ns: Some(5),
            input_tokens: None,
            cached_input_tokens: 0,
            turn: Some(Turn { conversation: 4, turn: 2, turns: 3, asked_input_tokens: Some(50) }),
            finish_reason: None,
            token_source: TokenSource::ContentEvents,
            ..record(1, &[], failed)
        };
        let cut = RequestRecord { phase: Phase::KeepUp, ..record(2, &[u64::MAX / 2], Outcome::Cut) };
        let records = [record(0, &[10, 30, 35], Outcome::Succeeded), lost, cut];
        let window = Window { start_ns: 0, end_ns: 100, steady: true, selects: Selects::Sent };
        let mut file = Vec::new();
        write_requests(&records, &window, Vec::new(), &mut file).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| fields(&row.unwrap())).collect();
        let reason = crate::load::reason_name(FailureReason::Connect);
        assert_eq!(
            rows,
            [
                "0 measured true 1 2 10+30+35 2+2+2 0 90 null 7 6 server-usage length succeeded null null null null null null"
                    .to_owned(),
                format!(
                    "1 measured true 1 null   null 90 5 null 0 content-events null failed {reason} refused 4 2 3 50"
                ),
                format!(
                    "2 keep_up false 1 2 {} 2 0 90 null 7 2 server-usage length cut null null null null null null",
                    u64::MAX / 2
                ),
            ]
        );
    }

    #[test]
    fn groups_hold_all_records_in_order() {
        let records: Vec<_> = (0..7).map(|n| record(n, &[1, 2], Outcome::Succeeded)).collect();
        let groups: Vec<Vec<u32>> =
            groups(&records, 4).map(|group| group.iter().map(|r| r.index).collect()).collect();
        assert_eq!(groups, [vec![0, 1], vec![2, 3], vec![4, 5], vec![6]]);
    }
}
