//! The **stability** of a ranking is how sure its first place is, when the values are known only to within confidence
//! intervals.
//!
//! The contenders' values are drawn many times from their intervals and ranked each time; how often each comes first is
//! its probability of being first (the first-rank acceptability of SMAA: Lahdelma & Salminen, *SMAA-2: Stochastic
//! Multicriteria Acceptability Analysis for Group Decision Making*, Operations Research 49(3), 2001). The most probable
//! of them that together hold the first place with 95 % probability cannot be told apart.
//!
//! What is assumed: a value is normally distributed on either side of its estimate, with the half-widths of its
//! interval as 1.96 standard deviations, independently of all others; a value without an interval is exact. Criteria that
//! follow from one measured quantity, as a price per token does from the throughput, are moved by one draw. The scales
//! and the anti-ideal are those of the estimates; the ideal is the best that was drawn, where that is better than every
//! estimate.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

use crate::topsis::{Topsis, squared_ratio};
use crate::{Criterion, Direction, TopsisError};

/// Times that the contenders are ranked. The standard error of a probability is then 1.6 % at most.
const DRAWS: usize = 1000;

/// Most contenders: the best by score.
const CONTENDERS: usize = 100;

/// How probable it is that the first is in the set that cannot be told apart.
const HELD: f64 = 0.95;

/// Standard deviations beyond which no draw is expected: one in 30,000.
const FAR: f64 = 4.0;

/// The two-sided 95 % quantile of the normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How sure the first place is.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// Rows that may be first with their probability, the most probable first. They add up to 1.
    pub first: Vec<(usize, f64)>,
    /// How many rows of `first`, from its beginning, cannot be told apart.
    pub indistinct: usize,
}

