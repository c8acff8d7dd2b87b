//! Comma-separated columns, found by their names. No published trace quotes a value.

/// Finds columns by their names.
pub(super) fn find<const N: usize>(header: &str, names: [&str; N]) -> Result<[usize; N], String> {
    let mut found = [0; N];
    for (place, name) in found.iter_mut().zip(names) {
        let mut columns = header.split(',').map(|column| column.trim().trim_matches('"'));
        *place = columns.position(|column| column == name).ok_or_else(|| {
            format!("the header has no column `{name}`: check the format ({} are needed)", names.join(", "))
        })?;
    }
    Ok(found)
}

/// The values of columns, in the order of `columns`.
pub(super) fn values<'a, const N: usize>(
    columns: &[usize; N],
    line: &'a str,
) -> Result<[&'a str; N], String> {
    let mut found = [""; N];
    for (place, column) in found.iter_mut().zip(columns) {
        let value = line.split(',').nth(*column).map(|value| value.trim().trim_matches('"'));
        *place = value.ok_or_else(|| format!("it has no column {}", column + 1))?;
    }
    Ok(found)
}

/// A number of tokens. Some tools write it with a fraction of 0.
pub(super) fn tokens(value: &str) -> Result<u64, String> {
    let whole = value.strip_suffix(".0").unwrap_or(value);
    whole.parse().map_err(|_| format!("`{value}` is no number of tokens"))
}
