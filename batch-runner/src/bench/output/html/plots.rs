//! The **plots** of a report, as SVG.

use domain::Summary;
use measurement::summary::percentile;
use pages::PlotError;
use pages::chart::{Area, Axis, Chart, FIRST, SECOND, WINDOW, chart, label_style, svg, trimmed};
use plotters::prelude::*;

/// Bars of a distribution.
const BARS: usize = 48;
/// How far a distribution is shown beyond its p99: the rest is told in words.
const BEYOND_P99: f64 = 1.3;
/// How far it is shown at least, so that the word beside the p99's line has room.
const ROOM_BEYOND_P99: f64 = 1.14;
/// Most dots of a timeline.
const MOST_DOTS: usize = 1_200;

/// A distribution and how much of it lies outside the plot.
#[derive(Debug)]
pub(super) struct Distribution {
    pub svg: String,
    pub beyond: usize,
    pub last_ms: f64,
}

/// How often each latency was seen, with the median, p90 and p99 marked.
pub(super) fn distribution(
    values_ms: impl Iterator<Item = f64>,
    summary: &Summary,
) -> Result<Distribution, PlotError> {
    let low = summary.min;
    let span = (summary.p99 - low).max(low.abs() * 0.01).max(1e-3);
    let high = summary.max.clamp(low + span * ROOM_BEYOND_P99, low + span * BEYOND_P99);
    let width = (high - low) / BARS as f64;
    let mut bars = [0_usize; BARS];
    let mut beyond = 0;
    let mut all = 0_usize;
    for ms in values_ms {
        all += 1;
        match bars.get_mut(((ms - low) / width) as usize) {
            Some(bar) => *bar += 1,
            // The largest value lies on the last edge.
            None if ms <= high => bars[BARS - 1] += 1,
            None => beyond += 1,
        }
    }
    let share = |count: usize| count as f64 * 100.0 / all.max(1) as f64;
    let top = bars.iter().copied().map(share).fold(0.0, f64::max) * 1.3;
    let svg = svg(|area| {
        let mut chart = chart(
            area,
            Axis::new((low, high), &|x| trimmed(*x)),
            Axis::up_to(top, &|y| format!("{}%", trimmed(*y))),
        )?;
        chart.draw_series(bars.iter().enumerate().filter(|(_, n)| **n > 0).map(|(n, count)| {
            let left = low + n as f64 * width;
            Rectangle::new([(left, 0.0), (left + width * 0.9, share(*count))], FIRST.filled())
        }))?;
        // Each lower than the one before, so that no line crosses a name.
        for (name, ms, height) in
            [("p50", summary.p50, 0.98), ("p90", summary.p90, 0.90), ("p99", summary.p99, 0.82)]
        {
            chart.draw_series([PathElement::new([(ms, 0.0), (ms, top * height)], SECOND)])?;
            let style = label_style();
            let aside = (high - low) * 0.01;
            chart.draw_series([Text::new(name, (ms + aside, top * height), style)])?;
        }
        Ok(())
    })?;
    Ok(Distribution { svg, beyond, last_ms: high })
}

/// The part of the run that counts, and its whole length, s.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub window: (f64, f64),
    pub end: f64,
}

/// A dot for each request at the time it was sent; the line is the median of `bins` equal parts of the run.
pub(super) fn timeline(points: &[(f64, f64)], span: Span, bins: usize) -> Result<String, PlotError> {
    let top = points.iter().map(|(_, ms)| *ms).fold(0.0, f64::max) * 1.05;
    let mut of_bin: Vec<Vec<f64>> = vec![Vec::new(); bins];
    for (at, ms) in points {
        if let Some(bin) = of_bin.get_mut((at / span.end * bins as f64) as usize) {
            bin.push(*ms);
        }
    }
    let medians: Vec<(f64, f64)> = (0..)
        .zip(&mut of_bin)
        .filter_map(|(n, bin)| {
            bin.sort_unstable_by(f64::total_cmp);
            Some(((f64::from(n) + 0.5) / bins as f64 * span.end, percentile(bin, 0.5)?))
        })
        .collect();
    let every = dots_every(points.len());
    // Among the dots that are left out are none that stand out.
    let stands_out = percentile(&sorted(points), 0.995).unwrap_or(f64::MAX);
    let dots = points.iter().enumerate().filter(|(n, (_, ms))| n % every == 0 || *ms > stands_out);
    svg(|area| {
        let mut chart = over_time(area, span, top)?;
        chart.draw_series(dots.map(|(_, at)| Circle::new(*at, 2, FIRST.mix(0.5).filled())))?;
        chart.draw_series(LineSeries::new(medians, SECOND.stroke_width(2)))?;
        Ok(())
    })
}

