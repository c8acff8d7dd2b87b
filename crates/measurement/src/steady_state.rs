//! **Steady state** is the part of a run whose averages no longer move. It is found, not assumed: MSER-5
//! (White, 1997) cuts the start of a series where the marginal standard error of the rest is smallest.
//!
//! The series is averaged in batches of five; for each number `d` of batches cut, the statistic is
//! `sum((y - mean)^2) / (k - d)^2` over the `k - d` batches that remain. When the best cut lies beyond the
//! first half, the run never settled and no cut is made.

/// Observations in a batch: the 5 of MSER-5.
pub const BATCH: usize = 5;

/// Batches that must remain after a cut: the statistic of fewer is small by chance.
const LEAST_REMAINING: usize = 5;

/// Where the steady state begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SteadyState {
    /// This many observations of the series come before it.
    From(usize),
    /// It was not found within the first half, or the series is too short to tell.
    NotFound,
}

/// MSER-5 on a series of observations at equal intervals.
#[must_use]
pub fn mser5(series: &[f64]) -> SteadyState {
    let means: Vec<f64> = series.chunks_exact(BATCH).map(|b| b.iter().sum::<f64>() / BATCH as f64).collect();
    if means.len() < 2 * LEAST_REMAINING {
        return SteadyState::NotFound;
    }
    // From the end, so that each cut costs O(1): Welford's sums of the batches that remain.
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (cut, &value) in means.iter().enumerate().rev() {
        count += 1.0;
        let delta: f64 = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
        let statistic = squares / (count * count);
        // Of equal cuts the earliest keeps the most.
        if means.len() - cut >= LEAST_REMAINING && statistic <= best.0 {
            best = (statistic, cut);
        }
    }
    if best.1 <= means.len() / 2 { SteadyState::From(best.1 * BATCH) } else { SteadyState::NotFound }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_series_is_steady_from_the_start() {
        assert_eq!(mser5(&[3.0; 100]), SteadyState::From(0));
    }

    #[test]
    fn a_transient_is_cut_and_little_else() {
        for transient in [10, 20, 40] {
            let series: Vec<f64> = (0..200)
                .map(|i| {
                    let wave = if i % 2 == 0 { 1.0 } else { -1.0 };
                    100.0 + wave + if i < transient { 50.0 } else { 0.0 }
                })
                .collect();
            assert_eq!(mser5(&series), SteadyState::From(transient), "{transient}");
        }
    }

    #[test]
    fn a_decaying_start_is_cut_within_the_first_half() {
        // A little noise, as every real series has: without any, each cut would be an improvement.
        let series: Vec<f64> = (0..300)
            .map(|i| 100.0 - 80.0 * (-f64::from(i) / 15.0).exp() + 3.0 * f64::from(i * 7919 % 13) / 13.0)
            .collect();
        let SteadyState::From(cut) = mser5(&series) else { panic!("not found") };
        assert!((40..=150).contains(&cut), "{cut}");
    }

    #[test]
    fn a_series_that_keeps_growing_or_is_short_is_not_steady() {
        let growing: Vec<f64> = (0..200).map(|i| f64::from(i * i)).collect();
        assert_eq!(mser5(&growing), SteadyState::NotFound);
        assert_eq!(mser5(&[1.0; 49]), SteadyState::NotFound);
        assert_eq!(mser5(&[]), SteadyState::NotFound);
    }
}
