//! The report as a **page** for people.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::Recommendation;
use catalog::response::{CriterionId, RankedEntry};
use chrono::{DateTime, Utc};
use domain::metrics::AtPrice;
use domain::{BenchmarkResult, Provenance, RunId};
use pages::{Bar, Block, Dot, Figure, Label, Mark, Page, Plot, Scatter, Table, Tile};
use store::{BatchState, CampaignState};

use super::rows::{MOST_ROWS, number, ranked, usd};
use super::{CampaignReport, Finding};

/// Bars of the plot of throughput.
const MOST_BARS: usize = 8;
/// Runners-up that are named.
const MOST_RUNNERS_UP: usize = 8;
/// Rows of tables of what was not measured.
const MOST_REASONS: usize = 30;

/// Results by their run.
type Results<'a> = HashMap<&'a RunId, &'a BenchmarkResult>;

impl CampaignReport {
    /// The report as a page.
    #[must_use]
    pub fn page(&self) -> Page {
        let results: Results<'_> = self.results.iter().map(|r| (&r.run_id, r)).collect();
        let mut blocks = self.summary();
        for finding in &self.findings {
            blocks.extend(self.finding(finding, &results));
        }
        blocks.extend(self.asked());
        blocks.extend(self.not_measured());
        blocks.extend(self.cost_section());
        blocks.extend(definitions());
        blocks.extend(self.circumstances());
        Page {
            title: format!("Campaign {}", self.campaign.id),
            kind: "campaign report",
            label: self.label(),
            blocks,
        }
    }

    /// Where all of its numbers come from.
    pub(crate) fn label(&self) -> Label {
        let kinds: Vec<Provenance> = self.provenance.keys().copied().collect();
        let word = |p: &Provenance| p.name().to_uppercase();
        match kinds.as_slice() {
            [] => Label {
                word: "NO RESULTS".to_owned(),
                meaning: "nothing was measured; nothing follows from this page".to_owned(),
                warns: true,
            },
            [only] => Label {
                word: word(only),
                meaning: only.meaning().to_owned(),
                warns: *only != Provenance::Measured,
            },
            several => Label {
                word: several.iter().map(word).collect::<Vec<_>>().join(" AND "),
                meaning:
                    "each section says which of them its numbers are; they are not compared with each other"
                        .to_owned(),
                warns: true,
            },
        }
    }

