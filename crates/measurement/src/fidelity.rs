//! **Fidelity** is how far a model in lower precision still says what the unquantised one says: the same prompts are
//! continued greedily by both, and the continuations are compared token by token.
//!
//! An engine does not even repeat itself exactly: batches and kernels round differently, and one token that is nearly as likely
//! as another changes all that follow. So the unquantised model is asked twice, and what its second pass differs from the
//! first is the floor against which a loss is told.
//!
//! A continuation is *kept* when it is the reference's to its last token. Prompts are pairs: kept by the second pass of the
//! unquantised model or not, kept by the other or not. With `b` prompts that only the former keeps and `c` that only the latter
//! does, the exact test of McNemar (Psychometrika 12, 1947) takes `b` as drawn from a binomial distribution of `b + c` even
//! chances; one-sided, since a loss is looked for:
//!
//! ```text
//! p = sum_{i=b}^{b+c} C(b+c, i) / 2^(b+c)
//! ```
//!
//! How much is lost is the mean over prompts of the difference of their agreement (the share of tokens before the first that
//! differs), with a 95 % interval by the percentile bootstrap over prompts (Efron & Tibshirani, *An Introduction to the
//! Bootstrap*, 1993, chapter 13), seeded.

use domain::fidelity::{Agreement, Fidelity, Loss};
use domain::metrics::Interval;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Draws of the bootstrap.
const DRAWS: usize = 2_000;

/// Its seed: the same answers have the same interval.
const SEED: u64 = 1_993;

/// A continuation, as tokens.
pub type Tokens = Vec<String>;

/// How one continuation compares with another.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair {
    /// Tokens before the first that differs.
    until: usize,
    /// Places with the same token in both.
    same: usize,
    /// Tokens of the longer one.
    of: usize,
    kept: bool,
}

impl Pair {
    fn of(reference: &[String], other: &[String]) -> Self {
        let pairs = || reference.iter().zip(other);
        Self {
            until: pairs().take_while(|(a, b)| a == b).count(),
            same: pairs().filter(|(a, b)| a == b).count(),
            of: reference.len().max(other.len()),
            kept: reference == other,
        }
    }

    /// The share of tokens before the first that differs. Two empty continuations agree.
    fn agreement(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.until as f64 / self.of as f64 }
    }
}

/// Compares continuations with the reference's first pass, prompt by prompt, against its second. None where there are none, or not
/// as many of each.
#[must_use]
pub fn compare(first: &[Tokens], second: &[Tokens], other: &[Tokens]) -> Option<Fidelity> {
    if first.is_empty() || first.len() != second.len() || first.len() != other.len() {
        return None;
    }
    let pairs = |with: &[Tokens]| -> Vec<Pair> {
        first.iter().zip(with).map(|(reference, other)| Pair::of(reference, other)).collect()
    };
    let (floor, own) = (pairs(second), pairs(other));
    let discordant = |lost: bool| {
        floor.iter().zip(&own).filter(|(floor, own)| floor.kept == lost && own.kept != lost).count() as u64
    };
    let (only_floor, only_own) = (discordant(true), discordant(false));
    let differences: Vec<f64> =
        floor.iter().zip(&own).map(|(floor, own)| floor.agreement() - own.agreement()).collect();
    Some(Fidelity {
        prompts: first.len() as u32,
        agreement: agreement(&own),
        floor: agreement(&floor),
        loss: Loss {
            agreement: mean(&differences),
            agreement_ci95: bootstrap(&differences),
            kept_by_floor_only: only_floor,
            kept_by_own_only: only_own,
            p_value: mcnemar(only_floor, only_own),
        },
    })
}

