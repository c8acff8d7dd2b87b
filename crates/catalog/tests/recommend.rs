//! What is recommended, what is left out, and what is said when nothing can be.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod accuracy;
mod common;

use accuracy::{with_fidelity, with_tasks};
use catalog::response::{CriterionId, LeftOutReason, Limit};
use catalog::{NoRecommendation, PriceKind, Recommendation, RecommendationRequest, Snapshot, recommend};
use common::{Described, described};
use domain::result::Flag;
use domain::run_telemetry::{GpuTelemetry, RunTelemetry, Watched};
use domain::use_case::Weights;
use domain::{BenchmarkResult, HourlyPrice, Provenance, Quantisation, Statistic, UseCase};
use serde_json::json;

fn snapshot(results: &[BenchmarkResult]) -> Snapshot {
    Snapshot::from_results(results.to_vec())
}

/// Without bounds.
fn chatbot() -> RecommendationRequest {
    RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) }
}

/// Fast and dear, slow and cheap, and one that is worse than the first in everything.
fn three() -> Vec<BenchmarkResult> {
    let l4 = Some(HourlyPrice { on_demand: 0.8, spot: 0.4 });
    [
        described(),
        Described { hardware: "l4x1", ttft: 400.0, tpot: Some(40.0), tps: 200.0, price: l4, ..described() },
        Described { hardware: "h100x2", ttft: 120.0, tpot: Some(12.0), tps: 700.0, ..described() },
    ]
    .iter()
    .map(Described::result)
    .collect()
}

fn answer(results: &[BenchmarkResult], request: &RecommendationRequest) -> Recommendation {
    recommend(&snapshot(results), request).unwrap()
}

fn refusal(results: &[BenchmarkResult], request: &RecommendationRequest) -> NoRecommendation {
    recommend(&snapshot(results), request).unwrap_err()
}

#[test]
fn the_best_comes_first_with_its_reasons() {
    let results = three();
    let r = answer(&results, &chatbot());
    assert_eq!((r.counts.considered, r.counts.ranked), (3, 3));
    let hardware: Vec<String> =
        r.entries.iter().map(|e| e.configuration.serving.hardware().to_string()).collect();
    assert_eq!(hardware[0], "h100x1");
    let front: Vec<bool> = r.entries.iter().map(|e| e.on_pareto_front).collect();
    let dominated = hardware.iter().position(|h| h == "h100x2").unwrap();
    assert!(front.iter().enumerate().all(|(i, on)| *on == (i != dominated)), "{hardware:?} {front:?}");
    assert!(r.entries.windows(2).all(|w| w[0].score >= w[1].score && w[0].rank < w[1].rank));
    let best = &r.entries[0];
    let ttft = best.criteria.iter().find(|c| c.criterion == CriterionId::TtftP90).unwrap();
    let norm = (100.0f64.powi(2) + 400.0f64.powi(2) + 120.0f64.powi(2)).sqrt();
    assert!((ttft.value - 100.0).abs() < 1e-9 && (ttft.normalised - 100.0 / norm).abs() < 1e-12);
    assert_eq!(best.rent.as_ref().unwrap().spot.usd_per_hour, 2.5);
    assert_eq!(r.front_objectives.len(), 3);
}

#[test]
fn weights_are_the_use_cases_and_what_is_not_measured_is_shared_out() {
    let r = answer(&three(), &chatbot());
    let sum: f64 = r.weights.iter().map(|w| w.weight).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    // Chatbot: latency 0.35, throughput 0.15, cost 0.15 of the 0.65 that is measured.
    assert!((r.weights[0].weight - 0.175 / 0.65).abs() < 1e-12);
    let dropped: Vec<CriterionId> = r.criteria_dropped.iter().map(|d| d.criterion).collect();
    assert_eq!(dropped, [CriterionId::Accuracy, CriterionId::Memory]);
    assert_eq!(
        r.statement,
        "3 measured results for chatbot 512>128 at spot price, ranked by ttft_p90 26.9 %, tpot_p90 26.9 %, output_tps \
         23.1 %, serving_cost_per_mtok 23.1 %; prices: l4x1 as a spec stated on 1970-01-01; h100x1 as a spec stated on \
         1970-01-01; h100x2 as a spec stated on 1970-01-01; without values, their weight shared out: accuracy, memory"
    );
}

