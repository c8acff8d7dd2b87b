//! A **page** is what we write for people to read and to keep: a label that says where its numbers come from, headings,
//! paragraphs, tables and plots. Its content is stated once, as [`Block`]s, and written as HTML or as PDF on A4.
//!
//! Both need nothing else: styles and plots are in the HTML, fonts in the PDF, whose text can be searched and copied.

mod block;
pub mod chart;
pub mod html;
mod pdf;
mod plot;

pub use block::{Block, Figure, Label, Page, Table, Tile};
pub use pdf::PdfError;
pub use plot::{Bar, Dot, Mark, Plot, Scatter};

/// Why a plot was not drawn.
pub type PlotError = Box<dyn std::error::Error + Send + Sync>;
