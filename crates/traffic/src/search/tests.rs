use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

const RATES: Bounds = Bounds { first: 1.0, least: 0.01, most: 1e4, precision: 0.05, whole: false };
const SLOTS: Bounds = Bounds { first: 1.0, least: 1.0, most: 4096.0, precision: 0.05, whole: true };

/// Runs a search against an engine and says what it found, in how many probes.
fn search(bounds: Bounds, target: f64, mut engine: impl FnMut(f64) -> Counts) -> (Answer, u32) {
    let mut search = Search::new(bounds, target);
    for probes in 0..200 {
        match search.step() {
            Step::Done(answer) => return (answer, probes),
            Step::Try(load) => {
                assert!((bounds.least..=bounds.most).contains(&load), "{load}");
                assert!(!bounds.whole || load.fract() == 0.0, "{load}");
                search.saw(engine(load));
            }
        }
    }
    panic!("no end");
}

/// An engine of so many places: a request waits for one in a queue (M/M/c would do the same), and is good if its
/// wait is short. The share of good ones falls from 1 to 0 around a capacity, the more sharply the larger it is.
fn engine(capacity: f64, sharpness: f64) -> impl Fn(f64) -> f64 {
    move |load: f64| 1.0 / (1.0 + (load / capacity).powf(sharpness))
}

fn all_or_none(good: bool) -> Counts {
    Counts { good: if good { 500 } else { 0 }, finished: 500 }
}

proptest! {
    #[test]
    fn a_sharp_edge_is_bracketed_in_few_probes(edge in 0.02..9_000.0_f64) {
        let (answer, probes) = search(RATES, 0.95, |load| all_or_none(load <= edge));
        let (met, missed) = (answer.highest_met.unwrap(), answer.lowest_missed.unwrap());
        prop_assert!(met <= edge && edge < missed && missed <= met * 1.05 && answer.certain);
        // Doublings or halvings to the edge, and halvings of a factor of two to 5 %: log2(ln 2 / ln 1.05) = 3.8.
        prop_assert!(f64::from(probes) <= edge.log2().abs() + 2.0 + 4.0, "{probes}");
    }

    #[test]
    fn whole_loads_end_at_neighbours_or_within_the_precision(edge in 1_u32..4_096) {
        let edge = f64::from(edge);
        let (answer, _) = search(SLOTS, 0.95, |load| all_or_none(load <= edge));
        let met = answer.highest_met.unwrap();
        prop_assert!(met <= edge);
        match answer.lowest_missed {
            Some(missed) => prop_assert!(edge < missed && (missed <= met * 1.05 || missed - met <= 1.0)),
            None => prop_assert_eq!(met, 4096.0),
        }
    }

    #[test]
    fn a_noisy_engine_is_found_where_it_meets_the_target(
        capacity in 2.0..2_000.0_f64, sharpness in 8.0..60.0_f64, seed: u64,
    ) {
        let share = engine(capacity, sharpness);
        let mut rng = StdRng::seed_from_u64(seed);
        let (answer, probes) = search(RATES, 0.9, |load| {
            let good = (0..400).filter(|_| rng.random::<f64>() < share(load)).count() as u64;
            Counts { good, finished: 400 }
        });
        let met = answer.highest_met.unwrap();
        // An interval is wrong in one of twenty cases; by how much, the engine's slope says.
        prop_assert!(share(met) > 0.84, "{} at {met}", share(met));
        let missed = answer.lowest_missed.unwrap();
        prop_assert!(share(missed) < 0.95, "{} at {missed}", share(missed));
        prop_assert!(probes <= 60, "{probes}");
    }

    #[test]
    fn as_many_more_as_would_decide_do(good in 1..200_u64, bad in 0..200_u64, target in 0.05..0.99_f64) {
        let first = Counts { good, finished: good + bad };
        let mut search = Search::new(SLOTS, target);
        prop_assert_eq!(search.requests_that_decide(), None);
        search.saw(first);
        let Some(more) = search.requests_that_decide() else { return Ok(()) };
        prop_assume!(more < 1 << 40);
        let all = first.finished + more;
        // As whole requests the share cannot be quite the same; it is taken to be farther from the target.
        let whole = |good: f64| if first.share() > target { good.ceil() } else { good.floor() };
        let pooled = |n: u64| Counts { good: whole(first.share() * n as f64) as u64, finished: n };
        let decided = |counts: Counts| counts.interval().0 >= target || counts.interval().1 < target;
        prop_assert!(decided(pooled(all + all / 10 + 2)) || first.share() == target);
        prop_assert!(more <= 1 || !decided(first));
    }

    #[test]
    fn throughput_that_ends_to_grow_is_saturated_there(knee in 1_usize..7, slope in 0.3..1.0_f64) {
        let points: Vec<(f64, f64)> = (0..10)
            .map(|i| (f64::powi(2.0, i), 10.0 * f64::powf(2.0, slope * f64::from(i.min(knee as i32)))))
            .collect();
        prop_assert_eq!(saturation(&points), Some(f64::powi(2.0, knee as i32)));
    }
}

