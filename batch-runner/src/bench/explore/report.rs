//! What was found at several loads, for people and as JSON.

use std::fmt::Write;

use domain::result::Flag;
use domain::{Metrics, Provenance};
use measurement::repeats::between_runs;
use serde::Serialize;

use super::super::table::number;
use super::{Axis, Exploration, Probe};

impl Axis {
    const fn name(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::BatchSize => "batch size",
            Self::RateRps => "requests/s",
        }
    }
}

/// The findings as JSON.
///
/// # Errors
/// When a number cannot be written as JSON.
pub(in crate::bench) fn json(explored: &Exploration, provenance: Provenance) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Document<'a> {
        provenance: Provenance,
        axis: Axis,
        target_attainment: Option<f64>,
        highest_met: Option<f64>,
        lowest_missed: Option<f64>,
        certain: Option<bool>,
        stopped_by_client: bool,
        saturation: Option<f64>,
        probes: &'a [Probe],
    }
    let answer = explored.answer();
    let document = Document {
        provenance,
        axis: explored.axis,
        target_attainment: explored.target,
        highest_met: answer.and_then(|a| a.highest_met),
        lowest_missed: answer.and_then(|a| a.lowest_missed),
        certain: answer.map(|a| a.certain),
        stopped_by_client: explored.is_stopped(),
        saturation: explored.saturation(),
        probes: &explored.probes,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The findings as text of at most 80 columns.
pub(in crate::bench) fn table(explored: &Exploration, simulated: bool) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_table(&mut text, explored, simulated);
    text
}

fn write_table(out: &mut String, explored: &Exploration, simulated: bool) -> std::fmt::Result {
    if simulated {
        writeln!(out, "SIMULATED: the server is the simulated engine; this says nothing of hardware")?;
    }
    writeln!(
        out,
        "{:>11}{:>8}{:>8}{:>13}{:>10}{:>10}{:>9}  note",
        explored.axis.name(),
        "ended",
        "good %",
        "95 % from-to",
        "ttft p90",
        "tpot p90",
        "tok/s"
    )?;
    for probe in &explored.probes {
        write_probe(out, probe)?;
    }
    write_repeats(out, explored)?;
    writeln!(out)?;
    if let (Some(target), Some(answer)) = (explored.target, explored.answer()) {
        let what =
            format!("{} at which {} % of the requests meet the SLO", explored.axis.name(), target * 100.0);
        match answer.highest_met {
            Some(load) => writeln!(out, "highest {what}: {}", load_text(load))?,
            None => writeln!(out, "no {what} was found")?,
        }
        match answer.lowest_missed {
            Some(load) => writeln!(out, "lowest that did not: {}", load_text(load))?,
            None => writeln!(out, "none that was tried did not")?,
        }
        if !answer.certain {
            writeln!(out, "one of them is so close to the target that chance may have decided")?;
        }
    }
    if let Some(load) = explored.saturation() {
        writeln!(out, "beyond {} {} more load yields no more tokens", load_text(load), explored.axis.name())?;
    }
    if explored.is_stopped() {
        writeln!(
            out,
            "STOPPED: at the last load this client was the bottleneck; it says nothing of the server"
        )?;
    }
    Ok(())
}

/// The means over the runs of each load that was measured more than once on purpose.
fn write_repeats(out: &mut String, explored: &Exploration) -> std::fmt::Result {
    if explored.target.is_some() {
        return Ok(());
    }
    let mut loads: Vec<f64> = explored.probes.iter().map(|probe| probe.load).collect();
    loads.sort_unstable_by(f64::total_cmp);
    loads.dedup();
    let all = loads.len();
    for load in loads {
        let runs =
            || explored.probes.iter().filter(|probe| probe.load == load).filter_map(|p| p.found.as_ref());
        let over = |value: fn(&Metrics) -> Option<f64>| {
            let values: Vec<f64> = runs().filter_map(|found| value(&found.metrics)).collect();
            between_runs(&values)
                .map_or_else(|| "-".to_owned(), |b| format!("{} ± {}", number(b.mean), number(b.half_width)))
        };
        if runs().count() > 1 {
            writeln!(
                out,
                "{:>11}  mean: ttft {}, tpot {}, {} tok/s",
                load_text(load),
                over(|m| Some(m.ttft.p90)),
                over(|m| m.tpot.as_ref().map(|tpot| tpot.p90)),
                over(|m| Some(m.output_tps))
            )?;
        }
    }
    if all < explored.probes.len() {
        writeln!(out, "means over the runs of each, ± half of their 95 % intervals")?;
    }
    Ok(())
}

fn write_probe(out: &mut String, probe: &Probe) -> std::fmt::Result {
    let (low, high) = probe.counts.interval();
    let interval = format!("{:.1}-{:.1}", low * 100.0, high * 100.0);
    write!(
        out,
        "{:>11}{:>8}{:>8.1}{interval:>13}",
        load_text(probe.load),
        probe.counts.finished,
        probe.counts.share() * 100.0
    )?;
    let Some(found) = &probe.found else {
        return writeln!(out, "{:>10}{:>10}{:>9}  failed", "-", "-", "-");
    };
    let m = &found.metrics;
    let tpot = m.tpot.as_ref().map_or_else(|| "-".to_owned(), |tpot| number(tpot.p90));
    write!(out, "{:>10}{tpot:>10}{:>9}", number(m.ttft.p90), number(m.output_tps))?;
    let note = if probe.is_client_limited() {
        "  client"
    } else if found.flags.contains(&Flag::NotSteady) {
        "  unsteady"
    } else {
        ""
    };
    writeln!(out, "{note}")
}

/// A load: whole numbers as such.
fn load_text(load: f64) -> String {
    if load.fract() == 0.0 { format!("{load:.0}") } else { number(load) }
}