#[test]
fn ones_own_weights_count() {
    let weights = Weights { accuracy: 0.0, latency: 0.0, throughput: 0.0, cost: 1.0, memory: 0.0 };
    let r = answer(&three(), &RecommendationRequest { weights: Some(weights), ..chatbot() });
    assert_eq!(r.entries[0].configuration.serving.hardware().to_string(), "l4x1");
    assert_eq!(r.entries[0].score, 1.0);
    assert!(r.criteria_dropped.is_empty() && r.weights.len() == 1);
}

#[test]
fn the_price_asked_for_counts() {
    let weights = Weights { accuracy: 0.0, latency: 0.0, throughput: 0.0, cost: 1.0, memory: 0.0 };
    let mut results = three();
    results.truncate(2);
    // Cheaper per token on demand, dearer at spot.
    let price = HourlyPrice { on_demand: 0.9, spot: 0.85 };
    let tps = 900.0;
    results.push(Described { hardware: "l4x4", price: Some(price), tps, ..described() }.result());
    let spot_price = Some(HourlyPrice { on_demand: 9.0, spot: 0.1 });
    results.push(Described { hardware: "l4x8", price: spot_price, ..described() }.result());
    let best = |price| {
        let r = answer(&results, &RecommendationRequest { weights: Some(weights), price, ..chatbot() });
        r.entries[0].configuration.serving.hardware().to_string()
    };
    assert_eq!(best(PriceKind::Spot), "l4x8");
    assert_eq!(best(PriceKind::OnDemand), "l4x4");
}

#[test]
fn a_client_limited_run_is_never_ranked() {
    let mut results = three();
    results[0].flags.push(Flag::ClientLimited);
    let r = answer(&results, &chatbot());
    assert!(r.entries.iter().all(|e| e.configuration.serving.hardware().to_string() != "h100x1"));
    assert_eq!(r.counts.left_out[0].reason, LeftOutReason::ClientLimited);
    results.iter_mut().for_each(|r| r.flags.push(Flag::ClientLimited));
    assert_eq!(
        refusal(&results, &chatbot()).to_string(),
        "none of 3 results can be ranked: 3 the load generator was the bottleneck"
    );
}

#[test]
fn a_client_limited_run_does_not_hide_an_earlier_good_one() {
    let good = described().result();
    let mut limited = Described { minute: 5, trial: 2, ..described() }.result();
    limited.flags.push(Flag::ClientLimited);
    let r = answer(&[good.clone(), limited], &chatbot());
    assert_eq!(r.entries[0].run_id, good.run_id);
}

#[test]
fn a_run_on_unverified_hardware_does_not_hide_a_verified_one() {
    let seen = described().result();
    let mut told = Described { minute: 9, trial: 2, ttft: 1.0, ..described() }.result();
    told.flags.push(Flag::HardwareUnverified);
    let entry = answer(&[told.clone(), seen.clone()], &chatbot()).entries.remove(0);
    assert_eq!((entry.run_id, entry.flags), (seen.run_id, vec![]));
    let alone = answer(std::slice::from_ref(&told), &chatbot()).entries.remove(0);
    assert_eq!((alone.run_id, alone.flags), (told.run_id, told.flags));
}

#[test]
fn the_latest_result_of_a_configuration_counts() {
    let old = described().result();
    let new = Described { minute: 1, trial: 2, ttft: 90.0, ..described() }.result();
    for order in [[old.clone(), new.clone()], [new.clone(), old]] {
        let r = answer(&order, &chatbot());
        assert_eq!(r.counts.considered, 1);
        assert_eq!(r.entries[0].run_id, new.run_id);
    }
}

#[test]
fn simulated_results_are_never_beside_measured_ones() {
    let mut results = three();
    let simulated = Described { provenance: Provenance::Simulated, ttft: 1.0, minute: 9, ..described() };
    results.push(simulated.result());
    let r = answer(&results, &chatbot());
    assert_eq!(r.counts.considered, 3);
    assert!(r.entries.iter().all(|e| e.provenance == Provenance::Measured));
    let request = RecommendationRequest { provenance: Provenance::Simulated, ..chatbot() };
    let r = answer(&results, &request);
    assert_eq!((r.counts.considered, r.entries[0].provenance), (1, Provenance::Simulated));
}

#[test]
fn concurrency_is_an_operating_point() {
    let more = Described { concurrency: 64, ttft: 300.0, tps: 4000.0, ..described() };
    let r = answer(&[described().result(), more.result()], &chatbot());
    assert_eq!(r.counts.ranked, 2);
}