/// Of how many requests a timeline shows one.
pub(super) fn dots_every(requests: usize) -> usize {
    requests.div_ceil(MOST_DOTS).max(1)
}

/// A quantity in equal parts of the run.
pub(super) fn course(values: &[f64], span: Span) -> Result<String, PlotError> {
    let top = values.iter().copied().fold(0.0, f64::max) * 1.1;
    let step = span.end / values.len().max(1) as f64;
    let corners = (0..).zip(values).flat_map(|(n, value)| {
        let from = f64::from(n) * step;
        [(from, *value), (from + step, *value)]
    });
    svg(|area| {
        let mut chart = over_time(area, span, top)?;
        chart.draw_series(
            AreaSeries::new(corners, 0.0, FIRST.mix(0.15)).border_style(FIRST.stroke_width(2)),
        )?;
        Ok(())
    })
}

/// A value at a load.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtLoad {
    pub load: f64,
    pub value: f64,
}

/// A dot for each value, and a line through the means of each load. Loads, which usually double, are as far from each
/// other as the next.
pub(super) fn by_load(points: &[AtLoad], name: &dyn Fn(f64) -> String) -> Result<String, PlotError> {
    let mut loads: Vec<f64> = points.iter().map(|point| point.load).collect();
    loads.sort_unstable_by(f64::total_cmp);
    loads.dedup();
    let place = |load: f64| loads.partition_point(|other| *other < load) as f64;
    let dots = points.iter().map(|point| (place(point.load), point.value));
    let means = loads.iter().map(|load| {
        let (sum, count) = points
            .iter()
            .filter(|point| point.load == *load)
            .fold((0.0, 0.0), |(sum, count), point| (sum + point.value, count + 1.0));
        (place(*load), sum / f64::max(count, 1.0))
    });
    let top = points.iter().map(|point| point.value).fold(0.0, f64::max) * 1.1;
    let last = loads.len().saturating_sub(1) as f64;
    let label = |x: &f64| match loads.get(x.round().max(0.0) as usize) {
        Some(load) if (x - x.round()).abs() < 1e-6 => name(*load),
        _ => String::new(),
    };
    svg(|area| {
        let mut chart =
            chart(area, Axis::new((-0.2, last + 0.2), &label), Axis::up_to(top, &|y| trimmed(*y)))?;
        chart.draw_series(LineSeries::new(means, FIRST.stroke_width(2)))?;
        chart.draw_series(dots.map(|at| Circle::new(at, 4, FIRST.filled())))?;
        Ok(())
    })
}

fn sorted(points: &[(f64, f64)]) -> Vec<f64> {
    let mut values: Vec<f64> = points.iter().map(|(_, ms)| *ms).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Axes over the time of the run, with the window marked.
fn over_time<'a, 'b>(
    area: &'a Area<SVGBackend<'b>>,
    span: Span,
    top: f64,
) -> Result<Chart<'a, SVGBackend<'b>>, PlotError> {
    let seconds = |x: &f64| format!("{} s", trimmed(*x));
    let mut chart = chart(area, Axis::up_to(span.end, &seconds), Axis::up_to(top, &|y| trimmed(*y)))?;
    let top = top.max(f64::MIN_POSITIVE);
    let (from, to) = span.window;
    chart.draw_series([Rectangle::new([(from, 0.0), (to, top)], WINDOW.filled())])?;
    Ok(chart)
}
