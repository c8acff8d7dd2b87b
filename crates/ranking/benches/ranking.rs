//! How long ranking 90,000 rows takes on one core. `docs/ranking.md` has the figures.
//!
//!     cargo bench -p ranking

use std::hint::black_box;

use criterion::{Criterion as Bench, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ranking::{Criterion, Direction, Objective, pareto, topsis};

const ROWS: usize = 90_000;

/// Columns of independent uniform numbers, as moocore's figures are for.
fn uniform(columns: usize) -> Vec<Vec<f64>> {
    let mut rng = StdRng::seed_from_u64(1981);
    (0..columns).map(|_| (0..ROWS).map(|_| rng.random()).collect()).collect()
}

fn bench_topsis(bench: &mut Bench) {
    let columns = uniform(5);
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
        b.iter(|| topsis(black_box(&criteria)).map(|t| t.ranked[..10].to_vec()));
    });
}

fn bench_pareto(bench: &mut Bench) {
    for width in [2, 3, 4, 5] {
        let columns = uniform(width);
        let objectives: Vec<Objective<'_>> =
            columns.iter().map(|values| Objective { direction: Direction::Cost, values }).collect();
        bench.bench_function(&format!("pareto front, {width} objectives"), |b| {
            b.iter(|| pareto(black_box(&objectives)));
        });
    }
}

criterion_group!(benches, bench_topsis, bench_pareto);
criterion_main!(benches);
