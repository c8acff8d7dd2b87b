//! Draws **lengths**: each a pure function of a seed and a request's index.

use std::num::NonZeroU32;

use domain::lengths::{Lengths, Spread};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, LogNormal, Normal};

/// The length of a request.
#[must_use]
pub fn draw(lengths: Lengths, seed: u64, index: u64) -> NonZeroU32 {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    let rng = || StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mean = f64::from(lengths.mean().get());
    let clipped = |length: f64| {
        let length = NonZeroU32::new(length.round() as u32).unwrap_or(NonZeroU32::MIN);
        length.min(lengths.longest())
    };
    match lengths.spread() {
        Spread::None => lengths.mean(),
        Spread::Uniform { low, high } => {
            NonZeroU32::new(rng().random_range(low.get()..=high.get())).unwrap_or(low)
        }
        Spread::Normal { deviation } => {
            let normal = Normal::new(mean, f64::from(deviation));
            clipped(normal.map_or(mean, |normal| normal.sample(&mut rng())))
        }
        Spread::LogNormal { deviation } => {
            let lognormal = LogNormal::from_mean_cv(mean, f64::from(deviation) / mean);
            clipped(lognormal.map_or(mean, |lognormal| lognormal.sample(&mut rng())))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moments_of(lengths: Lengths) -> (f64, f64) {
        let values: Vec<f64> = (0..40_000).map(|i| f64::from(draw(lengths, 7, i).get())).collect();
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
            let (found_mean, found_deviation) = moments_of(text.parse().unwrap());
            assert!((found_mean / mean - 1.0).abs() < 0.02, "{text}: {found_mean}");
            // The tail is cut off at five deviations.
            assert!((found_deviation - deviation).abs() <= 0.08 * deviation, "{text}: {found_deviation}");
        }
    }

    fn any_lengths() -> impl Strategy<Value = Lengths> {
        let number = || (1..=100_000_000_u32).prop_map(|n| NonZeroU32::new(n).unwrap());
        let spread = prop_oneof![
            Just(Spread::None),
            (number(), number()).prop_map(|(a, b)| Spread::Uniform { low: a.min(b), high: a.max(b) }),
            (0..=100_000_000_u32).prop_map(|deviation| Spread::Normal { deviation }),
            (0..=100_000_000_u32).prop_map(|deviation| Spread::LogNormal { deviation }),
        ];
        (number(), spread).prop_map(|(mean, spread)| Lengths::new(mean, spread))
    }

    proptest! {
        #[test]
        fn a_length_is_a_function_of_seed_and_index(lengths in any_lengths(), seed: u64, index: u64) {
            let length = draw(lengths, seed, index);
            prop_assert_eq!(length, draw(lengths, seed, index));
            prop_assert!(length <= lengths.longest());
            if let Spread::Uniform { low, high } = lengths.spread() {
                prop_assert!((low..=high).contains(&length));
            }
        }
    }
}
