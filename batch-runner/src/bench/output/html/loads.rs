//! The page of an exploration: what was found at each load, and how it changes with the load.

use std::io::{self, Write};

use maud::{Markup, html};
use pages::html::figure;

use super::plots::{self, AtLoad};
use super::{Drawn, command_line, document};
use crate::bench::explore::document::{ExplorationDocument, ProbeFindings};
use crate::bench::explore::{conclusions, load_text, note};
use crate::bench::table::number;

pub(in crate::bench::output) fn write(
    explored: &ExplorationDocument,
    out: &mut impl Write,
) -> io::Result<()> {
    let page = page(explored).map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(page.into_string().as_bytes())
}

fn page(explored: &ExplorationDocument) -> Drawn {
    let title = format!("{} by {}", explored.model, explored.axis.name());
    let workload = explored.probes.iter().find_map(|probe| Some(probe.found.as_ref()?.workload.label()));
    let body = html! {
        h1 { (explored.model) }
        p.sub {
            "by " (explored.axis.name()) " at " code { (explored.url) } ", " (explored.provenance)
            @if let Some(workload) = &workload { "; the first: " (workload) }
        }
        @let sentences = conclusions(explored);
        @if !sentences.is_empty() { ul.notes { @for sentence in sentences { li { (sentence) } } } }
        @if let Some(error) = &explored.incomplete { p.small { "Ended by: " (error) } }
        section { h2 { "By load" } div.plots { (figures(explored)?) } }
        section { h2 { "Runs" } (table(explored)) }
        section { h2 { "How it was measured" } pre { code { (command_line(&explored.command)) } } }
    };
    Ok(document(&title, explored.simulated(), &body))
}

fn figures(explored: &ExplorationDocument) -> Drawn {
    let trusted: Vec<&ProbeFindings> =
        explored.probes.iter().filter(|probe| probe.found.is_some() && !probe.is_client_limited()).collect();
    let points = |value: &dyn Fn(&ProbeFindings) -> Option<f64>| -> Vec<AtLoad> {
        trusted.iter().filter_map(|p| Some(AtLoad { load: p.load, value: value(p)? })).collect()
    };
    let metrics = |probe: &ProbeFindings| probe.found.as_ref().map(|found| found.metrics.clone());
    let all: [(&str, Vec<AtLoad>); 4] = [
        ("Output tokens per second", points(&|p| Some(metrics(p)?.output_tps))),
        ("Time to first token p90, ms", points(&|p| Some(metrics(p)?.ttft.as_ref()?.p90))),
        ("Time per output token p90, ms", points(&|p| Some(metrics(p)?.tpot?.p90))),
        ("Share of requests that meet the SLO, %", points(&|p| metrics(p)?.attainment.map(|a| a * 100.0))),
    ];
    let more = format!("a dot for each run, a line through the means of each {}", explored.axis.name());
    let mut figures = Vec::new();
    for (name, points) in all {
        if !points.is_empty() {
            figures.push(figure(name, &more, &plots::by_load(&points, &load_text)?));
        }
    }
    Ok(html! { @for figure in figures { (figure) } })
}

fn table(explored: &ExplorationDocument) -> Markup {
    let heads = ["ended", "good, %", "95 % interval", "TTFT p90, ms", "TPOT p90, ms", "tokens/s", "note"];
    html! {
        div.wide { table {
            thead { tr { th { (explored.axis.name()) } @for head in heads { th { (head) } } } }
            tbody {
                @for probe in &explored.probes {
                    tr {
                        th { (load_text(probe.load)) }
                        td { (probe.finished) }
                        td { (format!("{:.1}", probe.attainment * 100.0)) }
                        td { (format!("{:.1}-{:.1}", probe.attainment_low * 100.0, probe.attainment_high * 100.0)) }
                        @let m = probe.found.as_ref().map(|found| &found.metrics);
                        @let tpot = m.and_then(|m| m.tpot.as_ref());
                        @for value in [m.and_then(|m| m.ttft.as_ref()).map(|ttft| ttft.p90), tpot.map(|tpot| tpot.p90), m.map(|m| m.output_tps)] {
                            td { (value.map_or_else(|| "-".to_owned(), number)) }
                        }
                        td.bad[probe.is_client_limited()] { (note(probe)) }
                    }
                }
            }
        } }
        @for probe in &explored.probes {
            @if let Some(failure) = &probe.failure { p.small { (load_text(probe.load)) ": " (failure) } }
        }
    }
}
