//! A recommendation: the ranked configurations and what the ranking is made of.

use catalog::Recommendation;
use catalog::response::CriterionId;
use comfy_table::Cell;

use super::{configuration, number, provenance_note, right, stored_name, table};

/// A ranking.
pub fn recommendation(r: &Recommendation) -> String {
    let planned = r.entries.iter().any(|e| e.capacity.is_some());
    let cost: &[&str] = if planned { &["servers", "$/month"] } else { &["$/Mtok"] };
    let heads =
        [&["#", "score", "configuration", "ttft\np90", "tpot\np90", "tok/s"], cost, &["front"]].concat();
    let mut t = table(&heads, &[]);
    let mut unsure = false;
    for e in &r.entries {
        let value = |c: CriterionId| e.criteria.iter().find(|v| v.criterion == c).map(|v| v.value);
        let mut latency = |c: CriterionId, digits: usize| {
            let few = e.insufficient_samples.contains(&c);
            unsure |= few;
            match value(c) {
                Some(v) => right(format!("{v:.digits$}{}", if few { "*" } else { "" })),
                None => number(None, digits),
            }
        };
        let what = configuration(&t, &e.configuration);
        let mut row = vec![
            right(e.rank),
            number(Some(e.score), 3),
            what,
            latency(CriterionId::TtftP90, 1),
            latency(CriterionId::TpotP90, 2),
            number(value(CriterionId::OutputTps), 0),
        ];
        if planned {
            row.push(e.capacity.map_or_else(|| number(None, 0), |capacity| right(capacity.replicas)));
            row.push(number(value(CriterionId::UsdPerMonth), 0));
        } else {
            row.push(number(value(CriterionId::ServingCostPerMtok), 3));
        }
        row.push(Cell::new(if e.on_pareto_front { "yes" } else { "" }));
        t.add_row(row);
    }
    let mut text = format!("{} {} [{}]\n{t}\n{}", r.use_case, r.shape, r.provenance, r.statement);
    if planned {
        text.push_str("\nservers and $/month: a forecast, from the requests per second of each result");
    }
    if unsure {
        text.push_str("\n* fewer requests than a claim about this percentile needs");
    }
    for e in r.entries.iter().filter(|e| !e.flags.is_empty()) {
        let flags: Vec<String> = e.flags.iter().map(stored_name).collect();
        text.push_str(&format!("\n#{}: {}", e.rank, flags.join(", ")));
    }
    if let Some(note) = provenance_note(r.provenance) {
        text.push_str(&format!("\n{note}"));
    }
    text
}

/// What speaks for the first and against it, how sure it is, and what its load takes.
pub fn explanation(r: &Recommendation) -> String {
    let mut text = String::new();
    let Some(best) = r.entries.first() else { return text };
    if r.counts.ranked > 1 {
        text.push_str("\nWhy #1:");
        for line in &best.explanation {
            let (value, rest) = line.split_once("; ").unwrap_or((line, ""));
            text.push_str(&format!("\n  {value}\n    {rest}"));
        }
        if let Some(probability) = best.probability_first {
            let percent = (probability * 100.0).round();
            text.push_str(&format!(
                "\n  first with {percent} % probability, from the intervals of the latencies"
            ));
        }
        if let Some(count) = r.indistinct.filter(|count| *count > 1) {
            text.push_str(&format!("\n  {count} configurations cannot be told apart from the first"));
        }
    }
    if let Some((capacity, usd)) = best.capacity.and_then(|c| Some((c, c.usd_per_month?))) {
        text.push_str(&format!(
            "\nCapacity of #1 (forecast): {} x {} at {:.0} % of what they can take,\n  {:.0} USD per month at spot, {:.0} on demand",
            capacity.replicas,
            best.configuration.launch.hardware,
            capacity.utilisation * 100.0,
            usd.spot,
            usd.on_demand
        ));
    }
    text
}
