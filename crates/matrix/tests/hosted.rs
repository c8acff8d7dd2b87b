//! Hosted models beside others: multiplied with the traffic alone, priced by the token.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use domain::{CampaignId, CampaignSpec, CheaperOfBoth, Configuration, Serving};
use forecast::Calibration;
use matrix::{Plan, Refusal, expand, plan, split, stream};

const SPEC: &str = "
name: mixed
models: [llama-3.1-8b-instruct, gpt-4o, claude-sonnet-4-5, gpt-4o-mini]
quantisations: [fp16]
hardware: [h100x1, h100x2]
frameworks: [vllm, tgi]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 500, output_tokens: 100, concurrency: [1, 8], requests: 95, warm_up: 5}
  - {name: qa, use_case: qa, input_tokens: 500, output_tokens: 100, rates: [2], requests: 95, warm_up: 5}
";

fn spec(extra: &str) -> CampaignSpec {
    CampaignSpec::from_yaml(&format!("{SPEC}{extra}")).unwrap()
}

fn campaign() -> CampaignId {
    "test-0123".parse().unwrap()
}

fn planned(extra: &str) -> Plan {
    plan(&spec(extra), &campaign())
}

fn hosted(plan: &Plan) -> Vec<&Configuration> {
    let all = plan.feasible.iter().map(|item| &item.configuration);
    all.filter(|configuration| configuration.serving.hosted().is_some()).collect()
}

#[test]
fn they_are_multiplied_with_the_traffic_alone() {
    let plan = planned("");
    assert_eq!(plan.total, 2 * 2 * 3 + 3 * 3);
    assert_eq!(hosted(&plan).len(), 9);
    assert_eq!(expand(&plan.spec).product(), plan.total);
    assert!(plan.feasible.iter().all(|item| item.id == item.configuration.id()));
    let stored: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(stored, plan);
}

#[test]
fn selectors_know_them() {
    assert_eq!(hosted(&planned("exclude: [{hardware: hosted, use_case: qa}]")).len(), 6);
    assert_eq!(hosted(&planned("include: [{framework: anthropic}]")).len(), 3);
    assert!(hosted(&planned("include: [{quantisation: fp16}]")).is_empty());
    let tied = planned("link: [{when: {hardware: hosted}, only: [{workload: chat}]}]");
    assert_eq!(hosted(&tied).len(), 6);
}

#[test]
fn one_key_has_one_batch_and_tokens_are_the_price() {
    let plan = planned("");
    let batches = split(&plan, &CheaperOfBoth).unwrap();
    let of_keys: Vec<_> = batches.iter().filter(|batch| !batch.manifest.hosted.is_empty()).collect();
    let names = |at: usize| -> Vec<String> {
        of_keys[at].manifest.hosted.iter().map(|hosted| hosted.hosted.to_string()).collect()
    };
    assert_eq!(names(0), ["gpt-4o hosted by openai", "gpt-4o-mini hosted by openai"]);
    assert_eq!(names(1), ["claude-sonnet-4-5 hosted by anthropic"]);
    assert!(of_keys.iter().all(|batch| batch.manifest.launches.is_empty()));
    // Each with its warm-up and those that keep the load up, which at a rate are as many as are under way in 2.284 s.
    let sent = (95.0 + 5.0 + 1.0) + (95.0 + 8.0 + 8.0) + (95.0 + 5.0 + 2.0 * 2.284);
    let usd = ((sent + 3.0 * 2.5) * 500.0 * 3.0 + (sent * 100.0 + 3.0 * 80.0) * 15.0) / 1e6;
    assert!((of_keys[1].estimate.usd_spot.unwrap() - usd).abs() < 1e-4, "{:?}", of_keys[1].estimate);
    let json = serde_json::to_string(&of_keys[1].manifest).unwrap();
    assert!(json.contains("env:ANTHROPIC_API_KEY"), "{json}");
    for (configuration, trial) in of_keys[1].manifest.configurations() {
        assert_eq!(configuration.id(), trial.config_id);
    }
}

