//! The **HTML report** is one page that needs nothing else: what was found, its plots, whether the client can be
//! trusted, and how to do it again.

pub(super) mod loads;
mod plots;

use std::io::{self, Write};

use domain::result::Flag;
use domain::{ByTurn, Statistic, Summary};
use maud::{Markup, html};
use measurement::certificate::Thresholds;
use measurement::record::RequestRecord;
use measurement::window::Window;
use pages::Label;
use pages::html::{figure, tile};

use super::Findings;
use crate::bench::dataset_use::DatasetUse;
use crate::bench::document::{BenchDocument, seconds};
use crate::bench::table::{COLUMNS, flag_in_words, latencies, number, waits_in_words};
use plots::Span;

/// Parts of the run in a plot over time.
const PARTS: usize = 100;

pub(super) fn write(findings: &Findings<'_>, out: &mut impl Write) -> io::Result<()> {
    let page = page(findings).map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(page.into_string().as_bytes())
}

type Drawn = Result<Markup, pages::PlotError>;

fn page(findings: &Findings<'_>) -> Drawn {
    let found = findings.document;
    let title = format!("{} {}", found.model, found.workload.label());
    let body = html! {
        (header(found))
        (tiles(found))
        (notes(found))
        section { h2 { "Latency, ms" } (table(found)) }
        @if let Some(turns) = &found.by_turn {
            section { h2 { "Time to first token by turn, ms" } (by_turn(turns)) }
        }
        section { h2 { "Distributions" } div.plots { (distributions(findings)?) } }
        section { h2 { "Over the run" } div.plots { (timelines(findings)?) } }
        section { h2 { "Client certificate" } (certificate(found)) }
        section { h2 { "How it was measured" } (circumstances(found)) }
    };
    Ok(document(&title, found.simulated(), &body))
}

/// A whole page, marked where the engine was simulated.
fn document(title: &str, simulated: bool, body: &Markup) -> Markup {
    let label = simulated.then(|| Label {
        word: "SIMULATED".to_owned(),
        meaning: "The server is the simulated engine; this says nothing of hardware.".to_owned(),
        warns: true,
    });
    pages::html::document(title, "bench", label.as_ref(), body)
}

fn header(found: &BenchDocument) -> Markup {
    html! {
        header {
            h1 { (found.model) }
            p.sub {
                (found.workload.label()) " at " code { (found.url) } ", " (found.provenance)
                ", " (found.measured_at.format("%Y-%m-%d %H:%M:%S UTC"))
            }
        }
    }
}

fn tiles(found: &BenchDocument) -> Markup {
    let m = &found.metrics;
    let failed = found.counts.failures();
    let of = |summary: &Summary| format!("p99 {}", number(summary.p99));
    html! {
        div.tiles {
            @if let Some(ttft) = &m.ttft { (tile("TTFT p50", &number(ttft.p50), "ms", &of(ttft))) }
            @if let Some(tpot) = &m.tpot { (tile("TPOT p50", &number(tpot.p50), "ms", &of(tpot))) }
            @if let Some(e2e) = &m.e2e { (tile("E2E p50", &number(e2e.p50), "ms", &of(e2e))) }
            (tile("Output", &number(m.output_tps), "tokens/s", &format!("{} with input", number(m.total_tps))))
            (tile("Requests", &number(m.rps), "per s", &format!("{} ok, {failed} failed", found.counts.succeeded)))
            @if let (Some(goodput), Some(attainment)) = (m.goodput, m.attainment) {
                (tile("Goodput", &number(goodput), "per s", &format!("{:.1} % meet the SLO", attainment * 100.0)))
            }
            @if let Some(per_gpu) = m.tps_per_gpu {
                (tile("Per GPU", &number(per_gpu), "tokens/s", &format!("on each of {}", found.gpu_count)))
            }
        }
    }
}

