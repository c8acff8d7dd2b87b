//! Pages as **PDF** on A4: text that can be searched, embedded fonts, plots as lines.

mod face;
mod flow;
mod mark;
mod recorder;
mod sheets;

use crate::{Page, PlotError};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A plot cannot be drawn.
    #[error("a plot of the page cannot be drawn")]
    Plot(#[source] PlotError),
    /// The fonts that ship with this program cannot be read.
    #[error("the fonts of the page cannot be read")]
    Font,
    /// The document cannot be put together.
    #[error("the PDF cannot be put together ({0})")]
    Document(String),
}

impl Page {
    /// The page as PDF.
    ///
    /// # Errors
    /// When a plot cannot be drawn or the document cannot be put together.
    pub fn to_pdf(&self) -> Result<Vec<u8>, PdfError> {
        let faces = face::Faces::shipped()?;
        let laid_out = flow::lay_out(self, &faces)?;
        sheets::write(self, &laid_out, &faces)
    }
}
