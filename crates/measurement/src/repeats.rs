//! **Repeats** of a run differ by more than the intervals within one run say: the server started elsewhere, other
//! prompts, another hour. The mean over repeats has a 95 % interval of Student's t over the runs' values.

use crate::student;

/// Most runs of which a mean can be told.
pub const MOST_RUNS: usize = student::MOST_VALUES;

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
    student::mean_and_half_width(values).map(|(mean, half_width)| BetweenRuns { mean, half_width })
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
