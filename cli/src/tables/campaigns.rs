//! How far campaigns and their batches are.

use comfy_table::Cell;
use store::{BatchRecord, CampaignRecord};

use super::{right, stored_name, table};

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
