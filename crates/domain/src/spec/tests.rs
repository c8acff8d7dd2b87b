use super::*;

const GOOD: &str = "
name: demo
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [l4x1, {name: cpu, usd_per_hour: {on_demand: 0.2, spot: 0.1}}]
frameworks:
  - vllm
  - {name: llama.cpp, attach: 'http://127.0.0.1:8080'}
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 128, output_tokens: 64, concurrency: [1, 4]}
slo: {ttft: 300ms}
";

#[test]
fn a_good_spec_is_read_and_written_again() {
    let spec = CampaignSpec::from_yaml(GOOD).unwrap();
    assert_eq!(spec.workloads[0].requests.get(), 200);
    assert_eq!(spec.slo.ttft.unwrap().as_ms(), 300.0);
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(CampaignSpec::from_yaml(&json).unwrap(), spec);
    assert_eq!(CampaignSpec::from_yaml(&json).unwrap().hash(), spec.hash());
}

#[test]
fn every_load_is_a_point() {
    let loads = "concurrency: [2], rates: [5, '1-9:1m'], arrival: {gamma: 0.5}, batch_sizes: [8]";
    let text =
        GOOD.replace("concurrency: [1, 4]", loads).replace("input_tokens: 128", "input_tokens: uniform:2-8");
    let spec = CampaignSpec::from_yaml(&text).unwrap();
    let labels: Vec<String> = spec.workloads[0].workloads().map(|w| w.label()).collect();
    let expected = ["c2", "5/s gamma:0.5", "1-9:60s/s gamma:0.5", "batches of 8"];
    assert_eq!(labels, expected.map(|load| format!("uniform:2-8>64 {load}")));
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(CampaignSpec::from_yaml(&json).unwrap(), spec);
}

