//! The **explanation** of a score, criterion by criterion: the value, where it lies among the candidates, and how much
//! of the distance to the ideal it makes.

use ranking::Direction;

use crate::contest::{Contest, TurnTaken};
use crate::method::percent;
use crate::response::{CriterionId, CriterionValue};

impl Contest {
    /// How the scores of the best came about, in their order.
    pub(crate) fn breakdowns(&self) -> Vec<Vec<CriterionValue>> {
        let mut breakdowns: Vec<Vec<CriterionValue>> = vec![Vec::new(); self.best.len()];
        let used = self.criteria.iter().zip(&self.topsis.scales).filter(|(_, scale)| scale.weight > 0.0);
        for (compared, scale) in used {
            let value_at = |(position, _): &(usize, f64)| compared.values.get(*position).copied();
            let values: Vec<f64> = self.best.iter().map(|best| value_at(best).unwrap_or(f64::NAN)).collect();
            let better_than = self.worse_than(&values, &compared.values, compared.direction);
            for ((breakdown, value), better_than) in breakdowns.iter_mut().zip(values).zip(better_than) {
                let over = |x: f64| if scale.norm > 0.0 { x / scale.norm } else { 0.0 };
                let to_ideal = over(value - scale.best) * scale.weight;
                let from = if self.from_least { scale.best.min(scale.worst) } else { 0.0 };
                breakdown.push(CriterionValue {
                    criterion: compared.id,
                    value,
                    normalised: over(value - from),
                    weight: scale.weight,
                    best: scale.best,
                    worst: scale.worst,
                    better_than,
                    share_of_distance: to_ideal * to_ideal,
                });
            }
        }
        for breakdown in &mut breakdowns {
            let distance: f64 = breakdown.iter().map(|c| c.share_of_distance).sum();
            if distance > 0.0 {
                breakdown.iter_mut().for_each(|c| c.share_of_distance /= distance);
            }
        }
        breakdowns
    }

    /// Why a position is where it is.
    pub(crate) fn explanation(&self, position: usize, breakdown: &[CriterionValue]) -> Vec<String> {
        if self.turns.is_empty() {
            return explanation(breakdown, self.topsis.ranked());
        }
        // Turns that it did not get to do not count.
        let mut goes_on = true;
        let got_to = self.turns.iter().take_while(|turn| {
            let got_to = goes_on;
            goes_on = self.worse_by(position, turn).is_some_and(|share| share <= turn.tolerance);
            got_to
        });
        got_to.filter_map(|turn| self.in_its_turn(position, turn)).collect()
    }

    /// How much worse than the best of its turn a position is, as a share of it.
    fn worse_by(&self, position: usize, turn: &TurnTaken) -> Option<f64> {
        let compared = self.criteria.get(turn.criterion)?;
        let value = *compared.values.get(position)?;
        let worse = match compared.direction {
            Direction::Cost => value - turn.best,
            Direction::Benefit => turn.best - value,
        };
        Some(if worse == 0.0 { 0.0 } else { worse / turn.best.abs() })
    }

    /// `usd_per_month 900 USD: 12.5 % worse than the best, 800 USD, and the tolerance is 15 %`
    fn in_its_turn(&self, position: usize, turn: &TurnTaken) -> Option<String> {
        let compared = self.criteria.get(turn.criterion)?;
        let (id, unit, value) = (compared.id, compared.id.unit(), *compared.values.get(position)?);
        let share = self.worse_by(position, turn)?;
        let told = if share == 0.0 {
            "the best of those that got so far".to_owned()
        } else {
            format!(
                "{} % worse than the best, {}{unit}, and the tolerance is {} %",
                rounded(share * 100.0),
                rounded(turn.best),
                percent(turn.tolerance)
            )
        };
        Some(format!("{id} {}{unit}: {told}", rounded(value)))
    }

    /// For each of some values, how many candidates with a score have a worse one. A block of the column is compared with
    /// all of them while it is in the nearest cache.
    fn worse_than(&self, some: &[f64], values: &[f64], direction: Direction) -> Vec<usize> {
        const BLOCK: usize = 1024;
        let worse = |values: &[f64], value: f64| match direction {
            Direction::Benefit => values.iter().filter(|v| **v < value).count(),
            Direction::Cost => values.iter().filter(|v| **v > value).count(),
        };
        let mut counts = vec![0; some.len()];
        for block in values.chunks(BLOCK) {
            counts.iter_mut().zip(some).for_each(|(count, &value)| *count += worse(block, value));
        }
        // Candidates without a score are few, and some of them have this value.
        let excluded: Vec<f64> =
            self.topsis.excluded.iter().filter_map(|excluded| values.get(excluded.row).copied()).collect();
        counts.iter_mut().zip(some).for_each(|(count, &value)| *count -= worse(&excluded, value));
        counts
    }
}

/// A breakdown in words, what costs most first. `candidates` is how many have a score.
fn explanation(breakdown: &[CriterionValue], candidates: usize) -> Vec<String> {
    let mut ordered: Vec<&CriterionValue> = breakdown.iter().collect();
    ordered.sort_by(|a, b| b.share_of_distance.total_cmp(&a.share_of_distance));
    ordered.into_iter().map(|c| sentence(c, candidates)).collect()
}

fn sentence(c: &CriterionValue, candidates: usize) -> String {
    let unit = c.criterion.unit();
    let mut text = format!("{} {}{unit}", c.criterion, rounded(c.value));
    if c.value == c.best {
        text.push_str(&format!(": the best of {candidates}"));
    } else {
        let others = candidates.saturating_sub(1).max(1);
        let percent = (100.0 * c.better_than as f64 / others as f64).floor();
        text.push_str(&format!(": better than {percent} % of the others, best {}{unit}", rounded(c.best)));
    }
    text.push_str(&format!(
        "; weight {:.0} %, {:.0} % of its distance to the ideal",
        c.weight * 100.0,
        c.share_of_distance * 100.0
    ));
    text
}

/// Three significant digits, and all digits of larger whole numbers.
fn rounded(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let before_point = value.abs().log10().floor() as i32 + 1;
    let digits = usize::try_from(3 - before_point).unwrap_or(0);
    format!("{value:.digits$}")
}

impl CriterionId {
    const fn unit(self) -> &'static str {
        match self {
            Self::TtftP90 | Self::TpotP90 => " ms",
            Self::OutputTps => " tokens/s",
            Self::ServingCostPerMtok | Self::UsdPerMonth => " USD",
            Self::Memory => " GiB",
            Self::TaskAccuracy | Self::Fidelity | Self::Accuracy => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, expected) in [
            (0.012_345, "0.0123"),
            (1.0, "1.00"),
            (12.34, "12.3"),
            (999.6, "1000"),
            (12_345.6, "12346"),
            (0.0, "0"),
        ] {
            assert_eq!(rounded(value), expected);
        }
    }
}
