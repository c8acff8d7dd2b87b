//! A recommendation: the ranked configurations and what the ranking is made of.

use catalog::response::{CriterionId, RankedEntry};
use catalog::{PriceKind, Recommendation, Servers};
use comfy_table::Cell;
use domain::metrics::AtPrice;
use domain::rent::Machine;

use super::{
    configuration, number, prose, provenance_note, right, stored_name, table_within, terminal_width,
};

/// Most alternatives that are listed.
const MOST_ALTERNATIVES: usize = 5;

/// Most ids that are listed.
const MOST_IDS: usize = 10;

/// A ranking.
pub fn recommendation(r: &Recommendation) -> String {
    recommendation_within(terminal_width(), r)
}

/// A ranking with why it is as it is, and how to look further.
pub fn recommended(r: &Recommendation) -> String {
    format!("{}{}", recommendation(r), prose(terminal_width(), &format!("{}{}", explanation(r), ids(r))))
}

/// How the entries are called by other commands: as much of each id as tells it from all others in a catalogue.
fn ids(r: &Recommendation) -> String {
    const ENOUGH: usize = 8;
    let ids: Vec<String> = r
        .entries
        .iter()
        .take(MOST_IDS)
        .map(|e| {
            format!("#{} {}", e.rank, e.config_id.as_str().get(..ENOUGH).unwrap_or(e.config_id.as_str()))
        })
        .collect();
    format!("\nfor `assay compare` and `assay history`: {}", ids.join(", "))
}

