//! Estimates of traffic that was not measured.

use catalog::Estimates;
use comfy_table::Cell;
use domain::Provenance;

use super::{number, prose, provenance_note, right, serving, stored_name, table_within, terminal_width};

/// Estimates, each with how far it is from what was measured.
pub fn estimates(estimates: &Estimates) -> String {
    let width = terminal_width();
    let heads = ["launch", "ttft\np90", "tpot\np90", "tok/s", "$/Mtok", "dis-\ntance", "from", ""];
    let mut table = table_within(width, &heads, &[0]);
    for e in &estimates.entries {
        table.add_row([
            Cell::new(serving(width, &e.launch)),
            number(e.ttft_p90_ms, 1),
            number(e.tpot_p90_ms, 2),
            number(e.output_tps, 0),
            number(e.serving_cost_per_mtok, 3),
            number(Some(e.basis.distance), 1),
            right(e.basis.from.len()),
            Cell::new(e.basis.provenance),
        ]);
    }
    let Estimates { traffic, provenance, price, prices, total, too_far, entries } = estimates;
    let mut text = format!(
        "{} of {total} launches, {price} price, the cheapest first\n\
         of those that were measured around it, then of those that were only near it\n\
         distance: doublings of a length or the load to the nearest measured; from:\n\
         results between which a number lies, 1: the nearest stands for it",
        entries.len()
    );
    if !prices.is_empty() {
        let sources: Vec<String> = prices.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "\n$/Mtok: of machines that are full of such servers;\nprices: {}",
            sources.join("; ")
        ));
    }
    if *too_far > 0 {
        text.push_str(&format!("\n{too_far} more launches were measured, but farther than a doubling away"));
    }
    for e in entries.iter().filter(|e| !e.flags.is_empty()) {
        let flags: Vec<String> = e.flags.iter().map(stored_name).collect();
        text.push_str(&format!("\n{}: {}", serving(None, &e.launch), flags.join(", ")));
    }
    if entries.iter().any(|e| e.basis.provenance == Provenance::Forecast)
        && let Some(note) = provenance_note(Provenance::Forecast)
    {
        text.push_str(&format!("\n{note}"));
    }
    if let Some(note) = provenance_note(*provenance) {
        text.push_str(&format!("\n{note}"));
    }
    format!("{traffic} [estimated from {provenance}]\n{table}\n{}", prose(width, &text))
}
