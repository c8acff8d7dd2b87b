//! **Formats** are the files that results come from and go to: ours, and those of other tools.
//!
//! - [`read()`]: what a file holds, as results; which numbers of it are none of ours; and what it does not say and must be
//!   [stated](Stated).
//! - [`export`]: results as CSV, as Parquet, and as the Benchmark Report of llm-d.
//!
//! Tools give the same names to different quantities, so that a file is mapped by quantity and never by name
//! (docs/imports.md). A file is taken whole or refused whole, with the line and the field that are wrong.

mod bad_file;
mod check;
pub mod export;
mod foreign;
mod line;
mod node;
mod own;
mod plausible;
mod read;
mod reading;
mod run;
mod stated;
mod statistics;

pub use bad_file::BadFile;
pub use read::{MAX_BYTES, MAX_FOREIGN_BYTES, read};
pub use reading::{Ask, Format, ImportReport, LeftOut, Reading, Taken};
pub use stated::Stated;
