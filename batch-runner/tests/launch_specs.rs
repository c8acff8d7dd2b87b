//! The command line of every engine, whole.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::num::NonZeroU32;

use batch_runner::engine::{LaunchSite, LaunchSpec};
use domain::framework::Endpoint;
use domain::workload::Protocol;
use domain::{
    Architecture, Engine, Framework, Launch, LaunchPlan, Load, ModelVersion, Quantisation, TrialPlan,
    UseCase, Workload,
};

fn plan(engine: Engine, hardware: &str, weights: Option<&str>, args: &[&str]) -> LaunchPlan {
    let n = |n| NonZeroU32::new(n).unwrap();
    LaunchPlan {
        launch: Launch {
            model: ModelVersion {
                model: "llama-3.1-8b-instruct".parse().unwrap(),
                quantisation: Quantisation::Fp16,
            },
            hardware: hardware.parse().unwrap(),
            framework: Framework {
                engine,
                version: None,
                args: args.iter().map(ToString::to_string).collect(),
            },
        },
        endpoint: Endpoint::Launch { program: None, env: [].into(), start_timeout_s: 60.0 },
        architecture: Architecture {
            parameters: 8_030_261_248,
            active_parameters: 8_030_261_248,
            layers: 32,
            hidden_size: 4096,
            attention_heads: 32,
            kv_heads: 8,
            head_size: 128,
            vocabulary: 128_256,
            context_tokens: 131_072,
            blocks: domain::architecture::Blocks::default(),
        },
        weights: weights.map(str::to_owned),
        rent: None,
        context_tokens: 1024,
        max_concurrency: 16,
        trials: vec![TrialPlan {
            config_id: "0123456789abcdef".parse().unwrap(),
            workload: Workload {
                use_case: UseCase::Chatbot,
                input_tokens: n(512),
                output_tokens: n(128),
                load: Load::ClosedLoop { concurrency: n(16) },
                variety: domain::Variety::default(),
                protocol: Protocol::Chat,
            },
            trial: 1,
            requests: n(100),
            warm_up: 10,
            seed: 7,
        }],
    }
}

fn spec(plan: &LaunchPlan) -> Result<LaunchSpec, String> {
    let site = LaunchSite {
        port: 9000,
        more_ports: [9001, 9002],
        program_dir: "/opt/assay/bin".into(),
        visible_gpus: "0,1".to_owned(),
    };
    LaunchSpec::of(plan, &site).map_err(|e| e.to_string())
}

fn line(plan: &LaunchPlan) -> String {
    spec(plan).unwrap().argv.join(" ")
}

#[test]
fn vllm() {
    let plan = plan(Engine::Vllm, "h100x2", Some("owner/llama"), &["--max-num-seqs", "64"]);
    insta::assert_snapshot!(line(&plan), @"vllm serve owner/llama --served-model-name llama-3.1-8b-instruct --host 127.0.0.1 --port 9000 --tensor-parallel-size 2 --max-model-len 1024 --max-num-seqs 64");
}

#[test]
fn tgi() {
    let plan = plan(Engine::Tgi, "h100x2", Some("owner/llama"), &["--cuda-graphs", "1,2,4"]);
    insta::assert_snapshot!(line(&plan), @"text-generation-launcher --model-id owner/llama --hostname 127.0.0.1 --port 9000 --num-shard 2 --max-total-tokens 1024 --max-input-tokens 1023 --max-concurrent-requests 128 --prometheus-port 9001 --master-port 9002 --shard-uds-path /tmp/text-generation-server-9000 --usage-stats off --cuda-graphs 1,2,4");
    // It answers to the name of its weights alone.
    assert_eq!(spec(&plan).unwrap().served_model, "owner/llama");
}

#[test]
fn lmdeploy() {
    let mut plan = plan(Engine::Lmdeploy, "h100x2", Some("owner/llama"), &["--max-batch-size", "64"]);
    insta::assert_snapshot!(line(&plan), @"lmdeploy serve api_server owner/llama --model-name llama-3.1-8b-instruct --server-name 127.0.0.1 --server-port 9000 --tp 2 --session-len 1024 --max-batch-size 64");
    plan.launch.model.quantisation = Quantisation::Int8;
    insta::assert_snapshot!(line(&plan), @"lmdeploy serve api_server owner/llama --model-name llama-3.1-8b-instruct --server-name 127.0.0.1 --server-port 9000 --tp 2 --session-len 1024 --backend pytorch --max-batch-size 64");
}

#[test]
fn sglang() {
    let plan = plan(Engine::Sglang, "h100x2", Some("owner/llama"), &["--mem-fraction-static", "0.8"]);
    insta::assert_snapshot!(line(&plan), @"python3 -m sglang.launch_server --model-path owner/llama --served-model-name llama-3.1-8b-instruct --host 127.0.0.1 --port 9000 --tensor-parallel-size 2 --context-length 1024 --enable-metrics --mem-fraction-static 0.8");
}