#[test]
fn several_shapes_must_be_chosen_from() {
    let mut results = three();
    results.push(Described { shape: (2048, 128), ..described() }.result());
    let refused = refusal(&results, &chatbot());
    assert_eq!(
        refused.to_string(),
        "results of several workload shapes match; state shape as one of \"512>128\", \"2048>128\""
    );
    let asked = RecommendationRequest { input_tokens: Some(2048.try_into().unwrap()), ..chatbot() };
    assert_eq!(answer(&results, &asked).counts.considered, 1);
    let other = RecommendationRequest { output_tokens: Some(1.try_into().unwrap()), ..chatbot() };
    assert!(refusal(&results, &other).to_string().ends_with("measured were \"512>128\", \"2048>128\""));
}

/// Mean lengths and load are the same, and the traffic is not.
#[test]
fn traffic_that_only_looks_alike_is_told_apart() {
    let changed = |change: &dyn Fn(&mut domain::Workload)| {
        let mut result = described().result();
        change(&mut result.configuration.workload);
        result.config_id = result.configuration.id();
        result
    };
    let dataset = |hash: &str| {
        Some(domain::workload::DataFile { name: "chats.jsonl".to_owned(), hash: hash.to_owned() })
    };
    let results = [
        changed(&|_| {}),
        changed(&|w| w.variety.input = "lognormal:512,100".parse::<domain::Lengths>().unwrap().spread()),
        changed(&|w| w.variety.shared_prefix_tokens = 64),
        changed(&|w| w.variety.dataset = dataset("aaaaaaaa")),
        changed(&|w| w.variety.dataset = dataset("bbbbbbbb")),
        changed(&|w| w.protocol = domain::workload::Protocol::Completions),
    ];
    let asked = RecommendationRequest {
        input_tokens: Some(512.try_into().unwrap()),
        output_tokens: Some(128.try_into().unwrap()),
        ..chatbot()
    };
    let NoRecommendation::ChooseShape { available } = refusal(&results, &asked) else { panic!() };
    assert_eq!(available.len(), results.len());
    for shape in &available {
        let r =
            answer(&results, &RecommendationRequest::about(UseCase::Chatbot, shape, Provenance::Measured));
        assert_eq!((r.counts.considered, &r.shape), (1, shape));
        assert!(r.statement.contains(&shape.to_string()), "{}", r.statement);
    }
    assert_eq!(snapshot(&results).questions().len(), results.len());
}

#[test]
fn only_what_the_filter_matches_competes() {
    let small = Described { model: "qwen3-8b", ttft: 10.0, ..described() }.result();
    let results = [three(), vec![small]].concat();
    let asking = |filter: serde_json::Value| RecommendationRequest {
        filter: serde_json::from_value(filter).unwrap(),
        ..chatbot()
    };
    let told = answer(&results, &chatbot()).statement;
    assert!(
        told.ends_with("; 2 models or precisions compete, and the quality of their answers was not compared"),
        "{told}"
    );
    let mine =
        answer(&results, &asking(json!({"model": "llama-3.1-8b-instruct", "hardware": ["l4x1", "h100x1"]})));
    assert_eq!(mine.counts.considered, 2);
    assert!(!mine.statement.contains("quality"), "{}", mine.statement);
    let none = refusal(&results, &asking(json!({"model": ["qwen3-8b"], "engine": ["tgi", "sglang"]})));
    assert_eq!(
        none.to_string(),
        "none of 4 measured results for chatbot is of model qwen3-8b, engine tgi or sglang; `assay results` lists them"
    );
    let twice = refusal(&results, &asking(json!({"use_case": "qa"})));
    assert_eq!(twice.to_string(), "`filter.use_case` must be left out: `use_case` of the request says it");
}

#[test]
fn bounds_leave_out_and_are_counted() {
    let bounds = vec!["ttft_p90=150ms".parse().unwrap(), "tpot_p90=11ms".parse().unwrap()];
    let r = answer(
        &three(),
        &RecommendationRequest { bounds: Some(bounds), max_usd_per_hour: Some(3.0), ..chatbot() },
    );
    assert_eq!(r.entries.len(), 1);
    let counted: Vec<(String, usize)> =
        r.counts.left_out.iter().map(|l| (l.reason.to_string(), l.count)).collect();
    assert!(counted.contains(&("ttft_p90 <= 150 ms not met".to_owned(), 1)), "{counted:?}");
    assert!(counted.contains(&("tpot_p90 <= 11 ms not met".to_owned(), 1)), "{counted:?}");
    assert_eq!(r.counts.considered, r.counts.ranked + counted.iter().map(|(_, n)| n).sum::<usize>());
}

