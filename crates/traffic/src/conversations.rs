//! The schedule of **conversations**: how many turns each has, and how long its user thinks before each. All of it is
//! a pure function of a seed and the conversation's index, whichever slot it runs in.

use std::num::NonZeroU32;

use domain::conversation::{Conversation, ThinkTime};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1, LogNormal};

use crate::lengths::draw;

/// Keep the random numbers apart from each other's and from the lengths'.
const TURNS_SALT: u64 = 0x7a1c_0000_0000_0001;
const THINK_SALT: u64 = 0x7a1c_0000_0000_0002;
const FIRST_SALT: u64 = 0x7a1c_0000_0000_0003;
/// Nanoseconds in a microsecond.
const NS_PER_US: f64 = 1e3;
/// Longest think time, a day, in nanoseconds.
const MOST_NS: f64 = 86_400e9;

/// A place in a conversation, or a request that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Of the conversation, or of the request, from 0.
    pub index: u32,
    /// Turns before it.
    pub before: u32,
}

impl Place {
    /// The first turn of a conversation, or a request that stands alone.
    #[must_use]
    pub const fn first(index: u32) -> Self {
        Self { index, before: 0 }
    }

    /// A number that no other place has. That of a first turn is the conversation's index.
    #[must_use]
    pub const fn number(self) -> u64 {
        (self.before as u64) << 32 | self.index as u64
    }
}

/// How many turns a conversation has.
#[must_use]
pub fn turns(of: &Conversation, seed: u64, conversation: u32) -> NonZeroU32 {
    draw(of.turns, seed ^ TURNS_SALT, u64::from(conversation))
}

/// After how many of its `turns` a conversation ends that begins with many others, so that they do not all walk in
/// step: each number is as likely.
#[must_use]
pub fn first_turns(turns: NonZeroU32, seed: u64, conversation: u32) -> NonZeroU32 {
    let number = rng(seed ^ FIRST_SALT, Place::first(conversation)).random_range(1..=turns.get());
    NonZeroU32::new(number).unwrap_or(turns)
}

/// Time from the end of the answer before a turn until the turn is due, ns.
#[must_use]
pub fn think_ns(think: ThinkTime, seed: u64, turn: Place) -> u64 {
    let rng = || rng(seed ^ THINK_SALT, turn);
    let us = match think {
        ThinkTime::Fixed { us } => us as f64,
        ThinkTime::Exponential { mean_us } => mean_us as f64 * Distribution::<f64>::sample(&Exp1, &mut rng()),
        ThinkTime::LogNormal { mean_us, deviation_us } => {
            let mean = mean_us as f64;
            let lognormal = LogNormal::from_mean_cv(mean, deviation_us as f64 / mean);
            lognormal.map_or(mean, |lognormal| lognormal.sample(&mut rng()))
        }
    };
    (us * NS_PER_US).clamp(0.0, MOST_NS).round() as u64
}

fn rng(seed: u64, place: Place) -> StdRng {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    StdRng::seed_from_u64(seed ^ place.number().wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn think_times_have_the_moments_asked_for() {
        for (text, mean, deviation) in [
            ("2s", 2.0, 0.0),
            ("exponential:2s", 2.0, 2.0),
            ("lognormal:2s,1s", 2.0, 1.0),
            ("lognormal:2s,0s", 2.0, 0.0),
        ] {
            let think = text.parse().unwrap();
            let place = |n: u32| Place { index: n / 4, before: n % 4 };
            let times: Vec<f64> = (0..40_000).map(|n| think_ns(think, 3, place(n)) as f64 / 1e9).collect();
            let found = times.iter().sum::<f64>() / times.len() as f64;
            let squares = times.iter().map(|t| (t - found).powi(2)).sum::<f64>() / times.len() as f64;
            assert!((found / mean - 1.0).abs() < 0.02, "{text}: {found}");
            assert!((squares.sqrt() - deviation).abs() <= 0.05 * deviation, "{text}: {}", squares.sqrt());
        }
    }

    #[test]
    fn the_first_conversations_end_after_any_of_their_turns() {
        let turns = NonZeroU32::new(4).unwrap();
        let mut ended = [0; 4];
        for conversation in 0..4_000 {
            ended[first_turns(turns, 9, conversation).get() as usize - 1] += 1;
        }
        assert!(ended.iter().all(|n| (900..1100).contains(n)), "{ended:?}");
    }

    fn any_think() -> impl Strategy<Value = ThinkTime> {
        let us = 1..=86_400_000_000_u64;
        prop_oneof![
            (0..=86_400_000_000_u64).prop_map(|us| ThinkTime::Fixed { us }),
            us.clone().prop_map(|mean_us| ThinkTime::Exponential { mean_us }),
            (us, 0..=86_400_000_000_u64)
                .prop_map(|(mean_us, deviation_us)| ThinkTime::LogNormal { mean_us, deviation_us }),
        ]
    }

    proptest! {
        #[test]
        fn a_conversation_is_a_function_of_seed_and_index(
            think in any_think(),
            (low, more) in (1..=50_u32, 0..=50_u32),
            seed: u64,
            indices in proptest::collection::vec(any::<u32>(), 1..20),
        ) {
            let of = Conversation {
                turns: format!("uniform:{low}-{}", low + more).parse().unwrap(),
                turn_input_tokens: "1".parse().unwrap(),
                think_time: think,
            };
            let whole = |index: u32| {
                let turns = turns(&of, seed, index);
                let times = (0..turns.get()).map(|before| think_ns(think, seed, Place { index, before }));
                (turns, first_turns(turns, seed, index), times.collect::<Vec<u64>>())
            };
            // Whatever the order in which slots take them.
            let forwards: Vec<_> = indices.iter().map(|index| whole(*index)).collect();
            let mut backwards: Vec<_> = indices.iter().rev().map(|index| whole(*index)).collect();
            backwards.reverse();
            prop_assert_eq!(&forwards, &backwards);
            for (turns, first, times) in forwards {
                prop_assert!((low..=low + more).contains(&turns.get()) && first <= turns);
                prop_assert!(times.iter().all(|ns| *ns <= MOST_NS as u64));
            }
        }

        #[test]
        fn no_two_places_have_a_number(a in any::<(u32, u32)>(), b in any::<(u32, u32)>()) {
            let number = |(index, before)| Place { index, before }.number();
            prop_assert_eq!(a == b, number(a) == number(b));
        }
    }
}