/// What limits the conclusion.
fn notes(found: &BenchDocument) -> Markup {
    let limited = found.flags.contains(&Flag::ClientLimited);
    let sent_again = found.dataset_use.and_then(DatasetUse::warning);
    html! {
        @if !found.flags.is_empty() || !found.counts.failed.is_empty() || sent_again.is_some() {
            ul.notes {
                @for flag in &found.flags {
                    li.bad[limited && *flag == Flag::ClientLimited] { (flag_in_words(*flag)) }
                }
                @if let Some(warning) = &sent_again { li { (warning) } }
                @for (reason, count) in &found.counts.failed {
                    li { (count) " " (crate::load::reason_name(*reason)) }
                }
                @if let Some(waits) = waits_in_words(&found.counts) { li { (waits) } }
            }
        }
    }
}

fn table(found: &BenchDocument) -> Markup {
    let rows: Vec<(&str, &Summary)> = latencies(found).collect();
    let weak = |summary: &Summary, statistic: &Statistic| summary.insufficient_samples.contains(statistic);
    let starred = rows.iter().any(|(_, summary)| COLUMNS.iter().any(|(_, s)| weak(summary, s)));
    html! {
        div.wide { table {
            thead { tr { th {}  @for (name, _) in COLUMNS { th { (name) } } th { "max" } th { "count" } } }
            tbody {
                @for (name, summary) in &rows {
                    tr {
                        th { (name) }
                        @for (_, statistic) in COLUMNS {
                            td.weak[weak(summary, &statistic)] title=[interval(summary, statistic)] {
                                (number(summary.get(statistic))) @if weak(summary, &statistic) { "*" }
                            }
                        }
                        td { (number(summary.max)) }
                        td { (summary.count) }
                    }
                }
            }
        } }
        @if starred { p.small { "* too few requests for a claim" } }
    }
}

/// The turns of conversations. Later ones repeat what was said before, which a prefix cache may still hold.
fn by_turn(turns: &ByTurn) -> Markup {
    html! {
        p.sub {
            (turns.conversations) " conversations"
            @if turns.broken_off > 0 { ", " (turns.broken_off) " broken off by a failure, an answer without text or a turn that was never sent" }
        }
        div.wide { table {
            thead { tr { th { "turn" } th { "prompt tokens" } @for (name, _) in COLUMNS { th { (name) } } th { "count" } } }
            tbody {
                @for (turn, of) in &turns.each {
                    tr {
                        th { (turn) }
                        td { @if let Some(tokens) = of.input_tokens { (number(tokens)) } }
                        @for (_, statistic) in COLUMNS { td { (number(of.ttft.get(statistic))) @if of.ttft.insufficient_samples.contains(&statistic) { "*" } } }
                        td { (of.succeeded) }
                    }
                }
            }
        } }
    }
}

fn interval(summary: &Summary, statistic: Statistic) -> Option<String> {
    let interval = summary.ci95.get(&statistic)?;
    Some(format!("95 % interval: {} to {}", number(interval.low), number(interval.high)))
}

/// Values of a distribution, ms, in any order. There may be as many as events.
type Values<'a> = Box<dyn Iterator<Item = f64> + 'a>;

fn distributions(findings: &Findings<'_>) -> Drawn {
    let good: Vec<&RequestRecord> = findings
        .measured
        .window
        .measured(&findings.measured.records)
        .filter(|record| record.succeeded())
        .collect();
    let over = |value: fn(&RequestRecord) -> Option<f64>| -> Values<'_> {
        Box::new(good.iter().filter_map(move |r| value(r)))
    };
    let gaps: Values<'_> = Box::new(good.iter().flat_map(|record| record.gaps_ms()));
    let m = &findings.document.metrics;
    let itl = if m.itl_multi_token {
        "Gaps between events (more than one token each)"
    } else {
        "Inter-token latency"
    };
    let all: [(&str, Option<&Summary>, Values<'_>); 4] = [
        ("Time to first token", m.ttft.as_ref(), over(RequestRecord::ttft_ms)),
        ("Time per output token", m.tpot.as_ref(), over(RequestRecord::tpot_ms)),
        (itl, m.itl.as_ref(), gaps),
        ("End-to-end latency", m.e2e.as_ref(), over(RequestRecord::e2e_ms)),
    ];
    let mut figures = Vec::new();
    for (name, summary, values) in all {
        let Some(summary) = summary else { continue };
        let plots::Distribution { svg, beyond, last_ms } = plots::distribution(values, summary)?;
        let mut more = format!("share of {} values", summary.count);
        if beyond > 0 {
            more += &format!("; {beyond} beyond {} ms, at most {}", number(last_ms), number(summary.max));
        }
        figures.push(figure(&format!("{name}, ms"), &more, &svg));
    }
    Ok(html! { @for figure in figures { (figure) } })
}