/// The latencies of those that were answered are the best there are, and almost half were not answered.
#[test]
fn a_server_that_drops_requests_is_not_recommended() {
    let dropping = Described { hardware: "b200x1", ttft: 50.0, failed: 180, ..described() }.result();
    let few = Described { hardware: "h200x1", ttft: 90.0, failed: 10, ..described() }.result();
    let results = [three(), vec![dropping.clone(), few]].concat();
    let left_out = |request: &RecommendationRequest| -> Vec<(String, usize)> {
        let counts = answer(&results, request).counts;
        assert_eq!(counts.considered, 5);
        counts.left_out.iter().map(|l| (l.reason.to_string(), l.count)).collect()
    };
    assert_eq!(left_out(&chatbot()), [("more than 10 % of requests failed".to_owned(), 1)]);
    let p99 = Some(vec!["ttft_p99=10s".parse().unwrap()]);
    let strict = RecommendationRequest { bounds: p99, ..chatbot() };
    assert_eq!(left_out(&strict), [("more than 1 % of requests failed".to_owned(), 2)]);
    assert_eq!(
        refusal(&[dropping], &RecommendationRequest::new(UseCase::Chatbot)).to_string(),
        "none of 1 results can be ranked: 1 more than 10 % of requests failed"
    );
}

#[test]
fn when_nothing_fits_it_says_what_to_relax() {
    let bounds = vec!["ttft_p90=95ms".parse().unwrap()];
    let request = RecommendationRequest { bounds: Some(bounds), ..chatbot() };
    let refused = refusal(&three(), &request);
    let NoRecommendation::NothingFits { closest: Some(closest), counts, .. } = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!((counts.considered, counts.ranked), (3, 0));
    assert_eq!(closest.configuration.serving.hardware().to_string(), "h100x1");
    assert_eq!(closest.relax.len(), 1);
    assert!((closest.relax[0].needed - 100.0).abs() < 1e-9);
    assert_eq!(
        refused.to_string(),
        "none of 3 results fits: 3 ttft_p90 <= 95 ms not met; for the closest (llama-3.1-8b-instruct fp16 on h100x1 with \
         vllm, chatbot 512>128 c8) ttft_p90 <= 95 ms would have to be 100"
    );
    // With what it needs, there is an answer.
    let mut relaxed = request;
    relaxed.bounds.as_mut().unwrap()[0].max_ms = closest.relax[0].needed;
    assert_eq!(answer(&three(), &relaxed).counts.ranked, 1);
}

/// The L4 misses one bound by far, the H100 two by little: one bound is less to give up.
#[test]
fn fewer_bounds_are_closer_than_smaller_steps() {
    let bounds = vec!["ttft_p90=99ms".parse().unwrap(), "tpot_p90=9ms".parse().unwrap()];
    let slow_but_cheap = Described { hardware: "l4x1", ttft: 4000.0, tpot: Some(8.0), ..described() };
    let refused = refusal(
        &[described().result(), slow_but_cheap.result()],
        &RecommendationRequest { bounds: Some(bounds), ..chatbot() },
    );
    let NoRecommendation::NothingFits { closest: Some(closest), .. } = refused else { panic!() };
    assert_eq!(closest.relax.len(), 1);
    let Limit::Latency { bound } = closest.relax[0].limit else { panic!() };
    assert_eq!(bound.statistic, Statistic::P90);
}

#[test]
fn a_price_bound_needs_a_price() {
    let without = Described { hardware: "cpu", price: None, ..described() }.result();
    let request = RecommendationRequest { max_usd_per_hour: Some(5.0), ..chatbot() };
    let refused = refusal(&[without], &request);
    assert_eq!(refused.to_string(), "none of 1 results fits: 1 no price");
    let dear = RecommendationRequest { max_usd_per_hour: Some(0.3), ..chatbot() };
    let message = refusal(&three(), &dear).to_string();
    assert!(message.ends_with("price <= 0.3 USD per hour would have to be 0.4"), "{message}");
}

#[test]
fn who_asks_for_forecasts_is_told_where_they_are() {
    let request = RecommendationRequest { provenance: Provenance::Forecast, ..chatbot() };
    for results in [three(), Vec::new()] {
        let message = refusal(&results, &request).to_string();
        assert!(message.starts_with("forecasts are no results") && message.contains("--plan"), "{message}");
    }
}

#[test]
fn without_any_price_cost_is_dropped_and_told() {
    let results: Vec<BenchmarkResult> = [8, 16]
        .map(|concurrency| Described { hardware: "cpu", concurrency, price: None, ..described() }.result())
        .to_vec();
    let r = answer(&results, &chatbot());
    assert_eq!(r.counts.ranked, 2);
    assert!(r.criteria_dropped.iter().any(|d| d.criterion == CriterionId::ServingCostPerMtok));
    assert_eq!(r.front_objectives, [CriterionId::TtftP90, CriterionId::OutputTps]);
}

