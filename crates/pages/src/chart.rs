//! A **chart** is the frame of a plot: its axes, its colours and the form of its numbers, drawn on whatever plotters can draw
//! on. Colours are placeholders: the style sheet replaces them, so that a plot follows the reader's choice of light or
//! dark, and the PDF has a table of them.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::PlotError;

/// Size of a plot, px: readable both stretched over half a desk's screen and shrunk to a phone's.
pub const SIZE: (u32, u32) = (460, 240);

/// Words and numbers.
pub const INK: RGBColor = RGBColor(0, 0, 1);
/// Lines that only help to read.
pub const GRID: RGBColor = RGBColor(0, 0, 2);
/// What is shown.
pub const FIRST: RGBColor = RGBColor(0, 0, 3);
/// What stands out.
pub const SECOND: RGBColor = RGBColor(0, 0, 4);
/// A part of the plot that is meant.
pub const WINDOW: RGBColor = RGBColor(0, 0, 5);

/// Where plots are drawn.
pub type Area<DB> = DrawingArea<DB, Shift>;

/// Two axes of numbers.
pub type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// An axis: from where to where it goes, and how its numbers are written.
#[derive(Clone, Copy)]
pub struct Axis<'a> {
    /// Its ends.
    pub ends: (f64, f64),
    /// The form of a number.
    pub text: &'a dyn Fn(&f64) -> String,
}

impl<'a> Axis<'a> {
    /// An axis.
    #[must_use]
    pub const fn new(ends: (f64, f64), text: &'a dyn Fn(&f64) -> String) -> Self {
        Self { ends, text }
    }

    /// One that begins at zero.
    #[must_use]
    pub const fn up_to(top: f64, text: &'a dyn Fn(&f64) -> String) -> Self {
        Self::new((0.0, top.max(f64::MIN_POSITIVE)), text)
    }
}

/// The frame of a plot.
///
/// # Errors
/// When the area cannot be drawn on.
pub fn chart<'a, DB: DrawingBackend + 'a>(
    area: &'a Area<DB>,
    x: Axis<'_>,
    y: Axis<'_>,
) -> Result<Chart<'a, DB>, PlotError>
where
    DB::ErrorType: 'static,
{
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(16)
        .x_label_area_size(26)
        .y_label_area_size(52)
        .build_cartesian_2d(x.ends.0..x.ends.1, y.ends.0..y.ends.1)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(label_style())
        .x_labels(6)
        .y_labels(5)
        .x_label_formatter(x.text)
        .y_label_formatter(y.text)
        .draw()?;
    Ok(chart)
}

/// The style of words in a plot.
#[must_use]
pub fn label_style() -> TextStyle<'static> {
    ("sans-serif", 16).into_font().color(&INK)
}

/// What a drawing writes, as SVG.
///
/// # Errors
/// Those of the drawing.
pub fn svg(
    draw: impl for<'b> FnOnce(&Area<SVGBackend<'b>>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&area)?;
        area.present()?;
    }
    Ok(svg)
}

/// A number as an axis shows it.
#[must_use]
pub fn trimmed(value: f64) -> String {
    let text = match value.abs() {
        v if v >= 1e6 => return format!("{}M", trimmed(value / 1e6)),
        v if v >= 1e4 => return format!("{}k", trimmed(value / 1e3)),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