fn agreement(pairs: &[Pair]) -> Agreement {
    let n = pairs.len() as f64;
    let sum = |of: fn(&Pair) -> usize| pairs.iter().map(of).sum::<usize>() as f64;
    let tokens = sum(|pair| pair.of);
    let share = |same: f64| if tokens > 0.0 { same / tokens } else { 1.0 };
    Agreement {
        until_divergence: share(sum(|pair| pair.until)),
        tokens: share(sum(|pair| pair.same)),
        exact: sum(|pair| usize::from(pair.kept)) / n,
        mean_tokens_until_divergence: sum(|pair| pair.until) / n,
    }
}

/// The one-sided exact p-value of McNemar: how likely `b` or more of `b + c` are by even chances.
fn mcnemar(b: u64, c: u64) -> f64 {
    let n = b + c;
    // ln C(n, i), from one i to the next.
    let mut log = 0.0;
    let mut p = 0.0;
    for i in 0..=n {
        if i > 0 {
            log += ((n - i + 1) as f64).ln() - (i as f64).ln();
        }
        if i >= b {
            p += (log - n as f64 * std::f64::consts::LN_2).exp();
        }
    }
    p.min(1.0)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The 95 % interval of a mean by the percentile bootstrap.
fn bootstrap(values: &[f64]) -> Interval {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut draw = || {
        let drawn = (0..values.len()).map(|_| values.get(random.random_range(0..values.len())).copied());
        drawn.flatten().sum::<f64>() / values.len() as f64
    };
    let mut means: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    means.sort_unstable_by(f64::total_cmp);
    let at =
        |share: f64| means.get((share * (DRAWS - 1) as f64).round() as usize).copied().unwrap_or(f64::NAN);
    Interval { low: at(0.025), high: at(0.975) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Tokens {
        text.split(' ').map(str::to_owned).collect()
    }

    fn all(texts: &[&str]) -> Vec<Tokens> {
        texts.iter().map(|text| tokens(text)).collect()
    }

    #[test]
    fn the_same_answers_lose_nothing() {
        let answers = all(&["a b c d", "e f"]);
        let told = compare(&answers, &answers, &answers).unwrap();
        let whole =
            Agreement { until_divergence: 1.0, tokens: 1.0, exact: 1.0, mean_tokens_until_divergence: 3.0 };
        assert_eq!((told.agreement, told.floor), (whole, whole));
        assert_eq!((told.loss.agreement, told.loss.p_value), (0.0, 1.0));
        assert_eq!(compare(&answers, &answers, &answers[..1]), None);
        assert_eq!(compare(&[], &[], &[]), None);
    }

    /// What follows a difference may agree by chance, and does not count as agreement until it.
    #[test]
    fn agreement_is_told_until_the_first_difference_and_over_all() {
        let first = all(&["a b c d", "e f g h"]);
        let told = compare(&first, &first, &all(&["a b x d", "e f g"])).unwrap();
        let own = Agreement {
            until_divergence: 5.0 / 8.0,
            tokens: 6.0 / 8.0,
            exact: 0.0,
            mean_tokens_until_divergence: 2.5,
        };
        assert_eq!(told.agreement, own);
        assert!((told.loss.agreement - (0.5 + 0.25) / 2.0).abs() < 1e-12);
        assert_eq!((told.loss.kept_by_floor_only, told.loss.p_value), (2, 0.25));
        let interval = told.loss.agreement_ci95;
        assert!(interval.low >= 0.25 && interval.high <= 0.5, "{interval:?}");
    }

    /// By whole-number arithmetic: `sum(comb(n, i) for i in range(b, n + 1)) / 2**n`.
    #[test]
    fn mcnemar_is_that_of_the_binomial_distribution() {
        for (b, c, p) in [
            (0, 0, 1.0),
            (5, 0, 0.031_25),
            (8, 2, 0.054_687_5),
            (2, 8, 0.989_257_812_5),
            (20, 5, 0.002_038_657_665),
        ] {
            assert!((mcnemar(b, c) - p).abs() < 1e-9, "{b} {c}: {}", mcnemar(b, c));
        }
        assert!(mcnemar(5_000, 5_000) > 0.49);
    }
}