#[test]
fn a_result_that_lacks_what_others_have_is_left_out() {
    let mut results = three();
    results.push(Described { hardware: "h100x8", tpot: None, ..described() }.result());
    let r = answer(&results, &chatbot());
    assert_eq!((r.counts.considered, r.counts.ranked), (4, 3));
    let reason = r.counts.left_out[0].reason;
    assert_eq!(reason, LeftOutReason::MissingValue { criterion: CriterionId::TpotP90 });
}

#[test]
fn what_there_is_instead_is_told() {
    assert_eq!(refusal(&[], &chatbot()), NoRecommendation::NoResults);
    let simulated: Vec<BenchmarkResult> = (1..=12)
        .map(|concurrency| {
            Described { concurrency, provenance: Provenance::Simulated, ..described() }.result()
        })
        .collect();
    assert_eq!(
        refusal(&simulated, &chatbot()).to_string(),
        "there are no measured results; 12 results, all simulated: ask with provenance simulated"
    );
    let qa = RecommendationRequest::new(UseCase::Qa);
    assert_eq!(
        refusal(&three(), &qa).to_string(),
        "there are no measured results for qa; there are some for chatbot"
    );
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    let message = |request: &RecommendationRequest| refusal(&three(), request).to_string();
    assert!(
        message(&RecommendationRequest { max_usd_per_hour: Some(0.0), ..chatbot() })
            .contains("`max_usd_per_hour`")
    );
    let weights = Weights { accuracy: 1.0, latency: 0.0, throughput: 0.0, cost: 0.0, memory: 0.0 };
    assert!(
        message(&RecommendationRequest { weights: Some(weights), ..chatbot() })
            .contains("nothing else is known of every result")
    );
    let negative = Weights { accuracy: -1.0, latency: 1.0, throughput: 0.0, cost: 0.0, memory: 0.0 };
    assert!(
        message(&RecommendationRequest { weights: Some(negative), ..chatbot() }).contains("not negative")
    );
    let long = RecommendationRequest { limit: 1001.try_into().unwrap(), ..chatbot() };
    assert!(message(&long).contains("`limit` must be 1000 at most"));
    let many = vec!["ttft_p90=1s".parse().unwrap(); 21];
    let many = RecommendationRequest { bounds: Some(many), ..chatbot() };
    assert!(message(&many).contains("`bounds` must be 20 at most"));
    let mut bound = chatbot();
    bound.bounds = Some(vec!["ttft_p90=0ms".parse().unwrap()]);
    assert!(message(&bound).contains("`bounds[0].max_ms`"));
}

#[test]
fn the_limit_cuts_the_list_and_not_the_ranking() {
    let r = answer(&three(), &RecommendationRequest { limit: 1.try_into().unwrap(), ..chatbot() });
    assert_eq!((r.entries.len(), r.counts.ranked), (1, 3));
}

#[test]
fn a_load_is_planned_for_and_paid_by_the_month() {
    let l4 = Some(HourlyPrice { on_demand: 0.8, spot: 0.4 });
    let results = [
        Described { concurrency: 8, tps: 800.0, ..described() }.result(),
        Described { hardware: "l4x1", concurrency: 8, tps: 200.0, price: l4, ..described() }.result(),
    ];
    let weights = Weights { accuracy: 0.0, latency: 0.0, throughput: 0.0, cost: 1.0, memory: 0.0 };
    let request = RecommendationRequest { target_rps: Some(100.0), weights: Some(weights), ..chatbot() };
    let r = answer(&results, &request);
    // 8 requests/s on the H100 and 2 on the L4 (common/mod.rs), of which a replica is given 58.7 %.
    let plans: Vec<_> = r.entries.iter().map(|e| e.capacity.unwrap()).collect();
    assert_eq!(r.entries[0].configuration.serving.hardware().to_string(), "l4x1");
    let servers = [0, 1].map(|at: usize| plans[at].servers.unwrap());
    assert_eq!(servers.map(|of| of.replicas), [86, 22]);
    assert!((servers[0].rps_per_replica - 1.1738).abs() < 1e-3 && servers[0].utilisation <= 1.0, "{plans:?}");
    let month = plans[1].usd_per_month.unwrap();
    assert!(
        (month.spot - 22.0 * 2.5 * 730.0).abs() < 1e-6
            && (month.on_demand - 22.0 * 6.88 * 730.0).abs() < 1e-6
    );
    assert_eq!(r.weights[0].criterion, CriterionId::UsdPerMonth);
    assert!(r.statement.contains("for 100 requests/s"), "{}", r.statement);

    let bounded = RecommendationRequest { max_usd_per_month: Some(30_000.0), ..request.clone() };
    let r = answer(&results, &bounded);
    assert_eq!((r.counts.ranked, r.counts.left_out[0].count), (1, 1));
    let none = RecommendationRequest { max_usd_per_month: Some(1.0), ..request.clone() };
    let message = refusal(&results, &none).to_string();
    assert!(message.contains("price <= 1 USD per month would have to be"), "{message}");
    let without = RecommendationRequest { target_rps: None, ..bounded };
    assert!(refusal(&results, &without).to_string().contains("needs `target_rps`"));
}

