//! The report of a campaign says what was measured, what not and why, and where its numbers come from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use domain::metrics::Interval;
use domain::{BenchmarkResult, CampaignSpec, Configuration, Provenance, RunId, Statistic};
use publish_catalog::{CampaignReport, Evidence};
use store::{BatchState, CampaignState, Checkpoint, TrialOutcome};
use testkit::fixtures::{at, batch_record, campaign_record, result};

const SPEC: &str = "
name: nightly
models: [llama-3.1-8b-instruct, llama-3.1-70b-instruct]
quantisations: [fp16, fp8]
hardware: [l4x1, a100-80gbx1, h100x1, h100x2]
frameworks: [vllm, sglang]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 512, output_tokens: 128, concurrency: [1, 4, 16, 64]}
  - {name: sum, use_case: summarization, input_tokens: 2048, output_tokens: 256, concurrency: [1, 8]}
budget_usd: 40
";

/// A campaign of which two in three configurations were measured.
fn evidence(provenance: impl Fn(usize) -> Provenance) -> Evidence {
    let spec = CampaignSpec::from_yaml(SPEC).unwrap();
    let mut campaign = campaign_record("nightly");
    let plan = matrix::plan(&spec, &campaign.id);
    campaign.state = CampaignState::Completed;
    campaign.feasible = plan.feasible.len() as u64;
    campaign.infeasible = plan.infeasible.len() as u64;
    campaign.message = Some("batch nightly.b1 did not finish: over the budget".to_owned());
    let mut batches = vec![batch_record(&campaign.id, 0), batch_record(&campaign.id, 1)];
    batches[0].state = BatchState::Finished;
    batches[1].state = BatchState::OverBudget;
    batches[1].message = Some("would cost 12.40 USD, and 3.10 of 40 are left".to_owned());
    let (mut results, mut outcomes) = (Vec::new(), Vec::new());
    for (n, feasible) in plan.feasible.iter().enumerate() {
        let outcome = if n % 3 == 2 {
            TrialOutcome::Failed {
                reason: "the engine did not become healthy within 600 s; its last line: out of disk"
                    .to_owned(),
            }
        } else {
            results.push(measured(campaign.id.as_str(), &feasible.configuration, provenance(n), n));
            TrialOutcome::Stored
        };
        let run_id = RunId::new(&campaign.id, &feasible.id, 1);
        outcomes.push(Checkpoint {
            run_id,
            config_id: feasible.id.clone(),
            outcome,
            attempt: 1,
            // One in ten was on a machine without a price.
            usd: (n % 10 != 0).then_some(0.25),
            machine_s: None,
            at: at(0),
        });
    }
    Evidence { campaign, plan: Some(plan), batches, outcomes, results }
}

/// A result with numbers that differ by hardware and load.
fn measured(
    campaign: &str,
    configuration: &Configuration,
    provenance: Provenance,
    n: usize,
) -> BenchmarkResult {
    let load = match configuration.workload.load {
        domain::Load::ClosedLoop { concurrency } => f64::from(concurrency.get()),
        _ => 1.0,
    };
    let power = 1.0 + (n % 7) as f64 * 0.4;
    let built = result(campaign, 1).configuration(configuration.clone()).provenance(provenance);
    built
        .metrics(|m| {
            let mut ttft = testkit::fixtures::summary(30.0 * load.powf(0.6) / power);
            ttft.ci95.insert(Statistic::P90, Interval { low: ttft.p90 * 0.9, high: ttft.p90 * 1.1 });
            ttft.insufficient_samples = vec![Statistic::P99, Statistic::P90];
            m.ttft = Some(ttft);
            m.output_tps = 70.0 * load.powf(0.8) * power;
            m.output_tps_ci95 = Some(Interval { low: m.output_tps * 0.95, high: m.output_tps * 1.05 });
        })
        .build()
}

/// Kept where a person can look at it.
fn keep(name: &str, report: &CampaignReport) -> (String, Vec<u8>) {
    let page = report.page();
    let (html, pdf) = (page.to_html().unwrap(), page.to_pdf().unwrap());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join(format!("{name}.html")), &html).unwrap();
    fs::write(folder.join(format!("{name}.pdf")), &pdf).unwrap();
    (html, pdf)
}

