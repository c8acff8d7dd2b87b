//! Engines that fail to start, played by shell scripts, and servers that are attached to.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use batch_runner::engine::{Attached, EngineError, Launcher, Server, free_ports};
use batch_runner::weights::WeightsFetcher;
use domain::framework::Endpoint;
use domain::{Engine, Framework, Launch, LaunchPlan, ModelVersion, Provenance, Quantisation};
use simulated_engine::SimulationConfig;
use testkit::fixtures;
use tokio_util::sync::CancellationToken;

fn plan(endpoint: Endpoint, hardware: &str) -> LaunchPlan {
    LaunchPlan {
        launch: Launch {
            model: ModelVersion { model: "tiny".parse().unwrap(), quantisation: Quantisation::Fp16 },
            hardware: hardware.parse().unwrap(),
            framework: Framework { engine: Engine::Vllm, version: None, args: vec![] },
        },
        endpoint,
        architecture: fixtures::architecture(1024),
        weights: Some("owner/tiny".to_owned()),
        rent: None,
        context_tokens: 1024,
        max_concurrency: 1,
        trials: vec![],
    }
}

fn launcher() -> Launcher {
    Launcher {
        guard: PathBuf::from(env!("CARGO_BIN_EXE_batch-runner")),
        program_dir: PathBuf::new(),
        slot_locks: vec![],
        gpus: vec![],
        engine_log: None,
        given_gpus: None,
        weights: WeightsFetcher::of_environment(),
    }
}

/// Starts a script in the place of vLLM.
async fn start(script: &str, timeout_s: f64, cancel: &CancellationToken) -> Result<(), EngineError> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("vllm");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let endpoint = Endpoint::Launch {
        program: Some(program.to_str().unwrap().to_owned()),
        env: [("MARK".to_owned(), folder.path().join("mark").to_str().unwrap().to_owned())].into(),
        start_timeout_s: timeout_s,
    };
    let plan = plan(endpoint, "cpu");
    launcher().start(&plan, free_ports().await.unwrap(), cancel).await.map(drop)
}

#[tokio::test]
async fn an_engine_that_ends_early_is_told_with_its_status_and_last_lines() {
    let script = "echo loading weights; echo 'ValueError: no such model' >&2; exit 3";
    let error = start(script, 30.0, &CancellationToken::new()).await.unwrap_err().to_string();
    assert!(error.contains("vllm ended before it was healthy (exit status 3)"), "{error}");
    assert!(error.contains("ValueError: no such model"), "{error}");
    assert!(!error.contains('\n'));
}

#[tokio::test]
async fn an_engine_that_is_not_healthy_in_time_is_ended() {
    let error = start("echo still compiling; exec sleep 1000", 0.3, &CancellationToken::new())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("was not healthy within 0.3 s"), "{error}");
    assert!(error.contains("still compiling") && error.contains("raise `start_timeout`"), "{error}");
}

#[tokio::test]
async fn a_start_can_be_cancelled() {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.cancel();
    });
    let error = start("exec sleep 1000", 600.0, &cancel).await.unwrap_err();
    assert!(matches!(error, EngineError::Cancelled), "{error}");
}

#[tokio::test]
async fn a_program_that_is_missing_is_named() {
    let endpoint =
        Endpoint::Launch { program: Some("/nowhere/vllm".to_owned()), env: [].into(), start_timeout_s: 30.0 };
    let error = launcher()
        .start(&plan(endpoint, "cpu"), free_ports().await.unwrap(), &CancellationToken::new())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("/nowhere/vllm cannot be started (No such file or directory"), "{error}");
}

#[tokio::test]
async fn a_launch_without_its_gpus_is_refused() {
    let endpoint = Endpoint::Launch { program: None, env: [].into(), start_timeout_s: 30.0 };
    let error = launcher()
        .start(&plan(endpoint, "h100x1"), [1, 2, 3], &CancellationToken::new())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("needs h100x1, but this machine has no NVIDIA GPU"), "{error}");
}

async fn attach(url: &str, served_model: Option<&str>, hardware: &str) -> Result<Attached, EngineError> {
    let endpoint = Endpoint::Attach { url: url.to_owned(), served_model: served_model.map(str::to_owned) };
    Attached::attach(&plan(endpoint, hardware), url, served_model).await
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_its_mend() {
    let [port] = free_ports().await.unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let error = attach(&url, None, "cpu").await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{url} cannot be reached (Connection refused")), "{error}");
    assert!(error.ends_with("start it, or correct `attach`"), "{error}");
}

#[tokio::test]
async fn what_is_no_address_is_told_with_what_to_write() {
    let error = attach("http://127.0.0.1:1/v1", None, "cpu").await.unwrap_err().to_string();
    assert_eq!(
        error,
        "`http://127.0.0.1:1/v1` is no address to measure: write http://host:port without a path, also without \
         /v1; correct `attach`"
    );
}

#[tokio::test]
async fn a_simulated_server_is_simulated_whatever_the_spec_claims() {
    let config = SimulationConfig { served_model_name: "other".to_owned(), ..SimulationConfig::default() };
    let simulation = simulated_engine::start(config, None).await.unwrap();
    let url = format!("{}/", simulation.base_url());

    let error = attach(&url, None, "cpu").await.unwrap_err().to_string();
    assert!(error.ends_with("serves other, not tiny; set `served_model: other`"), "{error}");

    let mut attached = attach(&url, Some("other"), "h100x1").await.unwrap();
    let facts = attached.facts();
    assert_eq!(facts.provenance, Provenance::Simulated);
    assert!(facts.hardware_unverified && facts.version.is_some() && facts.model == "other");
    assert_eq!(attached.check().await, Ok(()));
}