#[test]
fn every_criterion_is_explained() {
    let r = answer(&three(), &chatbot());
    for entry in &r.entries {
        let shares: f64 = entry.criteria.iter().map(|c| c.share_of_distance).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{entry:?}");
        assert_eq!(entry.explanation.len(), entry.criteria.len());
        let ttft = &entry.criteria[0];
        assert_eq!((ttft.best, ttft.worst), (100.0, 400.0));
        let expected = [400.0, 120.0, 100.0].iter().filter(|v| **v > ttft.value).count();
        assert_eq!(ttft.better_than, expected);
    }
    let slow = r.entries.iter().find(|e| e.configuration.serving.hardware().to_string() == "l4x1").unwrap();
    let told = slow.explanation.iter().find(|line| line.starts_with("ttft_p90")).unwrap();
    assert!(
        told.starts_with("ttft_p90 400 ms: better than 0 % of the others, best 100 ms; weight 27 %"),
        "{told}"
    );
}

#[test]
fn what_intervals_cannot_tell_apart_is_told() {
    // Intervals are 3 % wide to either side (common/mod.rs).
    let near = Described { concurrency: 9, ttft: 100.5, tpot: Some(10.02), ..described() };
    let far = Described { concurrency: 10, ttft: 300.0, tpot: Some(30.0), ..described() };
    let r = answer(&[described().result(), near.result(), far.result()], &chatbot());
    assert_eq!(r.indistinct, Some(2));
    let probabilities: Vec<f64> = r.entries.iter().map(|e| e.probability_first.unwrap()).collect();
    assert!(probabilities[0] > probabilities[1] && probabilities[1] > 0.1, "{probabilities:?}");
    assert_eq!(probabilities[2], 0.0);
    assert_eq!(r.front_size, 1);
    assert!(r.knee.is_none());
    assert!(answer(&three(), &chatbot()).knee.is_some());
}

/// The H100s answer within 250 ms, the L4 does not.
#[test]
fn what_is_usual_for_the_use_case_bounds_who_says_nothing() {
    let usual = RecommendationRequest::new(UseCase::Chatbot);
    let r = answer(&three(), &usual);
    assert_eq!((r.counts.considered, r.counts.ranked, r.usual_bounds), (3, 2, true));
    assert!(
        r.statement
            .contains("within ttft_p90 <= 250 ms and tpot_p90 <= 100 ms, each taken alone, as is usual for chatbot, ranked by"),
        "{}",
        r.statement
    );
    let r = answer(&three(), &chatbot());
    assert_eq!((r.counts.ranked, r.usual_bounds, r.bounds.len()), (3, false, 0));
    let told = refusal(&three()[1..2], &usual).to_string();
    assert!(told.ends_with("these bounds are the use case's usual ones: state your own, or none"), "{told}");
}

/// Throughput differs by a hundredth, and min-max makes as much of it as of a latency that differs threefold.
#[test]
fn min_max_spreads_every_criterion_alike() {
    let fast = Described { ttft: 100.0, tps: 800.0, ..described() };
    let full = Described { ttft: 300.0, tps: 808.0, concurrency: 9, ..described() };
    let weights = Weights { accuracy: 0.0, latency: 0.4, throughput: 0.6, cost: 0.0, memory: 0.0 };
    let request = RecommendationRequest { weights: Some(weights), ..chatbot() };
    let results = [fast.result(), full.result()];
    let first = |r: &Recommendation| r.entries[0].configuration.workload.load.to_string();
    let vector = answer(&results, &request);
    assert_eq!(first(&vector), "c8");
    let request = RecommendationRequest { normalisation: catalog::Normalisation::MinMax, ..request };
    let min_max = answer(&results, &request);
    assert_eq!(first(&min_max), "c9");
    assert!(
        min_max.statement.contains(", each scaled from its least to its largest value"),
        "{}",
        min_max.statement
    );
    let tps =
        |entry: usize| min_max.entries[entry].criteria.iter().find(|c| c.criterion == CriterionId::OutputTps);
    assert_eq!((tps(0).unwrap().normalised, tps(1).unwrap().normalised), (1.0, 0.0));
}

