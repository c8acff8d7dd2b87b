//! **Repeats** of a run differ by more than the intervals within one run say: the server started elsewhere, other
//! prompts, another hour. The mean over repeats has a 95 % interval of Student's t over the runs' values.

/// 97.5 % quantiles of Student's t with 1 to 10 degrees of freedom.
const T_975: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
/// Most runs of which a mean can be told.
pub const MOST_RUNS: usize = T_975.len() + 1;

/// A mean over runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetweenRuns {
    /// The mean of the runs' values.
    pub mean: f64,
    /// Half of its 95 % interval.
    pub half_width: f64,
}

/// The mean over the values of 2 to [`MOST_RUNS`] runs, one for each. None of fewer or more.
#[must_use]
pub fn between_runs(values: &[f64]) -> Option<BetweenRuns> {
    let freedom = values.len().checked_sub(1)?;
    let t = T_975.get(freedom.checked_sub(1)?)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / freedom as f64;
    Some(BetweenRuns { mean, half_width: t * (variance / n).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_students() {
        // scipy.stats.t.interval(0.95, 2, loc=20, scale=scipy.stats.sem([10, 20, 30])) = (-4.84, 44.84)
        let found = between_runs(&[10.0, 20.0, 30.0]).unwrap();
        assert!((found.mean - 20.0).abs() < 1e-12 && (found.half_width - 24.84).abs() < 0.01, "{found:?}");
        assert_eq!(between_runs(&[3.0; 5]), Some(BetweenRuns { mean: 3.0, half_width: 0.0 }));
    }

    #[test]
    fn one_run_and_too_many_tell_nothing() {
        assert_eq!(between_runs(&[]), None);
        assert_eq!(between_runs(&[1.0]), None);
        assert_eq!(between_runs(&[1.0; MOST_RUNS + 1]), None);
        assert!(between_runs(&[1.0; MOST_RUNS]).is_some());
    }
}
