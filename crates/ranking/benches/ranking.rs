//! How long ranking 90,000 rows takes on one core. `docs/ranking.md` has the figures.
//!
//!     cargo bench -p ranking
//!
//! `time_moocore.py` times another implementation on points of the same distribution.

use std::hint::black_box;

use criterion::{Criterion as Bench, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ranking::{
    Criterion, Direction, Interval, Normalisation, Objective, fronts, hypervolume, pareto, stability, topsis,
};

const ROWS: usize = 90_000;

/// Columns of independent uniform numbers.
fn uniform(columns: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut rng = StdRng::seed_from_u64(1981);
    (0..columns).map(|_| (0..rows).map(|_| rng.random()).collect()).collect()
}

/// Points at distance 1 from the origin: a front that bulges towards the reference.
fn on_sphere(columns: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut points = uniform(columns, rows);
    for row in 0..rows {
        let length = points.iter().map(|c| c[row] * c[row]).sum::<f64>().sqrt();
        points.iter_mut().for_each(|c| c[row] /= length);
    }
    points
}

fn objectives(columns: &[Vec<f64>]) -> Vec<Objective<'_>> {
    columns.iter().map(|values| Objective { direction: Direction::Cost, values }).collect()
}

fn bench_topsis(bench: &mut Bench) {
    let columns = uniform(5, ROWS);
    let criteria: Vec<Criterion<'_>> = columns
        .iter()
        .enumerate()
        .map(|(j, values)| Criterion {
            direction: if j % 2 == 0 { Direction::Benefit } else { Direction::Cost },
            weight: 0.2,
            values,
        })
        .collect();
    bench.bench_function("topsis, 5 criteria, top 10", |b| {
        b.iter(|| topsis(black_box(&criteria), Normalisation::Vector).map(|t| t.best(10)));
    });
    // So wide that the hundred best by score contend.
    let interval = |j: usize, row: usize| {
        let x = columns[j][row];
        Some(Interval { low: 0.9 * x, high: 1.1 * x })
    };
    let ranked = topsis(&criteria, Normalisation::Vector);
    bench.bench_function("stability, 5 criteria, intervals of 10 %", |b| {
        b.iter(|| ranked.as_ref().map(|t| stability(t, &criteria, black_box(interval), &[], 1)));
    });
}

fn bench_pareto(bench: &mut Bench) {
    for width in [2, 3, 4, 5] {
        let columns = uniform(width, ROWS);
        let objectives = objectives(&columns);
        bench.bench_function(&format!("pareto front, {width} objectives"), |b| {
            b.iter(|| pareto(black_box(&objectives)));
        });
    }
    for width in [3, 5] {
        let columns = uniform(width, 10_000);
        let objectives = objectives(&columns);
        bench.bench_function(&format!("fronts of 10,000, {width} objectives"), |b| {
            b.iter(|| fronts(black_box(&objectives)));
        });
    }
    for (width, count) in [(3, 1000), (4, 200)] {
        let columns = on_sphere(width, count);
        let objectives = objectives(&columns);
        bench.bench_function(&format!("hypervolume of {count}, {width} objectives"), |b| {
            b.iter(|| hypervolume(black_box(&objectives), &vec![1.0; width]));
        });
    }
}

criterion_group!(benches, bench_topsis, bench_pareto);
criterion_main!(benches);
