//! What was **paid** for a campaign: all time of its jobs that led to an outcome, that of failed trials too, each hour at the
//! price of what the job had rented, spot or on demand. It is what counts against the budget.

use std::collections::HashMap;

use domain::{BenchmarkResult, ConfigId, Hardware};
use matrix::Plan;
use serde::Serialize;
use store::Checkpoint;

use super::rows::usd;

/// What was paid, as the ledger has it. No bill: time after the last outcome of a job and the machine's start are in none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paid {
    /// USD of the outcomes of which it is known.
    pub usd: f64,
    /// Outcomes of which it is not, since there is no price.
    pub unknown: usize,
    /// USD of the same outcomes if all of their time had been rented on demand; tokens of hosted models cost the same. Nothing
    /// where that is not known of each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_usd: Option<f64>,
}

/// What a configuration would cost on demand.
#[derive(Debug, Clone, Copy)]
enum OnDemand {
    /// USD an hour of its whole machine.
    Hourly(f64),
    /// As it does: no machine is rented for it.
    TheSame,
}

impl Paid {
    /// What outcomes were paid with. Prices on demand are those of the results, else those of the spec.
    #[must_use]
    pub fn of(outcomes: &[Checkpoint], results: &[BenchmarkResult], plan: Option<&Plan>) -> Self {
        let on_demand = on_demand(results, plan);
        let mut paid = Self { usd: 0.0, unknown: 0, on_demand_usd: Some(0.0) };
        for outcome in outcomes {
            let Some(usd) = outcome.usd else {
                paid.unknown += 1;
                continue;
            };
            paid.usd += usd;
            let elsewhere = match on_demand.get(&outcome.config_id) {
                None => None,
                Some(OnDemand::TheSame) => Some(usd),
                Some(OnDemand::Hourly(hourly)) => outcome.machine_s.map(|seconds| hourly * seconds / 3600.0),
            };
            paid.on_demand_usd = paid.on_demand_usd.zip(elsewhere).map(|(sum, usd)| sum + usd);
        }
        paid.on_demand_usd = paid.on_demand_usd.filter(|_| paid.usd > 0.0);
        paid
    }

    /// How far below the on-demand price of the same time it is, as a share; nothing where that is not known, or it is not.
    #[must_use]
    pub fn spared(&self) -> Option<f64> {
        let share = 1.0 - self.usd / self.on_demand_usd?;
        (share >= 0.005).then_some(share)
    }

    /// USD in words; nothing where nothing is known.
    pub(super) fn in_usd(&self) -> Option<String> {
        (self.unknown == 0 || self.usd > 0.0).then(|| usd(self.usd))
    }

    /// The same, and what is not in it.
    pub(super) fn in_words(&self) -> Option<String> {
        let without = match self.unknown {
            0 => String::new(),
            1 => " without 1 outcome of which no price is known".to_owned(),
            unknown => format!(" without {unknown} outcomes of which no price is known"),
        };
        let below = self.spared().map(|share| format!(", {:.0} % below the on-demand price", share * 100.0));
        Some(self.in_usd()? + &below.unwrap_or_default() + &without)
    }
}

/// By configuration.
fn on_demand<'a>(results: &'a [BenchmarkResult], plan: Option<&'a Plan>) -> HashMap<&'a ConfigId, OnDemand> {
    let hourly = |hardware: Hardware| {
        let entry = plan?.spec.hardware.iter().find(|entry| entry.name == hardware)?;
        Some(OnDemand::Hourly(entry.rent()?.whole().on_demand))
    };
    let planned = plan.into_iter().flat_map(|plan| &plan.feasible).filter_map(|planned| {
        let launch = planned.configuration.serving.launch();
        Some((&planned.id, launch.map_or(Some(OnDemand::TheSame), |launch| hourly(launch.hardware))?))
    });
    let measured = results.iter().filter_map(|result| {
        let hourly = |_| result.rent.as_ref().map(|rent| OnDemand::Hourly(rent.whole().on_demand));
        let launch = result.configuration.serving.launch();
        Some((&result.config_id, launch.map_or(Some(OnDemand::TheSame), hourly)?))
    });
    planned.chain(measured).collect()
}