/// Throughputs within their intervals of 2 % to either side, and nothing else to tell two configurations apart.
#[test]
fn throughput_has_an_interval_and_cost_follows_it() {
    let weights = Weights { accuracy: 0.0, latency: 0.0, throughput: 0.5, cost: 0.5, memory: 0.0 };
    let request = RecommendationRequest { weights: Some(weights), ..chatbot() };
    let near = Described { concurrency: 9, tps: 808.0, ..described() };
    let far = Described { concurrency: 10, tps: 400.0, ..described() };
    let r = answer(&[described().result(), near.result(), far.result()], &request);
    assert_eq!(
        r.indistinct,
        Some(2),
        "{:?}",
        r.entries.iter().map(|e| e.probability_first).collect::<Vec<_>>()
    );
    let planned = RecommendationRequest { target_rps: Some(5_000.0), ..request.clone() };
    assert_eq!(answer(&[described().result(), near.result(), far.result()], &planned).indistinct, Some(2));
    // Exact values are told apart.
    let exact = |described: &Described| {
        let mut result = described.result();
        result.metrics.output_tps_ci95 = None;
        result
    };
    let r = answer(&[exact(&described()), exact(&near), exact(&far)], &request);
    assert_eq!(r.indistinct, Some(1));
    let entry = Snapshot::from_results([described().result()])
        .query(&catalog::Query { limit: 1, ..catalog::Query::default() });
    let interval = entry.entries[0].output_tps_ci95.unwrap();
    assert_eq!((interval.low, interval.high), (784.0, 816.0));
}

#[test]
fn every_listed_entry_has_the_number_of_its_front() {
    let mut results = three();
    results.push(
        Described { hardware: "h100x4", ttft: 130.0, tpot: Some(13.0), tps: 600.0, ..described() }.result(),
    );
    let r = answer(&results, &chatbot());
    let number = |hardware: &str| {
        let entry = r.entries.iter().find(|e| e.configuration.serving.hardware().to_string() == hardware);
        entry.unwrap().front.unwrap()
    };
    assert_eq!(["h100x1", "l4x1", "h100x2", "h100x4"].map(number), [1, 1, 2, 3]);
    assert!(r.entries.iter().all(|e| e.on_pareto_front == (e.front == Some(1))));
    assert!(
        r.front_hypervolume.is_some_and(|share| share > 0.0 && share <= 1.0),
        "{:?}",
        r.front_hypervolume
    );
    assert_eq!(answer(&results[..1], &chatbot()).front_hypervolume, None);
}

/// A result of an FP16 or an INT4 launch of a model, of whose tokens a share comes before the first that differs.
fn asked(model: &'static str, quantisation: Quantisation, share: Option<f64>) -> BenchmarkResult {
    let result = Described { model, quantisation, ..described() }.result();
    match share {
        Some(share) => with_fidelity(result, share),
        None => result,
    }
}

/// Fidelity counts within one model alone, and where all were asked: else nobody is left out for it.
#[test]
fn accuracy_is_fidelity_within_one_model() {
    let fp16 = asked("m", Quantisation::Fp16, Some(0.98));
    let request =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    let ranked = |results: Vec<BenchmarkResult>| {
        let r = recommend(&Snapshot::from_results(results), &request).unwrap();
        assert_eq!(r.counts.ranked, 2);
        let counts = r.weights.iter().any(|w| w.criterion == CriterionId::Fidelity);
        let dropped = r.criteria_dropped.iter().any(|w| w.criterion == CriterionId::Accuracy);
        assert_ne!(counts, dropped);
        assert_ne!(
            counts,
            r.statement.contains("quality of their answers was not compared"),
            "{}",
            r.statement
        );
        (counts, r.entries[0].configuration.serving.offered().to_string())
    };
    // Everything else is alike.
    let int4 = asked("m", Quantisation::Int4, Some(0.7));
    assert_eq!(ranked(vec![int4.clone(), fp16.clone()]), (true, "m fp16".to_owned()));
    assert!(!ranked(vec![fp16.clone(), asked("m", Quantisation::Int4, None)]).0);
    assert!(!ranked(vec![fp16, asked("n", Quantisation::Int4, Some(0.7))]).0);
}

