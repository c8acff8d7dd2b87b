//! A **cursor** says where the next page begins. It belongs to one question about one snapshot: pages of different
//! snapshots do not fit together, since what is new moves all that is behind it.

use std::fmt;
use std::str::FromStr;

use domain::content_hash::hash_bytes;

use crate::Problem;
use crate::problem::Kind;
use crate::snapshot::Served;

/// Digits of a hash that tell two of them apart.
const DIGITS: usize = 16;

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    snapshot: String,
    question: String,
    /// How many entries are before it.
    pub skip: usize,
}

/// A text that is no cursor.
#[derive(Debug, thiserror::Error)]
#[error(
    "no cursor of this API; take `next_cursor` of the page before as it is, or leave it out for the first page"
)]
pub struct BadCursor;

fn short(hash: &str) -> String {
    hash.get(..DIGITS).unwrap_or(hash).to_owned()
}

impl Cursor {
    /// The cursor of a question at a snapshot.
    pub fn at(served: &Served, question: &str, skip: usize) -> Self {
        let snapshot = format!("{} {}", served.revision, served.fingerprint);
        Self {
            snapshot: short(&hash_bytes(snapshot.as_bytes())),
            question: short(&hash_bytes(question.as_bytes())),
            skip,
        }
    }

    /// Where the page begins, if the cursor is of this question and snapshot.
    pub fn skip_in(&self, served: &Served, question: &str) -> Result<usize, Problem> {
        let expected = Self::at(served, question, self.skip);
        if self.question != expected.question {
            let detail =
                "the cursor is of another question; keep all other parameters as they were, or leave it out";
            return Err(Problem::bad_field("cursor", detail));
        }
        if self.snapshot != expected.snapshot {
            let detail = "there are newer results, and the pages before were of the older ones; begin anew without `cursor`";
            return Err(Problem {
                field: Some("cursor".to_owned()),
                ..Problem::new(Kind::Gone, detail.to_owned())
            });
        }
        Ok(self.skip)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:x}", self.snapshot, self.question, self.skip)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let is_hex = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        let parts = is_hex
            .then(|| Some((text.get(..DIGITS)?, text.get(DIGITS..2 * DIGITS)?, text.get(2 * DIGITS..)?)));
        let (snapshot, question, skip) = parts.flatten().ok_or(BadCursor)?;
        let skip = usize::from_str_radix(skip, 16).map_err(|_| BadCursor)?;
        Ok(Self { snapshot: snapshot.to_owned(), question: question.to_owned(), skip })
    }
}
