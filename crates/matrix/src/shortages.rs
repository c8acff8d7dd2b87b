//! **Shortages** that were seen correct what the forecast of memory takes for feasible.

use chrono::{DateTime, Utc};
use domain::shortage::Shortage;

use crate::feasibility::Infeasible;
use crate::plan::{InfeasibleConfiguration, Plan};

/// Moves what ran out of memory before to what cannot run, with what the engine said.
pub fn leave_out_shortages(plan: &mut Plan, shortages: &[Shortage], now: DateTime<Utc>) {
    if shortages.is_empty() {
        return;
    }
    let mut feasible = Vec::with_capacity(plan.feasible.len());
    for item in std::mem::take(&mut plan.feasible) {
        let found = shortages.iter().find(|shortage| shortage.rules_out(&item.configuration, now));
        let Some(Shortage { at, said, .. }) = found else {
            feasible.push(item);
            continue;
        };
        let reason = Infeasible::Shortage { day: at.date_naive(), said: said.clone() };
        plan.infeasible.push(InfeasibleConfiguration {
            id: item.id,
            configuration: item.configuration,
            reason,
        });
    }
    plan.feasible = feasible;
}