/// A result of a model that answered a share of some questions well.
fn scored(model: &'static str, questions: &str, share: f64) -> BenchmarkResult {
    with_tasks(Described { model, ..described() }.result(), questions, share)
}

/// The same questions are compared across models; others, or none, are not. Fidelity and task accuracy are never mixed.
#[test]
fn task_accuracy_counts_where_all_were_asked_the_same() {
    let request =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    let by = |results: Vec<BenchmarkResult>| {
        let r = recommend(&Snapshot::from_results(results), &request).unwrap();
        assert_eq!(r.counts.ranked, 2);
        let is_accuracy = |c: &CriterionId| {
            matches!(c, CriterionId::TaskAccuracy | CriterionId::Fidelity | CriterionId::Accuracy)
        };
        let counted: Vec<CriterionId> = r.weights.iter().map(|w| w.criterion).filter(is_accuracy).collect();
        let dropped = r.criteria_dropped.iter().map(|w| w.criterion).filter(is_accuracy);
        let first = r.entries[0].configuration.serving.model().to_string();
        (counted, dropped.collect::<Vec<_>>(), first)
    };
    let good = scored("n", "h1", 0.8);
    let (counted, dropped, first) = by(vec![scored("m", "h1", 0.5), good.clone()]);
    assert_eq!((counted, dropped, first.as_str()), (vec![CriterionId::TaskAccuracy], vec![], "n"));
    for other in [scored("m", "h2", 0.5), asked("m", Quantisation::Fp16, Some(0.9))] {
        let (counted, dropped, _) = by(vec![other, good.clone()]);
        assert_eq!((counted, dropped), (vec![], vec![CriterionId::Accuracy]));
    }
    // One model whose precisions were asked different questions is told by its fidelity.
    let precision = |quantisation, questions, share| {
        let mut result = asked("m", quantisation, Some(share));
        result.task_accuracy = scored("m", questions, 1.0 - share).task_accuracy;
        result
    };
    let fp16 = precision(Quantisation::Fp16, "h1", 0.98);
    assert_eq!(by(vec![fp16.clone(), precision(Quantisation::Int4, "h2", 0.7)]).0, [CriterionId::Fidelity]);
    assert_eq!(by(vec![fp16, precision(Quantisation::Int4, "h1", 0.7)]).0, [CriterionId::TaskAccuracy]);
}

/// A result whose fullest GPU held so many GiB.
fn with_memory(hardware: &'static str, gib: Option<u64>) -> BenchmarkResult {
    let mut result = Described { hardware, ..described() }.result();
    let gpu = |gib: u64| GpuTelemetry {
        device: "0".to_owned(),
        readings: 10,
        utilisation_mean: None,
        memory_max_bytes: Some(gib << 30),
        power_mean_w: None,
        sm_clock_mean_mhz: None,
        temperature_max_c: None,
        throttled_share: None,
    };
    let gpus = gib.map_or_else(
        || Watched::Unseen("no driver".to_owned()),
        |gib| Watched::Seen(vec![gpu(gib / 2), gpu(gib)]),
    );
    result.telemetry = Some(RunTelemetry { gpus, engine: Watched::Unseen("no metrics".to_owned()) });
    result
}

/// Memory is that of the fullest GPU; less is better; where it is not known of all it counts for nobody.
#[test]
fn memory_counts_where_it_is_known_of_all() {
    let request = RecommendationRequest {
        bounds: Some(Vec::new()),
        weights: Some(Weights { latency: 0.5, throughput: 0.0, cost: 0.0, accuracy: 0.0, memory: 0.5 }),
        ..RecommendationRequest::new(UseCase::Chatbot)
    };
    let known = Snapshot::from_results([with_memory("h100x1", Some(70)), with_memory("h100x2", Some(40))]);
    let r = recommend(&known, &request).unwrap();
    let memory = r.weights.iter().find(|w| w.criterion == CriterionId::Memory).unwrap();
    assert!((memory.weight - 0.5).abs() < 1e-12, "{:?}", r.weights);
    let told: Vec<(CriterionId, f64)> =
        r.entries[0].criteria.iter().map(|v| (v.criterion, v.value)).collect();
    assert!(told.contains(&(CriterionId::Memory, 40.0)), "{told:?}");
    assert!(r.criteria_dropped.is_empty());

    let usual =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    let partly = Snapshot::from_results([with_memory("h100x1", Some(70)), with_memory("h100x2", None)]);
    let r = recommend(&partly, &usual).unwrap();
    assert_eq!(r.counts.ranked, 2);
    assert!(r.criteria_dropped.iter().any(|d| d.criterion == CriterionId::Memory));
}