#[test]
fn a_simulated_campaign_says_so_and_why_things_were_not_measured() {
    let report = CampaignReport::new(evidence(|_| Provenance::Simulated), at(86_400));
    let (html, pdf) = keep("simulated", &report);
    for told in [
        "<title>SIMULATED: Campaign nightly",
        "<strong>SIMULATED</strong>",
        "nothing about real hardware follows",
        "chatbot, 512&gt;128 tokens [simulated]",
        "summarization, 2048&gt;256 tokens [simulated]",
        "Run llama-3.1",
        "its last line: out of disk",
        "would cost 12.40 USD",
        "GiB usable",
        "Work lost to interruptions",
        "time to first token p90",
        "aria-label=\"Cost and latency [simulated]\"",
        "95 % confidence intervals",
    ] {
        assert!(html.contains(told), "{told}");
    }
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 20_000);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["provenance"]["simulated"], report.results.len());
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
    assert_eq!(json["failures"][0]["trials"].as_array().unwrap().len(), report.failed_trials());
}

/// Whatever the list says: a fallback to on-demand machines, and trials that failed, were paid as well.
#[test]
fn what_was_paid_is_what_the_outcomes_say() {
    let evidence = evidence(|_| Provenance::Measured);
    let known = evidence.outcomes.iter().filter(|outcome| outcome.usd.is_some()).count();
    let unknown = evidence.outcomes.len() - known;
    let report = CampaignReport::new(evidence, at(0));
    let (html, _) = keep("paid", &report);
    let usd = format!("{:.2} USD", known as f64 * 0.25);
    assert!(
        html.contains(&format!("paid {usd} without {unknown} outcomes of which no price is known")),
        "{html}"
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["paid"]["usd"], known as f64 * 0.25);
    assert_eq!(json["paid"]["unknown"], unknown);
    assert!(report.costs.usd.spot != report.paid.usd);

    // Nobody paid for a simulation.
    let report = CampaignReport::new(self::evidence(|_| Provenance::Simulated), at(0));
    assert!(report.page().to_html().unwrap().contains("real machines would have cost"));
}

#[test]
fn what_spot_spares_is_told_where_the_time_of_all_is_known() {
    let paid = |change: fn(&mut Vec<Checkpoint>)| {
        let mut evidence = evidence(|_| Provenance::Measured);
        for outcome in &mut evidence.outcomes {
            (outcome.usd, outcome.machine_s) = (Some(0.1), Some(225.0));
        }
        change(&mut evidence.outcomes);
        CampaignReport::new(evidence, at(0))
    };
    // Results have their own price, which is 4 USD an hour on demand.
    let stored = paid(|outcomes| outcomes.retain(|outcome| outcome.outcome == TrialOutcome::Stored));
    let on_demand = stored.paid.on_demand_usd.unwrap();
    assert!((on_demand - 0.25 * stored.results.len() as f64).abs() < 1e-9, "{on_demand}");
    assert!(stored.page().to_html().unwrap().contains("USD, 60 % below the on-demand price"));

    // What failed has the price of its hardware, as the spec or the list has it.
    let all = paid(|_| {});
    assert!(all.paid.on_demand_usd.unwrap() > on_demand);
    for unknown in [paid(|outcomes| outcomes[3].machine_s = None), paid(|outcomes| outcomes.clear())] {
        assert_eq!(unknown.paid.on_demand_usd, None);
        assert!(!unknown.page().to_html().unwrap().contains("below the on-demand price"));
    }
    // On demand nothing is spared.
    let dear = paid(|outcomes| outcomes.iter_mut().for_each(|outcome| outcome.usd = Some(40.0)));
    assert_eq!(dear.paid.spared(), None);
}

#[test]
fn results_of_several_provenances_are_apart_and_the_label_names_each() {
    let mixed = |n| if n % 2 == 0 { Provenance::Simulated } else { Provenance::Measured };
    let report = CampaignReport::new(evidence(mixed), at(0));
    let (html, _) = keep("mixed", &report);
    assert!(html.contains("<strong>MEASURED AND SIMULATED</strong>"));
    assert!(html.contains("[measured]") && html.contains("[simulated]"));
    for finding in &report.findings {
        let entries = finding.recommendation.iter().flat_map(|r| &r.entries);
        assert!(entries.into_iter().all(|entry| entry.provenance == finding.provenance));
    }
}

#[test]
fn a_campaign_that_failed_before_it_was_planned_has_a_report_too() {
    let mut campaign = campaign_record("broken");
    campaign.state = CampaignState::Failed;
    campaign.message = Some("the stored spec is <damaged>".to_owned());
    let nothing = Evidence { campaign, plan: None, batches: vec![], outcomes: vec![], results: vec![] };
    let (html, pdf) = keep("nothing", &CampaignReport::new(nothing, at(0)));
    assert!(html.contains("NO RESULTS") && html.contains("&lt;damaged&gt;"));
    assert!(pdf.starts_with(b"%PDF-"));
}