/// The options of each engine as its own help or documents list them; `engine_options/README.md` says which version.
#[test]
fn every_argument_is_one_that_the_engine_documents() {
    for engine in [Engine::Vllm, Engine::Tgi, Engine::Lmdeploy, Engine::Sglang] {
        let file = format!("{}/tests/engine_options/{engine}.txt", env!("CARGO_MANIFEST_DIR"));
        let documented = std::fs::read_to_string(file).unwrap();
        let documented: Vec<&str> = documented.lines().collect();
        for quantisation in [Quantisation::Fp16, Quantisation::Int8] {
            let mut plan = plan(engine, "l4x2", Some("weights"), &[]);
            plan.launch.model.quantisation = quantisation;
            for argument in
                spec(&plan).unwrap().argv.iter().filter(|a| a.starts_with('-') && a.as_str() != "-m")
            {
                assert!(documented.contains(&argument.as_str()), "{engine} has no {argument}");
            }
        }
    }
}

#[test]
fn weights_of_sixteen_bits_are_quantised_where_the_engine_can() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), "{}").unwrap();
    let end = |engine, quantisation| {
        let mut plan = plan(engine, "h100x1", folder.path().to_str(), &[]);
        plan.launch.model.quantisation = quantisation;
        spec(&plan).map(|spec| spec.argv[spec.argv.len() - 2..].join(" "))
    };
    assert_eq!(end(Engine::Vllm, Quantisation::Fp8).unwrap(), "--quantization fp8");
    assert_eq!(end(Engine::Sglang, Quantisation::Fp8).unwrap(), "--quantization fp8");
    assert_eq!(end(Engine::Tgi, Quantisation::Fp8).unwrap(), "--quantize fp8");
    assert_eq!(end(Engine::Tgi, Quantisation::Int8).unwrap(), "--quantize eetq");
    for (engine, quantisation) in [
        (Engine::Vllm, Quantisation::Int8),
        (Engine::Sglang, Quantisation::Int4),
        (Engine::Tgi, Quantisation::Int4),
        (Engine::Lmdeploy, Quantisation::Fp8),
    ] {
        let message = end(engine, quantisation).unwrap_err();
        assert!(message.contains("holds 16-bit weights"), "{engine}: {message}");
    }
}

#[test]
fn llama_cpp() {
    let plan = plan(Engine::LlamaCpp, "cpu", Some("llama.gguf"), &["-t", "1"]);
    insta::assert_snapshot!(line(&plan), @"llama-server -m llama.gguf --alias llama-3.1-8b-instruct --host 127.0.0.1 --port 9000 -c 16384 -np 16 -ngl 0 --metrics --jinja -t 1");
}

#[test]
fn simulated() {
    let plan = plan(Engine::Simulated, "h100x2", None, &["--start-delay-ms", "5"]);
    insta::assert_snapshot!(line(&plan), @"/opt/assay/bin/simulated-engine --port 9000 --served-model-name llama-3.1-8b-instruct --prefill-tokens-per-s 65204.837 --step-base-ms 4.401837 --step-per-seq-ms 0.015215 --step-per-ktoken-ms 0.021737 --max-num-seqs 256 --context-tokens 1024 --seed 7 --start-delay-ms 5");
}

#[test]
fn the_simulated_engine_gets_no_argument_twice() {
    let argv = line(&plan(Engine::Simulated, "cpu", None, &["--seed=1", "--step-base-ms", "9"]));
    assert_eq!(argv.matches("--seed").count(), 1, "{argv}");
    assert_eq!(argv.matches("--step-base-ms").count(), 1, "{argv}");
    assert!(argv.ends_with("--seed=1 --step-base-ms 9"), "{argv}");
}

#[test]
fn the_environment_holds_the_gpus_and_the_specs_own_variables() {
    let mut plan = plan(Engine::Vllm, "h100x2", Some("owner/llama"), &[]);
    plan.endpoint = Endpoint::Launch {
        program: Some("/venv/bin/vllm".to_owned()),
        env: [("HF_HUB_OFFLINE".to_owned(), "1".to_owned())].into(),
        start_timeout_s: 60.0,
    };
    let vllm = spec(&plan).unwrap();
    assert_eq!((vllm.argv[0].as_str(), vllm.program_name().as_str()), ("/venv/bin/vllm", "vllm"));
    assert_eq!(vllm.env["CUDA_VISIBLE_DEVICES"], "0,1");
    assert_eq!(vllm.env["HF_HUB_OFFLINE"], "1");

    // The GPUs that were checked are the ones that it gets.
    let Endpoint::Launch { env, .. } = &mut plan.endpoint else { panic!("not launched") };
    env.insert("CUDA_VISIBLE_DEVICES".to_owned(), "3".to_owned());
    let message = spec(&plan).unwrap_err();
    assert!(message.starts_with("`CUDA_VISIBLE_DEVICES` in `env` of vllm is set by the runner"), "{message}");
}

#[test]
fn what_cannot_be_started_is_told_with_its_mend() {
    let error = |plan: &LaunchPlan| spec(plan).unwrap_err();
    insta::assert_snapshot!(error(&plan(Engine::Vllm, "l4x1", Some("w"), &["--port=1"])), @"`--port=1` in `args` of vllm is set by the runner; remove it");
    insta::assert_snapshot!(error(&plan(Engine::LlamaCpp, "l4x1", None, &[])), @"no weights of llama-3.1-8b-instruct fp16 for llama.cpp; add them to the model's `artifacts`");
}
