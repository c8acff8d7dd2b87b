//! A **dictionary** holds each distinct value of a column once, and a code for every row. A catalogue of 90,000 rows has
//! a few thousand launches and some dozen workloads: what is asked of them is asked once for each, not for every row.

use std::hash::Hash;

use domain::latest::Coded;

#[derive(Debug, Clone)]
pub(crate) struct Dictionary<T> {
    values: Vec<T>,
    codes: Vec<u32>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { values: Vec::new(), codes: Vec::new() }
    }
}

impl<T> Dictionary<T> {
    /// Puts a dictionary together. None when a code stands for no value.
    pub(crate) fn new(values: Vec<T>, codes: Vec<u32>) -> Option<Self> {
        codes.iter().all(|&code| (code as usize) < values.len()).then_some(Self { values, codes })
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    pub(crate) fn codes(&self) -> &[u32] {
        &self.codes
    }

    pub(crate) fn get(&self, row: usize) -> Option<&T> {
        self.values.get(*self.codes.get(row)? as usize)
    }
}

/// Every value that a row has, once.
pub(crate) fn seen<'a, T>(dictionary: &'a Dictionary<T>, rows: &[usize]) -> impl Iterator<Item = &'a T> {
    let mut seen = vec![false; dictionary.values().len()];
    for &row in rows {
        if let Some(&code) = dictionary.codes().get(row) {
            seen[code as usize] = true;
        }
    }
    dictionary.values().iter().zip(seen).filter(|(_, seen)| *seen).map(|(value, _)| value)
}

impl<T> From<Coded<T>> for Dictionary<T> {
    fn from(Coded { values, codes }: Coded<T>) -> Self {
        Self { values, codes }
    }
}

impl<T: Hash + Eq + Clone> FromIterator<T> for Dictionary<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Coded::from_iter(rows).into()
    }
}