/// Ranks the best rows again and again with values drawn from their intervals: `interval` gives that of a criterion and
/// a row, or none where the value is exact. A row's criteria that have the same number in `draws` become better or worse
/// together; a criterion without a number has a draw of its own.
///
/// # Errors
/// When a column is not as long as those that were ranked.
pub fn stability(
    topsis: &Topsis,
    criteria: &[Criterion<'_>],
    interval: impl Fn(usize, usize) -> Option<Interval>,
    draws: &[usize],
    seed: u64,
) -> Result<Stability, TopsisError> {
    let rows = topsis.ratios.len();
    if let Some((criterion, c)) = criteria.iter().enumerate().find(|(_, c)| c.values.len() != rows) {
        return Err(TopsisError::Length { criterion, got: c.values.len(), expected: rows });
    }
    let best = topsis.best(CONTENDERS);
    let mut contenders: Vec<Contender> =
        best.iter().map(|&(row, _)| Contender::of(row, topsis, criteria, draws, &interval)).collect();
    let to_beat = contenders.iter().map(|c| c.ratio(-FAR)).fold(f64::INFINITY, f64::min);
    contenders.retain(|c| c.ratio(FAR) <= to_beat);

    let mut rng = StdRng::seed_from_u64(seed);
    let mut won = vec![0_usize; contenders.len()];
    // At least 1, since rows are cut into chunks of it.
    let width = contenders.first().map_or(1, |c| c.values.len());
    let mut gains = vec![0.0; contenders.len() * width];
    let most = contenders.iter().flat_map(|c| &c.values).map(|value| value.draw).max().unwrap_or(0);
    let mut drawn = vec![f64::NAN; most + 1];
    for _ in 0..DRAWS {
        let mut beyond_ideal = vec![0.0_f64; width];
        for (contender, gains) in contenders.iter().zip(gains.chunks_exact_mut(width)) {
            drawn.fill(f64::NAN);
            for ((value, gain), beyond) in contender.values.iter().zip(gains).zip(&mut beyond_ideal) {
                *gain = value.gain(value.drawn(&mut drawn, &mut rng));
                *beyond = beyond.max(*gain - value.to_ideal);
            }
        }
        let mut first = (f64::INFINITY, 0);
        for (at, (contender, gains)) in contenders.iter().zip(gains.chunks_exact(width)).enumerate() {
            let ratio = contender.ratio_with(gains, &beyond_ideal);
            if ratio < first.0 {
                first = (ratio, at);
            }
        }
        if let Some(won) = won.get_mut(first.1) {
            *won += 1;
        }
    }
    let mut first: Vec<(usize, f64)> = contenders
        .iter()
        .zip(won)
        .filter(|(_, won)| *won > 0)
        .map(|(contender, won)| (contender.row, won as f64 / DRAWS as f64))
        .collect();
    // Stable, so that equally probable rows stay in the order of their scores.
    first.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut held = 0.0;
    let before = |&&(_, probability): &&(usize, f64)| {
        let more = held < HELD - 1e-9;
        held += probability;
        more
    };
    let indistinct = first.iter().take_while(before).count();
    Ok(Stability { first, indistinct })
}

/// A row that may be first.
struct Contender {
    row: usize,
    values: Vec<Drawable>,
}

/// A value as a draw moves it, weighted and normalised.
struct Drawable {
    /// How much worse it is than the best.
    to_ideal: f64,
    /// How much better it is than the worst.
    to_anti_ideal: f64,
    /// One standard deviation towards the better.
    better: f64,
    /// One standard deviation towards the worse.
    worse: f64,
    /// Which of the row's draws moves it.
    draw: usize,
}

impl Contender {
    fn of(
        row: usize,
        topsis: &Topsis,
        criteria: &[Criterion<'_>],
        draws: &[usize],
        interval: impl Fn(usize, usize) -> Option<Interval>,
    ) -> Self {
        let after_all = draws.iter().max().map_or(0, |most| most + 1);
        let used = topsis.scales.iter().enumerate().filter(|(_, scale)| scale.weight > 0.0);
        let values = used.map(|(j, scale)| {
            let factor = scale.factor();
            let x = criteria[j].values[row];
            let reach = |i: Interval| ((x - i.low).max(0.0), (i.high - x).max(0.0));
            let (below, above) = interval(j, row).map_or((0.0, 0.0), reach);
            let (better, worse) = match criteria[j].direction {
                Direction::Benefit => (above, below),
                Direction::Cost => (below, above),
            };
            Drawable {
                to_ideal: (x - scale.best).abs() * factor,
                to_anti_ideal: (x - scale.worst).abs() * factor,
                better: better * factor / Z95,
                worse: worse * factor / Z95,
                draw: draws.get(j).copied().unwrap_or(after_all + j),
            }
        });
        Self { row, values: values.collect() }
    }

    /// The squared ratio of distances with every value moved by so many standard deviations towards the better, and
    /// the ideal where it is.
    fn ratio(&self, z: f64) -> f64 {
        let gains: Vec<f64> = self.values.iter().map(|value| value.gain(z)).collect();
        self.ratio_with(&gains, &vec![0.0; gains.len()])
    }

    /// The same with every value moved by its gain, and the ideal moved as well.
    fn ratio_with(&self, gains: &[f64], beyond_ideal: &[f64]) -> f64 {
        let (mut plus, mut minus) = (0.0, 0.0);
        for (value, (gain, beyond)) in self.values.iter().zip(gains.iter().zip(beyond_ideal)) {
            let to_ideal = (value.to_ideal - gain + beyond).max(0.0);
            let to_anti_ideal = (value.to_anti_ideal + gain).max(0.0);
            plus += to_ideal * to_ideal;
            minus += to_anti_ideal * to_anti_ideal;
        }
        squared_ratio(plus, minus)
    }
}

impl Drawable {
    fn gain(&self, z: f64) -> f64 {
        z * if z > 0.0 { self.better } else { self.worse }
    }

    /// Standard deviations towards the better, drawn unless another value of the row has drawn them.
    fn drawn(&self, drawn: &mut [f64], rng: &mut StdRng) -> f64 {
        if self.better == 0.0 && self.worse == 0.0 {
            return 0.0;
        }
        let z = &mut drawn[self.draw];
        if z.is_nan() {
            *z = StandardNormal.sample(rng);
        }
        *z
    }
}
