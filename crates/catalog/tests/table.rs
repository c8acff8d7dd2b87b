//! Tables for other tools.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use bytes::Bytes;
use catalog::{Column, Filter, Query, Snapshot, Sort};
use common::{Described, described};
use domain::Provenance;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

#[test]
fn csv_and_parquet_have_the_same_rows_in_the_order_that_was_asked_for() {
    let of = |concurrency: u32, provenance| {
        Described { concurrency, provenance, tps: 100.0 + f64::from(concurrency), ..described() }.result()
    };
    let results = [of(1, Provenance::Measured), of(2, Provenance::Measured), of(4, Provenance::Simulated)];
    let snapshot = Snapshot::from_results(results);
    let sort = Sort { column: Column::OutputTps, descending: true };
    let filter = Filter { provenance: Some(Provenance::Measured), ..Filter::default() };
    let query = Query { filter, sort: Some(sort), skip: 1, limit: 1, ..Query::default() };
    let page = snapshot.query(&Query { skip: 0, limit: 1000, ..query.clone() });
    let table = snapshot.table(&query);
    assert_eq!((table.len(), table.is_empty()), (page.total, false));

    let csv = table.to_csv().unwrap();
    let mut csv = csv::Reader::from_reader(csv.as_slice());
    let head = csv.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|known| known == name).unwrap();
    let parquet = SerializedFileReader::new(Bytes::from(table.to_parquet().unwrap())).unwrap();
    let rows: Vec<_> = parquet.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), page.total);
    for ((entry, csv), row) in page.entries.iter().zip(csv.records().map(Result::unwrap)).zip(&rows) {
        assert_eq!(&csv[at("config_id")], entry.config_id.as_str());
        assert_eq!(&csv[at("provenance")], "measured");
        assert_eq!(csv[at("output_tps")].parse::<f64>().ok(), entry.output_tps);
        assert_eq!(row.get_string(at("config_id")).unwrap(), entry.config_id.as_str());
        assert_eq!(row.get_string(at("engine")).unwrap(), &csv[at("engine")]);
        assert_eq!(row.get_double(at("output_tps")).ok(), entry.output_tps);
        assert_eq!(
            row.get_timestamp_micros(at("measured_at")).unwrap(),
            entry.measured_at.timestamp_micros()
        );
        // What was not measured is null, and no zero.
        assert_eq!(csv[at("fidelity")].is_empty(), entry.fidelity.is_none());
        assert_eq!(row.get_double(at("fidelity")).ok(), entry.fidelity);
    }
}
