//! What was found at several loads, as text of at most 80 columns.

use std::fmt::{Result, Write};

use domain::Summary;

use super::super::dataset_use::DatasetUse;
use super::super::table::number;
use super::document::{Axis, ExplorationDocument, Mean, ProbeFindings, SearchFindings};

impl Axis {
    /// Its name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::BatchSize => "batch size",
            Self::RateRps => "requests/s",
            Self::ConversationsPerS => "conversations/s",
        }
    }

    /// Whether requests come whether or not earlier ones have ended.
    pub(super) const fn is_rate(self) -> bool {
        match self {
            Self::RateRps | Self::ConversationsPerS => true,
            Self::Concurrency | Self::BatchSize => false,
        }
    }

    /// The same, as short as the head of a column.
    const fn head(self) -> &'static str {
        match self {
            Self::ConversationsPerS => "talks/s",
            Self::Concurrency | Self::BatchSize | Self::RateRps => self.name(),
        }
    }
}

/// The findings as text.
pub(in crate::bench) fn table(explored: &ExplorationDocument) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_table(&mut text, explored);
    text
}

fn write_table(out: &mut String, explored: &ExplorationDocument) -> Result {
    if explored.simulated() {
        writeln!(out, "SIMULATED: the server is the simulated engine; this says nothing of hardware")?;
    }
    writeln!(
        out,
        "{:>11}{:>8}{:>8}{:>13}{:>10}{:>10}{:>9}  note",
        explored.axis.head(),
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
    let text = |mean: Option<Mean>| {
        mean.map_or_else(|| "-".to_owned(), |m| format!("{} ± {}", number(m.mean), number(m.half_width)))
    };
    for load in &explored.repeated {
        writeln!(
            out,
            "{:>11}  mean: ttft {}, tpot {}, {} tok/s",
            load_text(load.load),
            text(load.ttft_p90_ms),
            text(load.tpot_p90_ms),
            text(load.output_tps)
        )?;
    }
    if !explored.repeated.is_empty() {
        writeln!(out, "means over the runs of each, ± half of their 95 % intervals")?;
    }
    writeln!(out)?;
    for sentence in conclusions(explored) {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

/// What follows from the findings, a sentence each.
pub(in crate::bench) fn conclusions(explored: &ExplorationDocument) -> Vec<String> {
    let axis = explored.axis.name();
    let mut sentences = Vec::new();
    if explored.incomplete.is_some() {
        sentences.push("INCOMPLETE: it was ended by an error before every load was tried".to_owned());
    }
    if let Some(SearchFindings { target_attainment, highest_met, lowest_missed, certain, .. }) =
        explored.search
    {
        let what = format!("{axis} at which {} % of the requests meet the SLO", target_attainment * 100.0);
        sentences.push(match highest_met {
            Some(load) => format!("highest {what}: {}", load_text(load)),
            None => format!("no {what} was found"),
        });
        sentences.push(match lowest_missed {
            Some(load) => format!("lowest that did not: {}", load_text(load)),
            None => "none that was tried did not".to_owned(),
        });
        if explored.has_unsteady_rate() {
            let unsteady = "an unsteady rate counts as one that did not: it was not kept up with";
            sentences.push(unsteady.to_owned());
        }
        if !certain {
            sentences.push("one of them is so close to the edge that chance may have decided".to_owned());
        }
    }
    if let Some(load) = explored.saturation {
        sentences.push(format!("beyond {} {axis} more load yields no more tokens", load_text(load)));
    }
    // The last one that was measured has it all behind it.
    let used = explored.probes.iter().rev().find_map(|probe| probe.found.as_ref()?.dataset_use);
    sentences.extend(used.and_then(DatasetUse::warning));
    if explored.search.is_some_and(|search| search.stopped_by_client) {
        let stopped =
            "STOPPED: at the last load this client was the bottleneck; it says nothing of the server";
        sentences.push(stopped.to_owned());
    }
    sentences
}

fn write_probe(out: &mut String, probe: &ProbeFindings) -> Result {
    let interval = format!("{:.1}-{:.1}", probe.attainment_low * 100.0, probe.attainment_high * 100.0);
    write!(
        out,
        "{:>11}{:>8}{:>8.1}{interval:>13}",
        load_text(probe.load),
        probe.finished,
        probe.attainment * 100.0
    )?;
    let Some(found) = &probe.found else {
        return writeln!(out, "{:>10}{:>10}{:>9}  failed", "-", "-", "-");
    };
    let m = &found.metrics;
    let p90 = |summary: Option<&Summary>| summary.map_or_else(|| "-".to_owned(), |s| number(s.p90));
    let (ttft, tpot) = (p90(m.ttft.as_ref()), p90(m.tpot.as_ref()));
    write!(out, "{ttft:>10}{tpot:>10}{:>9}", number(m.output_tps))?;
    match note(probe) {
        "" => writeln!(out),
        note => writeln!(out, "  {note}"),
    }
}

/// What limits what a run says.
pub(in crate::bench) fn note(probe: &ProbeFindings) -> &'static str {
    match &probe.found {
        None => "failed",
        Some(_) if probe.is_client_limited() => "client",
        Some(found) if found.is_unsteady() => "unsteady",
        Some(found) if found.dataset_use.and_then(DatasetUse::warning).is_some() => "repeated",
        Some(_) => "",
    }
}

/// A load: whole numbers as such.
pub(in crate::bench) fn load_text(load: f64) -> String {
    if load.fract() == 0.0 { format!("{load:.0}") } else { number(load) }
}