fn timelines(findings: &Findings<'_>) -> Drawn {
    let measured = findings.measured;
    let end_ns = measured.records.iter().map(|r| r.t_end_ns).max().unwrap_or(0).max(measured.window.end_ns);
    let window = (seconds(measured.window.start_ns), seconds(measured.window.end_ns));
    let span = Span { window, end: seconds(end_ns) };
    let points = |value: fn(&RequestRecord) -> Option<f64>| -> Vec<(f64, f64)> {
        let good = measured.records.iter().filter(|record| record.succeeded());
        good.filter_map(|record| Some((seconds(record.t_send_ns?), value(record)?))).collect()
    };
    let whole = Window { start_ns: 0, end_ns, steady: false, selects: measured.window.selects };
    let part_ns = end_ns as f64 / PARTS as f64;
    let mut tokens = whole.tokens_per_interval(&measured.records, part_ns);
    tokens.iter_mut().for_each(|tokens| *tokens /= part_ns / 1e9);
    let dotted = |name: &str, values: &[(f64, f64)]| -> Drawn {
        let whose = match plots::dots_every(values.len()) {
            1 => "for each request".to_owned(),
            n => format!("for one request in {n} and for each that stands out,"),
        };
        let more =
            format!("a dot {whose} when it was sent, a line through the medians; the window is shaded");
        Ok(figure(name, &more, &plots::timeline(values, span, PARTS / 2)?))
    };
    Ok(html! {
        (dotted("Time to first token, ms", &points(RequestRecord::ttft_ms))?)
        (dotted("End-to-end latency, ms", &points(RequestRecord::e2e_ms))?)
        (figure("Output tokens per second", "in hundredths of the run", &plots::course(&tokens, span)?))
        (figure("Requests in flight", "in the middle of each hundredth", &plots::course(&in_flight(&measured.records, part_ns), span)?))
    })
}

/// Requests under way in the middle of each part of the run.
fn in_flight(records: &[RequestRecord], part_ns: f64) -> Vec<f64> {
    let at = |n: usize| ((n as f64 + 0.5) * part_ns) as u64;
    let mut open = vec![0.0; PARTS];
    for record in records {
        let Some(sent) = record.t_send_ns else { continue };
        let first = (sent as f64 / part_ns - 0.5).ceil().max(0.0) as usize;
        for (n, open) in open.iter_mut().enumerate().skip(first) {
            if at(n) > record.t_end_ns {
                break;
            }
            *open += 1.0;
        }
    }
    open
}