#[test]
fn ends_that_are_never_crossed_are_told() {
    let (answer, _) = search(RATES, 0.95, |_| all_or_none(true));
    assert_eq!((answer.highest_met, answer.lowest_missed), (Some(1e4), None));
    let (answer, _) = search(RATES, 0.95, |_| all_or_none(false));
    assert_eq!((answer.highest_met, answer.lowest_missed), (None, Some(0.01)));
    let (answer, probes) = search(SLOTS, 0.95, |_| all_or_none(false));
    assert_eq!((answer.highest_met, answer.lowest_missed, probes), (None, Some(1.0), 1));
}

#[test]
fn a_load_at_the_target_is_tried_again_and_never_certain() {
    let mut tried = 0;
    let (answer, _) = search(SLOTS, 0.9, |load| {
        tried += u32::from(load == 1.0);
        if load == 1.0 { Counts { good: 90, finished: 100 } } else { all_or_none(false) }
    });
    assert_eq!((tried, answer.highest_met, answer.certain), (MOST_TRIES, Some(1.0), false));
}

#[test]
fn intervals_are_wilsons() {
    // statsmodels.stats.proportion.proportion_confint(90, 100, method="wilson") = 0.8256, 0.9448
    let (low, high) = Counts { good: 90, finished: 100 }.interval();
    assert!((low - 0.8256).abs() < 1e-4 && (high - 0.9448).abs() < 1e-4, "{low} {high}");
    assert_eq!(Counts { good: 0, finished: 0 }.interval(), (0.0, 1.0));
}

#[test]
fn throughput_that_grows_to_the_end_is_not_saturated() {
    assert_eq!(saturation(&[(1.0, 10.0), (2.0, 20.0), (4.0, 38.0)]), None);
    // A dent on the way is no saturation.
    assert_eq!(saturation(&[(1.0, 10.0), (2.0, 9.0), (4.0, 38.0)]), None);
    assert_eq!(saturation(&[(4.0, 19.0), (1.0, 10.0), (2.0, 20.0)]), Some(2.0));
    assert_eq!(saturation(&[(1.0, 10.0)]), None);
}

#[test]
fn a_load_that_is_not_kept_up_with_missed_whatever_its_requests_say() {
    let mut search = Search::new(RATES, 0.5);
    search.saw(all_or_none(true));
    // What was seen of the load before does not weigh against it.
    search.saw(Counts { good: 6, finished: 10 });
    assert_eq!(search.step(), Step::Try(2.0));
    search.was_too_much();
    let found = Answer { highest_met: Some(1.0), lowest_missed: Some(2.0), certain: false };
    assert_eq!(search.found(), found);
    assert!(matches!(search.step(), Step::Try(load) if 1.0 < load && load < 2.0));
}