    /// How it ended, in a word.
    pub(crate) const fn ended(&self) -> &'static str {
        match self.campaign.state {
            CampaignState::Completed => "completed",
            CampaignState::Failed => "failed",
            CampaignState::Paused => "paused",
            CampaignState::Cancelled => "cancelled",
            CampaignState::Requested | CampaignState::Planned | CampaignState::Running => "under way",
        }
    }

    /// The best configuration for each question, in a line.
    pub(crate) fn best_in_lines(&self) -> Vec<String> {
        self.findings.iter().filter_map(best_in_a_line).collect()
    }

    fn summary(&self) -> Vec<Block> {
        let c = &self.campaign;
        let tile = |name: &str, value: String, more: String| Tile { name: name.to_owned(), value, more };
        let tiles = vec![
            tile("Campaign", self.ended().to_owned(), c.updated_at.format("%Y-%m-%d %H:%M UTC").to_string()),
            tile(
                "Results",
                self.results.len().to_string(),
                format!("of {} configurations that can run", c.feasible),
            ),
            tile(
                "Failed trials",
                self.failed_trials().to_string(),
                format!("{} configurations cannot run", c.infeasible),
            ),
            tile("Cost", self.paid.in_usd().unwrap_or_else(|| "not known".to_owned()), self.paid_in_words()),
        ];
        let mut blocks = vec![Block::Tiles(tiles)];
        if let Some(message) = &c.message {
            blocks.push(Block::Text(message.clone()));
        }
        let best = self.best_in_lines();
        if !best.is_empty() {
            blocks.push(Block::Section("What to run".to_owned()));
            blocks.push(Block::List(best));
            blocks.push(Block::Small(
                "Each is the best among the results of this campaign alone. `assay recommend` ranks all that is known."
                    .to_owned(),
            ));
        }
        blocks
    }

    fn finding(&self, finding: &Finding, results: &Results<'_>) -> Vec<Block> {
        let Finding { use_case, shape, provenance, recommendation, none } = finding;
        let mut blocks = vec![Block::Section(format!("{use_case}, {shape} tokens [{provenance}]"))];
        if let Some(none) = none {
            blocks.push(Block::Text(format!("No recommendation: {none}.")));
        }
        let Some(r) = recommendation else { return blocks };
        if none.is_some() {
            blocks.push(Block::Text("Ranked below is what was measured, without bounds.".to_owned()));
        } else {
            blocks.extend(reasons(r));
        }
        blocks.push(Block::Figures(figures(r, results)));
        let table = ranked(&r.entries, results);
        let starred = table.rows.iter().flatten().any(|cell| cell.ends_with('*'));
        blocks.push(Block::Table(table));
        let mut legend = "In parentheses: 95 % confidence intervals. ".to_owned();
        if starred {
            legend += "*: fewer requests than a claim about this percentile needs. ";
        }
        if r.counts.ranked > MOST_ROWS {
            legend +=
                &format!("The first {MOST_ROWS} of {}; the JSON of this report has all. ", r.counts.ranked);
        }
        legend += &format!(
            "USD/Mtok: at the {} price, steady serving on machines that are full of such servers.",
            r.price
        );
        blocks.push(Block::Small(legend));
        blocks.extend(left_out(r));
        blocks
    }

    fn asked(&self) -> Vec<Block> {
        let Some(spec) = &self.spec else { return Vec::new() };
        let list = |items: Vec<String>| BTreeSet::from_iter(items).into_iter().collect::<Vec<_>>().join(", ");
        let fact = |name: &str, value: String| (name.to_owned(), value);
        let slo = [("TTFT", spec.slo.ttft), ("TPOT", spec.slo.tpot), ("E2E", spec.slo.e2e)];
        let slo: Vec<String> =
            slo.iter().filter_map(|(name, max)| Some(format!("{name} <= {} ms", (*max)?.as_ms()))).collect();
        let none = |text: &str| text.to_owned();
        let facts = vec![
            fact("Spec", spec.name.clone()),
            fact("Models", list(spec.models.iter().map(|m| m.name.to_string()).collect())),
            fact("Precisions", list(spec.quantisations.iter().map(ToString::to_string).collect())),
            fact("Hardware", list(spec.hardware.iter().map(|h| h.name.to_string()).collect())),
            fact("Engines", list(spec.frameworks.iter().map(|f| f.framework().to_string()).collect())),
            fact(
                "Workloads",
                list(
                    spec.workloads
                        .iter()
                        .flat_map(|w| w.workloads().map(|w| format!("{} {}", w.use_case, w.label())))
                        .collect(),
                ),
            ),
            fact(
                "SLO of a request",
                if slo.is_empty() { none("the usual one of each use case") } else { slo.join(", ") },
            ),
            fact("Budget", spec.budget_usd.map_or_else(|| none("none"), usd)),
            fact(
                "Deadline",
                spec.deadline.map_or_else(|| none("none"), |d| format!("{:.0} min", d.as_ms() / 60_000.0)),
            ),
            fact("Trials of each", spec.trials.to_string()),
            fact("Seed", spec.seed.to_string()),
        ];
        vec![Block::Section("What was asked".to_owned()), Block::Facts(facts)]
    }

    fn not_measured(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let table = |heads: &[&str], texts: &[usize], rows: Vec<Vec<String>>| {
            Block::Table(Table {
                heads: heads.iter().map(|h| (*h).to_owned()).collect(),
                texts: texts.to_vec(),
                rows,
            })
        };
        if !self.failures.is_empty() {
            blocks.push(Block::Part("Failed".to_owned()));
            let rows = self.failures.iter().take(MOST_REASONS);
            let rows =
                rows.map(|f| vec![f.trials.len().to_string(), f.first.clone(), f.reason.clone()]).collect();
            blocks.push(table(&["trials", "such as", "reason"], &[1, 2], rows));
        }
        if !self.unfinished.is_empty() {
            blocks.push(Block::Part("Batches that did not finish".to_owned()));
            let state = |state: BatchState| match state {
                BatchState::OverBudget => "over budget or deadline",
                BatchState::Failed => "failed",
                BatchState::Cancelled => "cancelled",
                BatchState::Pending | BatchState::Submitted | BatchState::Finished => "not ended",
            };
            let rows = self.unfinished.iter().take(MOST_REASONS);
            let row = |b: &store::BatchRecord| {
                vec![
                    b.id.to_string(),
                    b.trials.to_string(),
                    state(b.state).to_owned(),
                    b.message.clone().unwrap_or_default(),
                ]
            };
            blocks.push(table(&["batch", "trials", "state", "reason"], &[0, 2, 3], rows.map(row).collect()));
        }
        if !self.infeasible.is_empty() {
            blocks.push(Block::Part("Cannot run".to_owned()));
            let row = |g: &super::CannotRun| {
                vec![g.count.to_string(), g.kind.to_owned(), g.first.clone(), g.reason.clone()]
            };
            let heads = ["configurations", "kind of reason", "such as", "reason of that one"];
            blocks.push(table(&heads, &[1, 2, 3], self.infeasible.iter().map(row).collect()));
        }
        if self.fresh > 0 {
            let text =
                format!("{} configurations were not measured since their results are fresh.", self.fresh);
            blocks.push(Block::Text(text));
        }
        let more = self.failures.len().max(self.unfinished.len());
        if more > MOST_REASONS {
            blocks.push(Block::Small(format!(
                "The first {MOST_REASONS} of each; the JSON of this report has all."
            )));
        }
        if blocks.is_empty() {
            blocks.push(Block::Text("Everything that was asked for was measured.".to_owned()));
        }
        blocks.insert(0, Block::Section("What was not measured, and why".to_owned()));
        blocks
    }

    fn cost_section(&self) -> Vec<Block> {
        let c = &self.costs;
        let row = |name: &str, cost: AtPrice| {
            vec![name.to_owned(), format!("{:.2}", cost.spot), format!("{:.2}", cost.on_demand)]
        };
        let mut rows = vec![
            row("Engine starts", c.engine_start_usd),
            row("Warm-up and drain", c.warm_up_usd),
            row("Measured windows", c.window_usd),
            row("Work lost to interruptions", c.lost_usd),
            row("Tokens of hosted models", AtPrice { spot: c.tokens_usd, on_demand: c.tokens_usd }),
            row("All results", c.usd),
        ];
        rows.retain(|row| row[0] != "Tokens of hosted models" || c.tokens_usd > 0.0);
        let heads = ["", "USD at spot price", "USD on demand"].map(str::to_owned).to_vec();
        let paid = format!(
            "{}: all time of jobs that led to an outcome, that of failed trials too, at the price of how each job's machine was \
             rented. Below is what the results were charged with, as if all had been on spot machines and as if all had been on \
             demand.",
            capitalised(&self.paid_in_words()),
        );
        let mut text = format!(
            "{} hours of machines were charged to results, {} of them for work that was lost.",
            number(c.hours),
            number(c.lost_hours)
        );
        text += " Trials that failed have no result; what they took is not in these sums.";
        if c.unpriced > 0 {
            text += &format!(" {} results have no price and are counted as 0 USD.", c.unpriced);
        }
        vec![
            Block::Section("Costs of the campaign".to_owned()),
            Block::Text(paid),
            Block::Table(Table { heads, texts: vec![0], rows }),
            Block::Text(text),
        ]
    }

    fn circumstances(&self) -> Vec<Block> {
        let distinct = |of: &dyn Fn(&BenchmarkResult) -> Option<String>| {
            let values: BTreeSet<String> = self.results.iter().filter_map(of).collect();
            if values.is_empty() {
                "not told".to_owned()
            } else {
                values.into_iter().collect::<Vec<_>>().join(", ")
            }
        };
        let runner = |r: &BenchmarkResult| {
            let revision =
                r.environment.runner_revision.as_ref().map(|rev| format!(" ({rev})")).unwrap_or_default();
            Some(format!("batch-runner {}{revision}", r.environment.runner_version))
        };
        let engine = |r: &BenchmarkResult| {
            let engine = r.configuration.serving.launch()?.framework.engine;
            Some(format!("{engine} {}", r.environment.engine_version.as_ref()?))
        };
        let gpus =
            |r: &BenchmarkResult| (!r.environment.gpus.is_empty()).then(|| r.environment.gpus.join(", "));
        let prices: BTreeSet<String> = self
            .findings
            .iter()
            .filter_map(|f| f.recommendation.as_ref())
            .flat_map(|r| r.prices.iter().map(ToString::to_string))
            .collect();
        let prices = if prices.is_empty() {
            "none".to_owned()
        } else {
            prices.into_iter().collect::<Vec<_>>().join("; ")
        };
        let day = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        let first = self.results.iter().map(|r| r.measured_at).min().map(day);
        let last = self.results.iter().map(|r| r.measured_at).max().map(day);
        let measured =
            first.zip(last).map_or_else(|| "never".to_owned(), |(first, last)| format!("{first} to {last}"));
        let counts: Vec<String> =
            self.provenance.iter().map(|(p, n)| format!("{n} {p}: {}", p.meaning())).collect();
        let counts = if counts.is_empty() { "no results".to_owned() } else { counts.join("; ") };
        let facts = [
            ("Provenance", counts),
            ("Asked", format!("{}, request {}", day(self.campaign.created_at), self.campaign.request)),
            ("Measured", measured),
            ("This report", format!("{}, Assay {}", day(self.made_at), self.version)),
            ("Price lists", prices),
            ("Engines", distinct(&engine)),
            ("Runners", distinct(&runner)),
            ("GPUs", distinct(&gpus)),
            ("GPU drivers", distinct(&|r| r.environment.gpu_driver.clone())),
            ("Processors", distinct(&|r| r.environment.cpu_model.clone())),
            ("Images", distinct(&|r| r.environment.image_digest.clone())),
        ];
        let facts = facts.map(|(name, value)| (name.to_owned(), value)).to_vec();
        vec![Block::Section("Versions, prices and dates".to_owned()), Block::Facts(facts)]
    }
}

