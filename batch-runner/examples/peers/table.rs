//! The **table**: for each client what it reported, how far that is from the truth, and what it cost.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use measurement::summary::percentile;

use crate::client::Client;
use crate::process::Cost;
use crate::truth::Latencies;

/// A client and what was found of it, run by run.
#[derive(Debug)]
pub(crate) struct Row {
    pub client: Client,
    /// None when it is not installed.
    pub program: Option<PathBuf>,
    runs: Vec<(Latencies, Latencies, Cost)>,
    /// Why a run of it is missing.
    failure: Option<String>,
}

impl Row {
    pub(crate) const fn new(client: Client, program: Option<PathBuf>) -> Self {
        Self { client, program, runs: Vec::new(), failure: None }
    }

    pub(crate) fn add(&mut self, seen: Latencies, did: Latencies, cost: Cost) {
        self.runs.push((seen, did, cost));
    }

    /// Notes why a run is missing, with the end of what the client said.
    pub(crate) fn fail(&mut self, error: &anyhow::Error, log: &Path) {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        let last =
            said.lines().rev().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
        self.failure = Some(format!("{error:#}; it said: {}", last.chars().take(160).collect::<String>()));
    }

    fn seen(&self, of: fn(&Latencies) -> Option<f64>) -> Option<f64> {
        median(self.runs.iter().filter_map(|(seen, ..)| of(seen)))
    }

    fn error(&self, of: fn(&Latencies) -> Option<f64>) -> Option<f64> {
        median(self.runs.iter().filter_map(|(seen, did, _)| Some(of(seen)? - of(did)?)))
    }

    fn cost(&self, of: fn(&Cost) -> f64) -> Option<f64> {
        median(self.runs.iter().map(|(.., cost)| of(cost)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    percentile(&values, 0.5)
}

pub(crate) fn write(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    writeln!(out)?;
    writeln!(out, "                    TTFT p50, ms    TTFT p99, ms  TPOT p99  ITL p99   CPU s per Mtok")?;
    writeln!(out, "                     seen  error     seen  error     error    error  streaming  in all")?;
    for row in rows.iter().filter(|row| !row.runs.is_empty()) {
        let mark = if row.client.warms_up() { " " } else { "*" };
        writeln!(
            out,
            "{:<17}{mark}{} {} {} {}  {}{}{} {}",
            row.client.name(),
            cell(row.seen(|l| l.ttft_p50), 7, false),
            cell(row.error(|l| l.ttft_p50), 6, true),
            cell(row.seen(|l| l.ttft_p99), 8, false),
            cell(row.error(|l| l.ttft_p99), 6, true),
            cell(row.error(|l| l.tpot_p99), 8, true),
            cell(row.error(|l| l.itl_p99), 9, true),
            cell(row.cost(|cost| cost.to_last_token_s), 10, false),
            cell(row.cost(|cost| cost.to_end_s), 7, false),
        )?;
    }
    if rows.iter().any(|row| !row.runs.is_empty() && !row.client.warms_up()) {
        writeln!(out, "* has no warm-up: its start-up burst is in its numbers and in the truth")?;
    }
    writeln!(out)?;
    for row in rows {
        let name = row.client.name();
        let Some(program) = &row.program else {
            writeln!(out, "{name}: not installed")?;
            continue;
        };
        let version = row.client.version(program).map_or_else(String::new, |version| format!(" {version}"));
        let start = row.cost(|cost| cost.first_request_after_s).zip(row.cost(|cost| cost.start_s));
        if let Some((after, cpu)) = start {
            writeln!(out, "{name}{version}: first request after {after:.2} s, of which {cpu:.2} CPU s")?;
        }
        if let Some(failure) = &row.failure {
            writeln!(out, "{name}{version}: {} runs counted; one failed: {failure}", row.runs.len())?;
        }
    }
    Ok(())
}

fn cell(value: Option<f64>, width: usize, signed: bool) -> String {
    let text = match value {
        None => "-".to_owned(),
        Some(value) => {
            let digits = if value.abs() < 10.0 {
                2
            } else if value.abs() < 100.0 {
                1
            } else {
                0
            };
            if signed { format!("{value:+.digits$}") } else { format!("{value:.digits$}") }
        }
    };
    format!("{text:>width$}")
}