fn certificate(found: &BenchDocument) -> Markup {
    let c = &found.certificate;
    let limits = Thresholds::STANDARD;
    let rows = [
        (
            "Issue lag p99",
            format!("{} ms", number(c.issue_lag_p99_ms)),
            format!("{} ms", limits.issue_lag_p99_ms),
            c.issue_lag_p99_ms <= limits.issue_lag_p99_ms,
        ),
        (
            "Event-loop stall p99",
            format!("{} ms", number(c.loop_stall_p99_ms)),
            format!("{} ms", limits.loop_stall_p99_ms),
            c.loop_stall_p99_ms <= limits.loop_stall_p99_ms,
        ),
        (
            "IO thread",
            format!("{:.0} % of a core", c.io_thread_cpu * 100.0),
            format!("{:.0} %", limits.io_thread_cpu * 100.0),
            c.io_thread_cpu <= limits.io_thread_cpu,
        ),
        (
            "Dropped arrivals",
            c.dropped_arrivals.to_string(),
            limits.dropped_arrivals.to_string(),
            c.dropped_arrivals <= limits.dropped_arrivals,
        ),
    ];
    let ceiling = c.capacity.map(|capacity| {
        (
            "Share of its ceiling",
            format!("{:.0} %", capacity.used * 100.0),
            format!("{:.0} %", limits.ceiling_share * 100.0),
            capacity.used <= limits.ceiling_share,
        )
    });
    let arrivals = c.requested_rps.zip(c.achieved_rps).map(|(requested, achieved)| {
        (
            "Arrivals sent",
            format!("{} of {} per s", number(achieved), number(requested)),
            format!("{:.0} %", limits.achieved_share * 100.0),
            achieved >= requested * limits.achieved_share,
        )
    });
    html! {
        p {
            @if c.is_client_limited() { strong.bad { "This client was the bottleneck:" } " " (c.violations.join("; ")) }
            @else { "This client was not the bottleneck." }
        }
        div.wide { table {
            thead { tr { th {} th { "seen" } th { "allowed" } th {} } }
            tbody {
                @for (name, seen, allowed, good) in rows.into_iter().chain(ceiling).chain(arrivals) {
                    tr { th { (name) } td { (seen) } td { (allowed) } td.bad[!good] { @if good { "ok" } @else { "LIMITED" } } }
                }
                tr { th { "Whole client" } td { (format!("{:.2} cores", c.client_cpu_cores)) } td {} td {} }
                tr { th { "Sockets" } td { (c.open_sockets) } td { @if let Some(limit) = c.socket_limit { (limit) } } td {} }
                @match c.capacity {
                    Some(capacity) => {
                        tr { th { "Events" } td { (number(capacity.events_per_s)) " per s" } td {} td {} }
                        tr { th { "Events at its ceiling" } td { (number(capacity.most_events_per_s)) " per s" } td {} td {} }
                        tr { th { "Requests at its ceiling" } td { (number(capacity.most_requests_per_s)) " per s" } td {} td {} }
                    }
                    None => tr { th { "Ceiling" } td { "not calibrated" } td {} td {} }
                }
                tr { th { "Longest stall" } td { (number(c.loop_stall_max_ms)) " ms" } td {} td {} }
            }
        } }
    }
}

fn circumstances(found: &BenchDocument) -> Markup {
    let e = &found.environment;
    let runner = match &e.runner_revision {
        Some(revision) => format!("batch-runner {} ({revision})", e.runner_version),
        None => format!("batch-runner {}", e.runner_version),
    };
    let unknown = || "not told".to_owned();
    let host = format!("{}, {} logical", e.cpu_model.clone().unwrap_or_else(unknown), e.cpu_count);
    let gpus = if e.gpus.is_empty() { "none".to_owned() } else { e.gpus.join(", ") };
    let rows = [
        ("Server", e.engine_version.clone().unwrap_or_else(unknown)),
        ("Client", runner),
        ("Client's processor", host),
        ("Client's GPUs", gpus),
        (
            "Window",
            format!(
                "{:.2} s, from {:.2} s after the start; {:.2} s outside it",
                found.window_s, found.window_start_s, found.warm_up_s
            ),
        ),
        ("Seed", format!("{}: with --seed {0} the prompts are the same again", found.seed)),
    ];
    html! {
        pre { code { (command_line(&found.command)) } }
        dl { @for (name, value) in rows { dt { (name) } dd { (value) } } }
    }
}

/// A command as a shell would take it.
fn command_line(command: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    let quoted = command.iter().map(|word| match word.chars().all(plain) && !word.is_empty() {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted() {
        let command = ["bench", "--model", "it's a b", "", "--url=http://x:1"].map(str::to_owned);
        assert_eq!(command_line(&command), r"bench --model 'it'\''s a b' '' --url=http://x:1");
    }
}