fn launch_and_load(entry: &RankedEntry) -> String {
    format!("{}, {}", entry.configuration.serving, entry.configuration.workload.load)
}

fn best_in_a_line(finding: &Finding) -> Option<String> {
    let Finding { use_case, shape, provenance, .. } = finding;
    let question = format!("{use_case}, {shape} [{provenance}]");
    if finding.none.is_some() {
        return Some(format!("{question}: nothing that was measured fits"));
    }
    let r = finding.recommendation.as_ref()?;
    let best = r.entries.first()?;
    let alike = match r.indistinct {
        Some(count) if count > 1 => format!("; {} more cannot be told apart from it", count - 1),
        _ => String::new(),
    };
    Some(format!("{question}: {}{alike}", launch_and_load(best)))
}

/// What speaks for the first, and what cannot be told apart from it.
fn reasons(r: &Recommendation) -> Vec<Block> {
    let Some(best) = r.entries.first() else { return Vec::new() };
    let mut blocks =
        vec![Block::Part(format!("Run {}", launch_and_load(best))), Block::Text(r.statement.clone())];
    if r.counts.ranked > 1 {
        blocks.push(Block::List(best.explanation.clone()));
    }
    if let Some(probability) = best.probability_first {
        let text = "first with {} % probability, from the intervals of latencies and throughput";
        blocks.push(Block::Text(
            capitalised(&text.replace("{}", &format!("{:.0}", probability * 100.0))) + ".",
        ));
    }
    let alike = r.indistinct.unwrap_or(1).saturating_sub(1);
    if alike > 0 {
        blocks.push(Block::Part(format!("{alike} cannot be told apart from it")));
        let mut likely: Vec<&RankedEntry> = r.entries.iter().skip(1).collect();
        let probability = |e: &RankedEntry| e.probability_first.unwrap_or(0.0);
        likely.sort_by(|a, b| probability(b).total_cmp(&probability(a)));
        let named = likely.iter().take(alike.min(MOST_RUNNERS_UP)).map(|e| {
            format!(
                "#{} {}: first with {:.0} % probability",
                e.rank,
                launch_and_load(e),
                probability(e) * 100.0
            )
        });
        blocks.push(Block::List(named.collect()));
    }
    blocks
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What was considered and not ranked.
fn left_out(r: &Recommendation) -> Option<Block> {
    if r.counts.left_out.is_empty() {
        return None;
    }
    let parts: Vec<String> = r.counts.left_out.iter().map(|l| format!("{}: {}", l.count, l.reason)).collect();
    let text = format!(
        "Of {} results {} are ranked. Left out: {}.",
        r.counts.considered,
        r.counts.ranked,
        parts.join("; ")
    );
    Some(Block::Small(text))
}

fn figures(r: &Recommendation, results: &Results<'_>) -> Vec<Figure> {
    let value =
        |e: &RankedEntry, c: CriterionId| e.criteria.iter().find(|v| v.criterion == c).map(|v| v.value);
    let dot = |e: &RankedEntry| {
        let mark = if e.rank == 1 { Mark::Named("#1".to_owned()) } else { Mark::Plain };
        Some(Dot { x: value(e, CriterionId::TtftP90)?, y: value(e, CriterionId::ServingCostPerMtok)?, mark })
    };
    let scatter = Plot::Scatter(Scatter { dots: r.entries.iter().filter_map(dot).collect() });
    let all = [
        (
            "Cost and latency",
            format!(
                "across: time to first token p90, ms; up: USD per million output tokens, {}; the line joins what nothing beats in both",
                r.price
            ),
            scatter,
        ),
        (
            "Output tokens per second",
            "the most that each server yields at any load of the ranking; the line is a 95 % interval"
                .to_owned(),
            Plot::Bars(throughputs(r, results)),
        ),
    ];
    let shown = all.into_iter().filter(|(_, _, plot)| !plot.is_empty());
    shown
        .map(|(name, more, plot)| Figure { name: format!("{name} [{}]", r.provenance), more, plot })
        .collect()
}

/// The most that each launch yields, the most of all first.
fn throughputs(r: &Recommendation, results: &Results<'_>) -> Vec<Bar> {
    let mut most: BTreeMap<String, (f64, &RankedEntry)> = BTreeMap::new();
    for entry in &r.entries {
        let tps = entry.criteria.iter().find(|v| v.criterion == CriterionId::OutputTps).map(|v| v.value);
        let Some(tps) = tps else { continue };
        let known = most.entry(entry.configuration.serving.to_string()).or_insert((tps, entry));
        if tps > known.0 {
            *known = (tps, entry);
        }
    }
    let bar = |(value, entry): (f64, &RankedEntry)| {
        let interval = results.get(&entry.run_id).and_then(|r| r.metrics.output_tps_ci95);
        Bar { name: launch_and_load(entry), value, interval: interval.map(|i| (i.low, i.high)) }
    };
    let mut bars: Vec<Bar> = most.into_values().map(bar).collect();
    bars.sort_by(|a, b| b.value.total_cmp(&a.value));
    bars.truncate(MOST_BARS);
    bars
}

fn definitions() -> Vec<Block> {
    let facts = [
        ("TTFT", "time to first token: from the first byte sent to the first event with content, ms"),
        (
            "TPOT",
            "time per output token: from the first to the last content event over the tokens after the first, ms",
        ),
        (
            "p90",
            "nine of ten requests were as fast or faster; failed requests are in no latency, and are counted",
        ),
        ("tokens/s", "output tokens of successful requests in the measured window over its length"),
        ("good", "share of all finished requests, failed ones too, that met the whole SLO"),
        (
            "USD/Mtok",
            "price per hour of the server's share of its machine over its output tokens per hour, in steady serving",
        ),
        ("Interval", "95 % confidence, by batch means or a seeded bootstrap within one run"),
        ("Window", "warm-up and drain are outside; where no steady state was found, it is noted"),
        ("Client", "a run in which the load generator was the bottleneck is kept and never ranked"),
        ("Score", "TOPSIS over the criteria of the use case; docs/ranking.md of Assay defines it"),
    ];
    let facts = facts.map(|(name, meaning)| (name.to_owned(), meaning.to_owned())).to_vec();
    vec![Block::Section("Definitions".to_owned()), Block::Facts(facts)]
}
