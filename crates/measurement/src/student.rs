//! **Student's t**: how many standard errors wide the 95 % interval of a mean over few values is.

/// 97.5 % quantiles with 1 to 19 degrees of freedom.
const T_975: [f64; 19] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093,
];

/// Most values of which a mean can be told.
pub(crate) const MOST_VALUES: usize = T_975.len() + 1;

/// A mean and half of its 95 % interval, of 2 to [`MOST_VALUES`] values that are independent of each other. None of
/// fewer or more.
pub(crate) fn mean_and_half_width(values: &[f64]) -> Option<(f64, f64)> {
    let freedom = values.len().checked_sub(1)?;
    let t = T_975.get(freedom.checked_sub(1)?)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / freedom as f64;
    Some((mean, t * (variance / n).sqrt()))
}