/// Each bad spec differs from the good one in one place; the message names that place.
#[test]
fn a_bad_spec_is_refused_with_field_and_mend() {
    let cases = [
        ("name: demo", "name: De mo", "`name`", "is not an id"),
        ("name: demo", "name: demo\ncolour: red", "`colour`", "unknown field"),
        ("name: demo", "name: demo\ntrials: 1000000", "`trials`", "split the spec"),
        ("name: demo", "name: demo\ndue: {newer_than: 0d}", "`due.newer_than`", "above 0"),
        ("quantisations: [fp16]", "quantisations: []", "`quantisations`", "at least one entry"),
        ("quantisations: [fp16]", "quantisations: [fp12]", "`quantisations[0]`", "fp12"),
        ("quantisations: [fp16]", "quantisations: [fp16, fp16]", "`quantisations[1]`", "twice"),
        ("[llama-3.1-8b-instruct]", "[gpt-9]", "`models[0]`", "config: path"),
        (
            "[llama-3.1-8b-instruct]",
            "[{name: x, architecture: {parameters: 1, active_parameters: 1, layers: 4294967295, hidden_size: 1, attention_heads: 1, kv_heads: 1, head_size: 1, vocabulary: 1, context_tokens: 1}}]",
            "`models[0].architecture`",
            "`layers` is 4294967295; it must be from 1 to 4096",
        ),
        (
            "[llama-3.1-8b-instruct]",
            "[{name: llama-3.1-8b-instruct, artifacts: [{quantisation: fp16, format: safetensors, path: 'hf:a/b/c'}]}]",
            "`models[0].artifacts[0].path`",
            "write hf:OWNER/NAME",
        ),
        ("l4x1", "l4x3", "`hardware[0]`", "count of 1, 2, 4 or 8"),
        ("  - vllm", "  - vvllm", "`frameworks[0]`", "choose one of"),
        ("'http://127.0.0.1:8080'", "'ftp://x'", "`frameworks[1].attach`", "http://host:port"),
        (
            "attach: 'http://127.0.0.1:8080'",
            "served_model: x",
            "`frameworks[1].served_model`",
            "only goes with",
        ),
        ("attach:", "program: x, attach:", "`frameworks[1].program`", "remove it or `attach`"),
        ("concurrency: [1, 4]", "concurrency: [0]", "`workloads[0].concurrency[0]`", "nonzero"),
        ("concurrency: [1, 4]", "concurrency: [4, 4]", "`workloads[0].concurrency[1]`", "twice"),
        ("concurrency: [1, 4]", "concurrency: []", "`workloads[0].concurrency`", "at least one"),
        ("concurrency: [1, 4]", "rates: ['10:30']", "`workloads[0].rates[0]`", "with its unit"),
        ("concurrency: [1, 4]", "rates: [0]", "`workloads[0].rates[0]`", "above 0"),
        ("concurrency: [1, 4]", "rates: [5, '5']", "`workloads[0].rates[1]`", "twice"),
        ("concurrency: [1, 4]", "concurrency: [1], arrival: constant", "`workloads[0].arrival`", "`rates`"),
        ("concurrency: [1, 4]", "batch_sizes: [70000]", "`workloads[0].batch_sizes[0]`", "lower it"),
        ("input_tokens: 128", "input_tokens: zipf:3", "`workloads[0].input_tokens`", "lognormal:512,400"),
        (
            "input_tokens: 128",
            "input_tokens: 128, shared_prefix_tokens: 128",
            "`workloads[0].shared_prefix_tokens`",
            "less than",
        ),
        ("input_tokens: 128", "input_tokens: 128, turns: 1", "`workloads[0].turns`", "2 to 1000"),
        (
            "input_tokens: 128",
            "input_tokens: 128, think_time: 5s",
            "`workloads[0].think_time`",
            "add `turns`",
        ),
        (
            "input_tokens: 128",
            "input_tokens: 128, turns: 4, think_time: 5",
            "`workloads[0].think_time`",
            "lognormal:10s,8s",
        ),
        (
            "concurrency: [1, 4]",
            "batch_sizes: [2], turns: uniform:1-4",
            "`workloads[0].turns`",
            "a concurrency or a rate",
        ),
        (
            "concurrency: [1, 4]",
            "concurrency: [1, 4], protocol: completions-tokens, turns: 4",
            "`workloads[0].turns`",
            "another protocol",
        ),
        ("input_tokens: 128", "input_token: 128", "`workloads[0].input_token`", "unknown field"),
        ("use_case: chatbot", "use_case: chat", "`workloads[0].use_case`", "chatbot"),
        ("ttft: 300ms", "ttft: 300", "`slo.ttft`", "with its unit"),
        ("slo:", "budget_usd: -1\nslo:", "`budget_usd`", "above 0"),
        ("slo:", "exclude: [{}]\nslo:", "`exclude[0]`", "match everything"),
        ("slo:", "include: [{}]\nslo:", "`include[0]`", "match everything"),
        ("slo:", "link: [{when: {}, only: [{model: x}]}]\nslo:", "`link[0].when`", "match everything"),
        ("slo:", "link: [{when: {model: x}, only: []}]\nslo:", "`link[0].only`", "at least one entry"),
        ("slo:", "deadline: 0s\nslo:", "`deadline`", "above 0"),
        ("slo:", "deadline: 3\nslo:", "`deadline`", "with its unit"),
        ("slo:", "models: []\nslo:", "", "duplicate"),
    ];
    for (from, to, field, mend) in cases {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let message = CampaignSpec::from_yaml(&text).unwrap_err().to_string();
        assert!(message.contains(field) && message.contains(mend), "{to}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn turns_make_conversations_of_the_same_lengths_unless_stated() {
    let conversation = |more: &str| {
        let text = GOOD.replacen("input_tokens: 128", &format!("input_tokens: 128, {more}"), 1);
        let spec = CampaignSpec::from_yaml(&text).unwrap();
        spec.workloads[0].workloads().next().unwrap().variety.conversation.unwrap()
    };
    let plain = conversation("turns: 4");
    assert_eq!(
        (plain.turn_input_tokens.to_string(), plain.to_string()),
        ("128".to_owned(), "4 turns of 128".to_owned())
    );
    let stated = conversation("turns: 'uniform:1-6', turn_input_tokens: 32, think_time: 'exponential:5s'");
    assert_eq!(stated.turn_input_tokens.to_string(), "32");
    assert_eq!(stated.to_string(), "uniform:1-6 turns of 32 exponential:5s apart");
}

/// A spec that names only models asks for everything that is known.
#[test]
fn axes_that_are_absent_are_the_default_axes() {
    let spec = CampaignSpec::from_yaml("name: all\nmodels: [llama-3.1-8b-instruct]").unwrap();
    let workloads: usize = spec.workloads.iter().map(|w| w.concurrency.len()).sum();
    assert_eq!(
        (spec.quantisations.len(), spec.hardware.len(), spec.frameworks.len(), workloads),
        (4, 32, 4, 40)
    );
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(CampaignSpec::from_yaml(&json).unwrap().hash(), spec.hash());
}

#[test]
fn text_that_is_no_yaml_says_where() {
    let error = CampaignSpec::from_yaml("name: [").unwrap_err();
    assert!(error.line.is_some(), "{error}");
}
