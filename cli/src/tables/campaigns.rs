//! How far campaigns and their batches are.

use chrono::{DateTime, Utc};
use comfy_table::Cell;
use store::{BatchRecord, CampaignRecord};

use super::{right, stored_name, table};
use crate::schedules::Schedules;

/// Campaigns.
pub fn campaigns(campaigns: &[CampaignRecord]) -> String {
    if campaigns.is_empty() {
        return "no campaigns".to_owned();
    }
    let mut t = table(&["campaign", "state", "can run", "cannot", "asked for", "message"], &[5]);
    for c in campaigns {
        t.add_row(vec![
            Cell::new(&c.id),
            Cell::new(stored_name(c.state)),
            right(c.feasible),
            right(c.infeasible),
            Cell::new(c.created_at.format("%Y-%m-%d %H:%M UTC")),
            Cell::new(c.message.as_deref().unwrap_or_default()),
        ]);
    }
    t.to_string()
}

/// Batches of a campaign.
pub fn batches(batches: &[BatchRecord]) -> String {
    let mut t = table(&["batch", "state", "trials", "attempts", "forecast", "message"], &[5]);
    for b in batches {
        t.add_row(vec![
            Cell::new(&b.id),
            Cell::new(stored_name(b.state)),
            right(b.trials),
            right(b.attempt),
            right(format!("{:.0} s", b.forecast_s)),
            Cell::new(b.message.as_deref().unwrap_or_default()),
        ]);
    }
    t.to_string()
}

/// Schedules, each with its next instant.
pub fn schedules(schedules: &Schedules, now: DateTime<Utc>) -> String {
    if schedules.is_empty() {
        return "no schedules".to_owned();
    }
    let mut t = table(&["schedule", "cron (UTC)", "next", "spec"], &[3]);
    for (name, schedule) in schedules {
        let next = schedule.cron.next(now).map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        t.add_row(vec![
            Cell::new(name),
            Cell::new(&schedule.cron),
            Cell::new(next.unwrap_or_default()),
            Cell::new(&schedule.spec.name),
        ]);
    }
    t.to_string()
}
