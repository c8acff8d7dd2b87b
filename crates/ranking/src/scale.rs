//! A **scale** makes the values of one criterion comparable with those of another: it says what they are divided by,
//! and which of them are the best and the worst.

use crate::Direction;

/// What the values of a criterion are divided by.
///
/// Both are linear, and an offset would cancel in the distances, so that a division is all there is to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Normalisation {
    /// The Euclidean norm of the column: `r_ij = x_ij / sqrt(sum_i x_ij^2)`. The method's own.
    #[default]
    Vector,
    /// The range of the column: `r_ij = (x_ij - min_i x_ij) / (max_i x_ij - min_i x_ij)`. Every criterion then
    /// spreads over the same interval, however little its values differ.
    MinMax,
}

/// How one criterion entered the distances.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scale {
    /// Its share of all weights; 0 when it has no values or weighs nothing.
    pub weight: f64,
    /// What its values are divided by; 0 when that is no number to divide by, since all values are 0 or, under
    /// [`Normalisation::MinMax`], equal. Such a criterion decides nothing.
    pub norm: f64,
    /// The best value, in the criterion's unit: its part of the ideal.
    pub best: f64,
    /// The worst value: its part of the anti-ideal.
    pub worst: f64,
}

impl Scale {
    /// The scale of a column. None when a value is infinite or `NaN`.
    pub(crate) fn of(
        values: &[f64],
        direction: Direction,
        weight: f64,
        normalisation: Normalisation,
    ) -> Option<Self> {
        let Extent { low, high, squares } = Extent::of(values);
        if squares.is_nan() || low == f64::NEG_INFINITY || high == f64::INFINITY {
            return (values.is_empty()).then_some(Self { weight, ..Self::default() });
        }
        let norm = match normalisation {
            Normalisation::Vector => euclidean(values, low, high, squares),
            // Half of each, since the range of the largest numbers is none.
            Normalisation::MinMax => (high * 0.5 - low * 0.5) * 2.0,
        };
        let (best, worst) = match direction {
            Direction::Benefit => (high, low),
            Direction::Cost => (low, high),
        };
        Some(Self { weight, norm, best, worst })
    }

    /// What a value is multiplied by.
    pub(crate) fn factor(&self) -> f64 {
        if self.norm > 0.0 { self.weight / self.norm } else { 0.0 }
    }
}

/// The Euclidean norm. Where the plain sum of squares overflowed or lost digits, the largest magnitude is taken out
/// first.
fn euclidean(values: &[f64], low: f64, high: f64, squares: f64) -> f64 {
    const SAFE: std::ops::Range<f64> = 1e-200..1e300;
    if SAFE.contains(&squares) {
        return squares.sqrt();
    }
    let largest = high.abs().max(low.abs());
    if largest == 0.0 {
        return 0.0;
    }
    let scaled: f64 = values.iter().map(|x| x / largest).map(|x| x * x).sum();
    largest * scaled.sqrt()
}

/// Smallest and largest value and the sum of squares. The squares are `NaN` when a value is; the extremes are then
/// those of the others.
struct Extent {
    low: f64,
    high: f64,
    squares: f64,
}

impl Extent {
    /// In independent lanes: a sum in one order can only be taken one value after another.
    fn of(values: &[f64]) -> Self {
        const LANES: usize = 8;
        let mut low = [f64::INFINITY; LANES];
        let mut high = [f64::NEG_INFINITY; LANES];
        let mut squares = [0.0; LANES];
        let (chunks, rest) = values.as_chunks::<LANES>();
        let mut take = |lane: usize, x: f64| {
            low[lane] = if x < low[lane] { x } else { low[lane] };
            high[lane] = if x > high[lane] { x } else { high[lane] };
            squares[lane] += x * x;
        };
        for chunk in chunks {
            for (lane, &x) in chunk.iter().enumerate() {
                take(lane, x);
            }
        }
        for (lane, &x) in rest.iter().enumerate() {
            take(lane, x);
        }
        Self {
            low: low.into_iter().fold(f64::INFINITY, f64::min),
            high: high.into_iter().fold(f64::NEG_INFINITY, f64::max),
            squares: squares.into_iter().sum(),
        }
    }
}
