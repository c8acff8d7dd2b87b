//! **Lengths** are numbers of tokens, each a pure function of a seed and a request's index. None is below 1.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, LogNormal, Normal};

/// How the lengths of a run are distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lengths {
    /// All the same.
    Fixed(NonZeroU32),
    /// Each from the first to the second is as likely.
    Uniform(NonZeroU32, NonZeroU32),
    /// Around a mean, with a standard deviation; what falls below 1 is 1.
    Normal(Moments),
    /// The same moments with a long tail, as prompts of people have it.
    LogNormal(Moments),
}

/// Mean and standard deviation, in tokens, before anything is clipped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    mean: f64,
    deviation: f64,
}

/// A text that says no lengths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no length: write 512, uniform:100-900, normal:512,128 or lognormal:512,400 (mean, deviation)"
)]
pub struct BadLengths(pub String);

impl Lengths {
    /// The length of a request.
    #[must_use]
    pub fn of(&self, seed: u64, index: u64) -> NonZeroU32 {
        // Streams of one seed are kept apart by the odd constant of splitmix64.
        let rng = || StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        match *self {
            Self::Fixed(length) => length,
            Self::Uniform(low, high) => {
                NonZeroU32::new(rng().random_range(low.get()..=high.get())).unwrap_or(low)
            }
            Self::Normal(Moments { mean, deviation }) => {
                clipped(Normal::new(mean, deviation).map_or(mean, |normal| normal.sample(&mut rng())))
            }
            Self::LogNormal(Moments { mean, deviation }) => {
                let cv = deviation / mean;
                clipped(
                    LogNormal::from_mean_cv(mean, cv).map_or(mean, |lognormal| lognormal.sample(&mut rng())),
                )
            }
        }
    }

    /// The mean, before anything is clipped.
    #[must_use]
    pub fn mean(&self) -> NonZeroU32 {
        match *self {
            Self::Fixed(length) => length,
            Self::Uniform(low, high) => clipped(f64::midpoint(f64::from(low.get()), f64::from(high.get()))),
            Self::Normal(moments) | Self::LogNormal(moments) => clipped(moments.mean),
        }
    }
}

/// To a whole number of tokens, at least 1.
fn clipped(length: f64) -> NonZeroU32 {
    NonZeroU32::new(length.round() as u32).unwrap_or(NonZeroU32::MIN)
}

impl FromStr for Lengths {
    type Err = BadLengths;

    fn from_str(text: &str) -> Result<Self, BadLengths> {
        let read = || {
            let Some((kind, numbers)) = text.split_once(':') else {
                return Some(Self::Fixed(text.trim().parse().ok()?));
            };
            let moments = || {
                let (mean, deviation) = numbers.split_once(',')?;
                let mean: f64 = mean.trim().parse().ok().filter(|m| (1.0..=1e8).contains(m))?;
                let deviation = deviation.trim().parse().ok().filter(|d| (0.0..=1e8).contains(d))?;
                Some(Moments { mean, deviation })
            };
            match kind.trim() {
                "uniform" => {
                    let (low, high) = numbers.split_once('-')?;
                    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
                    (low <= high).then_some(Self::Uniform(low, high))
                }
                "normal" => moments().map(Self::Normal),
                "lognormal" => moments().map(Self::LogNormal),
                _ => None,
            }
        };
        read().ok_or_else(|| BadLengths(text.to_owned()))
    }
}

/// As it is written.
impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => write!(f, "{length}"),
            Self::Uniform(low, high) => write!(f, "uniform:{low}-{high}"),
            Self::Normal(Moments { mean, deviation }) => write!(f, "normal:{mean},{deviation}"),
            Self::LogNormal(Moments { mean, deviation }) => write!(f, "lognormal:{mean},{deviation}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lengths(text: &str) -> Lengths {
        text.parse().unwrap()
    }

    fn moments_of(lengths: &Lengths) -> (f64, f64) {
        let values: Vec<f64> = (0..40_000).map(|i| f64::from(lengths.of(7, i).get())).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (mean, variance.sqrt())
    }

    #[test]
    fn lengths_have_the_moments_asked_for() {
        for (text, mean, deviation) in [
            ("512", 512.0, 0.0),
            ("uniform:100-900", 500.0, 231.2),
            ("normal:512,64", 512.0, 64.0),
            ("lognormal:512,400", 512.0, 400.0),
        ] {
            let (found_mean, found_deviation) = moments_of(&lengths(text));
            assert!((found_mean / mean - 1.0).abs() < 0.02, "{text}: {found_mean}");
            assert!((found_deviation - deviation).abs() <= 0.06 * deviation, "{text}: {found_deviation}");
            assert_eq!(f64::from(lengths(text).mean().get()), mean, "{text}");
        }
    }

    #[test]
    fn lengths_are_written_as_they_are_read_and_all_else_is_refused() {
        for text in ["1", "uniform:1-1", "normal:10,0", "lognormal:512,400.5"] {
            assert_eq!(lengths(text).to_string(), text);
        }
        for bad in [
            "",
            "0",
            "-3",
            "1.5",
            "uniform:5-4",
            "uniform:0-4",
            "uniform:5",
            "normal:0,1",
            "normal:9",
            "normal:nan,1",
            "normal:9,-1",
            "lognormal:9,inf",
            "zipf:1,2",
        ] {
            assert_eq!(bad.parse::<Lengths>(), Err(BadLengths(bad.to_owned())));
        }
    }

    fn any_lengths() -> impl Strategy<Value = Lengths> {
        let number = || (1..=u32::MAX).prop_map(|n| NonZeroU32::new(n).unwrap());
        let moments =
            || (1.0..1e8_f64, 0.0..1e8_f64).prop_map(|(mean, deviation)| Moments { mean, deviation });
        prop_oneof![
            number().prop_map(Lengths::Fixed),
            (number(), number()).prop_map(|(a, b)| Lengths::Uniform(a.min(b), a.max(b))),
            moments().prop_map(Lengths::Normal),
            moments().prop_map(Lengths::LogNormal),
        ]
    }

    proptest! {
        #[test]
        fn a_length_is_a_function_of_seed_and_index(lengths in any_lengths(), seed: u64, index: u64) {
            prop_assert_eq!(lengths.of(seed, index), lengths.of(seed, index));
            if let Lengths::Uniform(low, high) = lengths {
                prop_assert!((low..=high).contains(&lengths.of(seed, index)));
            }
        }
    }
}
