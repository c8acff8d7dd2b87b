//! **Figures** are the numbers of a result that a catalogue compares, as one value of eight bytes each, the lowest first:
//! a row of few values is read several times faster than one of many.

use std::sync::LazyLock;

use domain::content_hash::hash_bytes;
use domain::{BenchmarkResult, Column};

/// Which numbers they are, as a hash of their names: a row that another version wrote has another form.
pub static FORM: LazyLock<i64> = LazyLock::new(|| {
    let names: Vec<String> = Column::stored().map(|column| column.to_string()).collect();
    // 60 bits, so that it is positive in every database.
    i64::from_str_radix(&hash_bytes(names.join(",").as_bytes())[..15], 16).unwrap_or_default()
});

/// The figures of a result.
pub fn of(result: &BenchmarkResult) -> Vec<u8> {
    Column::stored().flat_map(|column| column.of(result).to_le_bytes()).collect()
}

/// Adds a row to its columns. False when it has another number of figures.
pub fn read(bytes: &[u8], columns: &mut [Vec<f64>]) -> bool {
    if bytes.len() != columns.len() * 8 {
        return false;
    }
    for (eight, column) in bytes.as_chunks().0.iter().zip(columns) {
        column.push(f64::from_le_bytes(*eight));
    }
    true
}

#[cfg(test)]
mod tests {
    use testkit::fixtures::result;

    use super::*;

    #[test]
    fn figures_come_back_as_they_were() {
        let told = result("figures", 1).build();
        let mut columns = vec![Vec::new(); Column::stored().count()];
        assert!(read(&of(&told), &mut columns));
        for (column, values) in Column::stored().zip(&columns) {
            assert_eq!(values[0].to_bits(), column.of(&told).to_bits(), "{column}");
        }
        assert!(!read(&[0; 8], &mut columns));
    }
}