fn recommendation_within(width: Option<u16>, r: &Recommendation) -> String {
    let planned = r.entries.iter().any(|e| e.capacity.is_some());
    let cost: &[&str] = if planned { &["ser-\nvers", "$/\nmonth"] } else { &["$/Mtok"] };
    let heads =
        [&["#", "score", "configuration", "ttft\np90", "tpot\np90", "tok/s"], cost, &["front"]].concat();
    let mut t = table_within(width, &heads, &[2]);
    let mut unsure = false;
    for e in &r.entries {
        let n = &e.numbers;
        let mut latency = |c: CriterionId, value: Option<f64>, digits: usize| {
            let few = e.insufficient_samples.contains(&c);
            unsure |= few;
            match value {
                Some(v) => right(format!("{v:.digits$}{}", if few { "*" } else { "" })),
                None => number(None, digits),
            }
        };
        let what = configuration(width, &e.configuration);
        let mut row = vec![
            right(e.rank),
            number(Some(e.score), 3),
            what,
            latency(CriterionId::TtftP90, n.ttft_p90_ms, 1),
            latency(CriterionId::TpotP90, n.tpot_p90_ms, 2),
            number(n.output_tps, 0),
        ];
        if planned {
            let servers = e.capacity.and_then(|capacity| capacity.servers);
            row.push(servers.map_or_else(|| number(None, 0), |servers| right(servers.replicas)));
            let month = e.capacity.and_then(|capacity| capacity.usd_per_month);
            row.push(number(month.map(|usd| at(usd, r.price)), 0));
        } else {
            row.push(number(n.serving_cost_per_mtok, 3));
        }
        row.push(e.front.map_or_else(|| Cell::new(""), right));
        t.add_row(row);
    }
    let mut text = r.statement.clone();
    if planned {
        text.push_str(
            "\nservers and $/month: a forecast, from the requests per second of each result;\n\
             $/month is that of whole machines",
        );
        if r.entries.iter().any(|e| e.token_rate.is_some()) {
            text.push_str(", or of the tokens of a\nhosted model");
        }
    } else if r.entries.iter().any(|e| shares_machine(e, r.price)) {
        text.push_str("\n$/Mtok: of machines that are full of such servers; whole machines are paid");
    }
    if r.entries.iter().any(|e| e.token_rate.is_some()) {
        text.push_str("\n$/Mtok of hosted models: the price of input and output tokens over output tokens");
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
    format!("{} {} [{}]\n{t}\n{}", r.use_case, r.shape, r.provenance, prose(width, &text))
}

const fn at(usd: AtPrice, price: PriceKind) -> f64 {
    match price {
        PriceKind::Spot => usd.spot,
        PriceKind::OnDemand => usd.on_demand,
    }
}

/// Whether its machine has GPUs for more than one.
fn shares_machine(entry: &RankedEntry, price: PriceKind) -> bool {
    entry.rent.as_ref().is_some_and(|rent| rent.at(price).servers.get() > 1)
}

/// A machine in words: `p5.48xlarge`, or `machine` where a spec stated its price.
fn machine_name(machine: &Machine) -> &str {
    machine.listed.as_ref().map_or("machine", |listed| &listed.instance_type)
}

/// What speaks for the first and against it, how sure it is, and what its load takes.
fn explanation(r: &Recommendation) -> String {
    let mut text = String::new();
    let Some(best) = r.entries.first() else { return text };
    if r.counts.ranked > 1 {
        text.push_str("\nWhy #1:");
        for line in &best.explanation {
            let (value, rest) = line.split_once("; ").unwrap_or((line, ""));
            text.push_str(&format!("\n  {value}"));
            if !rest.is_empty() {
                text.push_str(&format!("\n    {rest}"));
            }
        }
        if let Some(probability) = best.probability_first {
            let percent = (probability * 100.0).round();
            text.push_str(&format!(
                "\n  first with {percent} % probability, from the intervals of latencies and throughput"
            ));
        }
        if !r.alternatives.is_empty() {
            text.push_str("\nCannot be told apart from #1:");
            for other in r.alternatives.iter().take(MOST_ALTERNATIVES) {
                let percent = (other.probability_first * 100.0).round();
                text.push_str(&format!("\n  {} (first with {percent} %)", other.configuration));
            }
            let more = r.alternatives.len().saturating_sub(MOST_ALTERNATIVES);
            if more > 0 {
                text.push_str(&format!("\n  and {more} more"));
            }
        }
    }
    if let Some(attainment) = best.attainment {
        let percent = |share: f64| format!("{:.1}", share * 100.0);
        let share = if attainment.measured {
            format!("{} % of all requests, measured", percent(attainment.at_least))
        } else {
            let (least, most) = (percent(attainment.at_least), percent(attainment.at_most));
            format!("{least} to {most} % of all requests, from percentiles")
        };
        text.push_str(&format!("\n#1 meets all bounds at once for {share}"));
    }
    if let Some(rent) = best.rent.as_ref().filter(|_| shares_machine(best, r.price)) {
        let machine = rent.at(r.price);
        text.push_str(&format!(
            "\n#1 is rented as {} at {:.2} USD per hour, which {} such servers share",
            machine_name(machine),
            machine.usd_per_hour,
            machine.servers
        ));
    }
    if let Some((capacity, usd)) = best.capacity.and_then(|c| Some((c, c.usd_per_month?))) {
        match capacity.servers {
            Some(servers) => text.push_str(&servers_of_first(best, servers, usd)),
            None => text.push_str(&format!(
                "\nCapacity of #1 (forecast): {:.0} USD per month of tokens, if the limits of its key allow",
                usd.spot
            )),
        }
    }
    text
}

/// The servers that the load of the first takes, and their bill.
fn servers_of_first(best: &RankedEntry, servers: Servers, usd: AtPrice) -> String {
    let mut text = format!(
        "\nCapacity of #1 (forecast): {} x {} at {:.0} % of what they can take",
        servers.replicas,
        best.configuration.serving.hardware(),
        servers.utilisation * 100.0,
    );
    if let Some((machines, rent)) = servers.machines.zip(best.rent.as_ref()) {
        let bill = |kind: &str, count: u64, machine: &Machine, usd: f64| {
            format!("\n  {kind}: {count} x {}, {usd:.0} USD per month", machine_name(machine))
        };
        text.push_str(&bill("spot", machines.spot, &rent.spot, usd.spot));
        text.push_str(&bill("on demand", machines.on_demand, &rent.on_demand, usd.on_demand));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A planned load with long names and large numbers.
    fn planned() -> Recommendation {
        let entry = serde_json::json!({
            "rank": 10, "score": 0.5, "config_id": "f877fcae3b006da9", "run_id": "wide-1-r1", "provenance": "measured",
            "measured_at": "2026-01-01T00:00:00Z", "on_pareto_front": true, "insufficient_samples": ["ttft_p90", "tpot_p90"],
            "front": 12, "criteria": [], "explanation": [],
            "numbers": {"ttft_p90_ms": 12_345.6, "tpot_p90_ms": 1234.56, "output_tps": 123_456.0},
            "capacity": {"replicas": 1234, "rps_per_replica": 1.0, "utilisation": 1.0,
                "usd_per_month": {"spot": 12_345_678.0, "on_demand": 1.0}},
            "configuration": {"model": {"model": "deepseek-r1-distill-llama-70b", "quantisation": "fp16"},
                "hardware": "a100-80gbx8", "framework": {"engine": "vllm", "version": "0.11.0", "args": []},
                "workload": {"use_case": "chatbot", "input_tokens": 512, "output_tokens": 128, "protocol": "chat",
                    "load": {"kind": "closed-loop", "concurrency": 128}}}
        });
        serde_json::from_value(serde_json::json!({
            "use_case": "chatbot", "shape": {"input_tokens": 512, "output_tokens": 128}, "provenance": "measured",
            "price": "spot", "entries": [entry], "counts": {"considered": 1, "ranked": 1}, "weights": [],
            "front_objectives": [], "front_size": 1,
            "statement": "one result that is told of in a sentence which is longer than a terminal is wide, as most of them are"
        }))
        .unwrap()
    }

    #[test]
    fn a_terminal_of_80_columns_is_enough() {
        let text = recommendation_within(Some(80), &planned());
        assert!(text.contains("12345.6*") && text.contains("12345678"), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{} columns: {line}\n{text}", line.chars().count());
        }
        assert_eq!(ids(&planned()), "\nfor `assay compare` and `assay history`: #10 f877fcae");
        let file = recommendation_within(None, &planned());
        assert!(file.contains("deepseek-r1-distill-llama-70b fp16  a100-80gbx8 vllm 0.11.0 c128"), "{file}");
    }
}
