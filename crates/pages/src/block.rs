//! What a page is made of.

use crate::Plot;

/// A page, however long: a PDF cuts it into sheets.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What kind of page it is: `campaign report`.
    pub kind: &'static str,
    /// Where its numbers come from. It is on every sheet.
    pub label: Label,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A word and what it means, shown so that nobody misses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The word: `SIMULATED`.
    pub word: String,
    /// What follows from it, in a sentence.
    pub meaning: String,
    /// Whether it must be heeded before any number is used.
    pub warns: bool,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The heading of a section.
    Section(String),
    /// The heading of a part of one.
    Part(String),
    /// A paragraph.
    Text(String),
    /// A paragraph of less weight: a legend, a note.
    Small(String),
    /// Sentences below each other.
    List(Vec<String>),
    /// Names and what stands behind them.
    Facts(Vec<(String, String)>),
    /// A few numbers that matter most.
    Tiles(Vec<Tile>),
    /// Many numbers.
    Table(Table),
    /// Plots beside each other.
    Figures(Vec<Figure>),
}

/// A number that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What it is.
    pub name: String,
    /// The number with its unit.
    pub value: String,
    /// What to know about it.
    pub more: String,
}

/// Numbers in rows. The columns named in `texts` hold words, which may be broken into lines, and the others numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What each column holds.
    pub heads: Vec<String>,
    /// Columns of words, from 0.
    pub texts: Vec<usize>,
    /// The rows, as long as the heads.
    pub rows: Vec<Vec<String>>,
}

/// A plot and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it shows.
    pub name: String,
    /// How to read it.
    pub more: String,
    /// The plot.
    pub plot: Plot,
}
