//! A recommendation: the ranked configurations and what the ranking is made of.

use catalog::Recommendation;
use catalog::response::CriterionId;
use comfy_table::Cell;

use super::{configuration, number, provenance_note, right, stored_name, table};

/// A ranking.
pub fn recommendation(r: &Recommendation) -> String {
    let mut t =
        table(&["#", "score", "configuration", "ttft\np90", "tpot\np90", "tok/s", "$/Mtok", "front"], &[]);
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
        t.add_row(vec![
            right(e.rank),
            number(Some(e.score), 3),
            what,
            latency(CriterionId::TtftP90, 1),
            latency(CriterionId::TpotP90, 2),
            number(value(CriterionId::OutputTps), 0),
            number(value(CriterionId::ServingCostPerMtok), 3),
            Cell::new(if e.on_pareto_front { "yes" } else { "" }),
        ]);
    }
    let mut text = format!("{} {} [{}]\n{t}\n{}", r.use_case, r.shape, r.provenance, r.statement);
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
