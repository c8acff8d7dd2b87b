//! The **plots** of a page: dots where two quantities meet, and bars beside names.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::PlotError;
use crate::chart::{Area, Axis, FIRST, GRID, INK, SECOND, WINDOW, chart, label_style, trimmed};

/// How many times larger the largest value of an axis must be than the least before equal ratios are equally far apart.
const WIDE_SPAN: f64 = 30.0;

/// A plot.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Dots where two quantities meet.
    Scatter(Scatter),
    /// A bar for each name, the longest first where they come so.
    Bars(Vec<Bar>),
}

/// Dots, and a line through those of which none is better in both quantities. Less is better.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scatter {
    /// The dots.
    pub dots: Vec<Dot>,
}

/// One dot.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// Its place across.
    pub x: f64,
    /// Its height.
    pub y: f64,
    /// What it is.
    pub mark: Mark,
}

/// What a dot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// One of many.
    Plain,
    /// One that stands out, with a word beside it.
    Named(String),
}

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its length.
    pub value: f64,
    /// A 95 % interval of it.
    pub interval: Option<(f64, f64)>,
}

impl Plot {
    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Scatter(scatter) => scatter.dots.is_empty(),
            Self::Bars(bars) => bars.is_empty(),
        }
    }

    /// Draws it.
    ///
    /// # Errors
    /// When the area cannot be drawn on.
    pub fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Result<(), PlotError>
    where
        DB::ErrorType: 'static,
    {
        match self {
            Self::Scatter(scatter) => scatter.draw(area),
            Self::Bars(bars) => draw_bars(bars, area),
        }
    }
}

/// A quantity on an axis: as it is, or as its logarithm where it spans much.
struct Scale {
    logarithmic: bool,
    ends: (f64, f64),
}

impl Scale {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max);
        if least > 0.0 && most / least > WIDE_SPAN {
            return Self { logarithmic: true, ends: (least.log10() - 0.1, most.log10() + 0.15) };
        }
        Self { logarithmic: false, ends: (0.0, (most * 1.12).max(f64::MIN_POSITIVE)) }
    }

    fn place(&self, value: f64) -> f64 {
        if self.logarithmic { value.log10() } else { value }
    }

    fn text(&self, place: f64) -> String {
        if !self.logarithmic {
            return trimmed(place);
        }
        let value = 10_f64.powf(place);
        // Between powers of ten there is no round number.
        let digits = 10_f64.powf(value.log10().floor() - 1.0);
        trimmed((value / digits).round() * digits)
    }
}

impl Scatter {
    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Result<(), PlotError>
    where
        DB::ErrorType: 'static,
    {
        let x = Scale::of(self.dots.iter().map(|dot| dot.x));
        let y = Scale::of(self.dots.iter().map(|dot| dot.y));
        let (x_text, y_text) = (|v: &f64| x.text(*v), |v: &f64| y.text(*v));
        let mut chart = chart(area, Axis::new(x.ends, &x_text), Axis::new(y.ends, &y_text))?;
        let at = |dot: &Dot| (x.place(dot.x), y.place(dot.y));
        let plain = self.dots.iter().filter(|dot| dot.mark == Mark::Plain);
        chart.draw_series(plain.map(|dot| Circle::new(at(dot), 3, FIRST.mix(0.35).filled())))?;
        let front: Vec<(f64, f64)> = self.front().into_iter().map(at).collect();
        chart.draw_series(LineSeries::new(steps(&front), FIRST.stroke_width(2)))?;
        chart.draw_series(front.iter().map(|at| Circle::new(*at, 4, FIRST.filled())))?;
        for dot in &self.dots {
            let Mark::Named(name) = &dot.mark else { continue };
            chart.draw_series([Circle::new(at(dot), 5, SECOND.filled())])?;
            let beside = EmptyElement::at(at(dot)) + Text::new(name.clone(), (8, -16), label_style());
            chart.draw_series([beside])?;
        }
        Ok(())
    }

    /// The dots that no other beats in both quantities, from the left.
    fn front(&self) -> Vec<&Dot> {
        let mut sorted: Vec<&Dot> = self.dots.iter().collect();
        sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
        let mut lowest = f64::INFINITY;
        sorted.retain(|dot| {
            let lower = dot.y < lowest;
            lowest = lowest.min(dot.y);
            lower
        });
        sorted
    }
}

/// A line that goes across before it goes down: nothing was measured between two dots.
fn steps(front: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = Vec::new();
    for &(x, y) in front {
        if let Some(&(_, last)) = line.last() {
            line.push((x, last));
        }
        line.push((x, y));
    }
    line
}

/// The name of each bar stands above it.
fn draw_bars<DB: DrawingBackend>(bars: &[Bar], area: &Area<DB>) -> Result<(), PlotError>
where
    DB::ErrorType: 'static,
{
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (f64::from(width), f64::from(height));
    let most = bars.iter().map(|bar| bar.interval.map_or(bar.value, |(_, high)| high.max(bar.value)));
    let most = most.fold(f64::MIN_POSITIVE, f64::max);
    let room = height / bars.len().max(1) as f64;
    let room = room.min(40.0);
    let name_height = 17.0_f64.min(room * 0.6);
    let style = ("sans-serif", 13).into_font().color(&INK);
    let across = |value: f64| (value / most * (width - 76.0)) as i32 + 4;
    for (n, bar) in bars.iter().enumerate() {
        let top = n as f64 * room;
        let (from, to) = ((top + name_height) as i32, (top + room - 3.0) as i32);
        let middle = i32::midpoint(from, to);
        area.draw(&Text::new(bar.name.clone(), (4, top as i32), style.clone()))?;
        area.draw(&Rectangle::new([(4, from), (across(most), to)], WINDOW.filled()))?;
        area.draw(&Rectangle::new([(4, from), (across(bar.value), to)], FIRST.filled()))?;
        if let Some((low, high)) = bar.interval {
            area.draw(&PathElement::new(
                [(across(low), middle), (across(high), middle)],
                SECOND.stroke_width(2),
            ))?;
        }
        let number = style.clone().pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(trimmed(bar.value), (across(most) + 6, middle), number))?;
    }
    area.draw(&PathElement::new([(3, 0), (3, (room * bars.len() as f64) as i32)], GRID))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dots(at: &[(f64, f64)]) -> Scatter {
        Scatter { dots: at.iter().map(|&(x, y)| Dot { x, y, mark: Mark::Plain }).collect() }
    }

    #[test]
    fn the_front_is_what_nothing_beats_in_both() {
        let scatter = dots(&[(3.0, 1.0), (1.0, 3.0), (2.0, 3.0), (2.0, 2.0), (4.0, 1.0)]);
        let front: Vec<(f64, f64)> = scatter.front().iter().map(|dot| (dot.x, dot.y)).collect();
        assert_eq!(front, [(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]);
        assert_eq!(steps(&front).len(), 5);
    }

    #[test]
    fn a_wide_span_is_shown_by_ratios_in_round_numbers() {
        let near = Scale::of([1.0, 20.0].into_iter());
        assert!(!near.logarithmic && near.ends.0 == 0.0);
        let far = Scale::of([1.0, 1000.0].into_iter());
        assert!(far.logarithmic);
        assert_eq!([far.text(2.0), far.text(1.5), far.text(-1.0)], ["100", "32", "0.1"]);
        assert!(!Scale::of([0.0, 1000.0].into_iter()).logarithmic, "zero has no logarithm");
    }
}