#[test]
fn the_budget_counts_tokens() {
    let text = SPEC.replace(
        "[llama-3.1-8b-instruct, gpt-4o, claude-sonnet-4-5, gpt-4o-mini]",
        "[gpt-4o, claude-sonnet-4-5]",
    );
    let spec = CampaignSpec::from_yaml(&format!("{text}budget_usd: 0.8")).unwrap();
    let batches = split(&plan(&spec, &campaign()), &CheaperOfBoth).unwrap();
    let refused: Vec<bool> =
        batches.iter().map(|batch| matches!(batch.refused, Some(Refusal::Budget { .. }))).collect();
    assert_eq!(refused, [false, true], "{:?}", batches.iter().map(|b| b.estimate).collect::<Vec<_>>());
}

#[test]
fn a_stream_gives_the_same_batches() {
    let spec = spec("");
    let (campaign, calibration) = (campaign(), Calibration::default());
    let mut streamed = stream(&spec, &campaign, &calibration, &CheaperOfBoth);
    let batches: Vec<_> = streamed.by_ref().collect();
    assert_eq!(batches, split(&plan(&spec, &campaign), &CheaperOfBoth).unwrap());
    assert_eq!((streamed.tally().total, streamed.next()), (21, None));
}

#[test]
fn traffic_that_a_provider_does_not_take_is_left_out_with_the_mend() {
    let text = SPEC.replace("rates: [2]", "rates: [2], protocol: completions");
    let plan = plan(&CampaignSpec::from_yaml(&text).unwrap(), &campaign());
    let reasons: Vec<String> = plan.infeasible.iter().map(|item| item.reason.to_string()).collect();
    assert_eq!(reasons.len(), 3);
    assert!(reasons[0].starts_with("openai does not speak completions; use chat"), "{reasons:?}");
}

#[test]
fn bad_entries_name_the_field_and_the_mend() {
    for (entry, field, mend) in [
        ("{name: gpt-4o, config: x.json}", "`models[0].config`", "hosted"),
        ("{name: mine, hosted: {}}", "`models[0].hosted.provider`", "openai or anthropic"),
        ("{name: mine, hosted: {provider: openai}}", "`models[0].hosted.usd_per_mtok`", "budget"),
        ("{name: gpt-4o, hosted: {url: 'http://gateway'}}", "`models[0].hosted.url`", "https://host"),
        ("{name: gpt-4o, hosted: {url: 'https://u@gateway'}}", "`models[0].hosted.url`", "https://host"),
        ("{name: gpt-4o, hosted: {key: sk-s3cret}}", "`models[0].hosted.key`", "never the key itself"),
        (
            "{name: gpt-4o, hosted: {usd_per_mtok: {input: 1, output: 0}}}",
            "`models[0].hosted.usd_per_mtok`",
            "above 0",
        ),
    ] {
        let text = SPEC.replace(
            "[llama-3.1-8b-instruct, gpt-4o, claude-sonnet-4-5, gpt-4o-mini]",
            &format!("[{entry}]"),
        );
        let refused = CampaignSpec::from_yaml(&text).unwrap_err().to_string();
        assert!(
            refused.contains(field) && refused.contains(mend) && !refused.contains("s3cret"),
            "{refused}"
        );
    }
    let text = SPEC.replace("[vllm, tgi]", "[openai]");
    let refused = CampaignSpec::from_yaml(&text).unwrap_err().to_string();
    assert!(refused.contains("named under `models`"), "{refused}");
}

#[test]
fn ones_own_gateway_has_its_own_price() {
    let entry =
        "[{name: house, hosted: {provider: openai, url: 'https://llm.example:8443', key: 'aws-sm:prod/house',
        usd_per_mtok: {input: 1, output: 2}}}]";
    let text = SPEC.replace("[llama-3.1-8b-instruct, gpt-4o, claude-sonnet-4-5, gpt-4o-mini]", entry);
    let spec = CampaignSpec::from_yaml(&text).unwrap();
    let plan = plan(&spec, &campaign());
    assert!(matches!(plan.feasible[0].configuration.serving, Serving::Hosted(_)));
    let rate = spec.models[0].resolved_hosted().unwrap().rate;
    assert_eq!((rate.listed, rate.usd_per_mtok.output), (None, 2.0));
}
