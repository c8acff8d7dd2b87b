//! Every protocol from the command line, and the key that opens a server.

use std::process::Output;

use simulated_engine::{SimulationConfig, start};

use testkit::scripted_engine::script::{ending, head, text as chunk};
use testkit::scripted_engine::{Step, serve};

use super::bench::command;

const SECRET: &str = "s3cret-key";

async fn bench(url: &str, arguments: &[&str], key_in: Option<&str>) -> Output {
    let mut command =
        command(&["--url", url, "--model", "simulated", "--requests", "6", "--concurrency", "2"]);
    command
        .args(["--output-tokens", "2"])
        .args(arguments)
        .env_remove("ANTHROPIC_API_KEY")
        .env("ASSAY_LOG", "trace");
    command.envs(key_in.map(|name| (name, SECRET)));
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn every_protocol_is_measured() {
    let engine =
        start(SimulationConfig { step_base_ms: 1.0, ..SimulationConfig::default() }, None).await.unwrap();
    let tokenizer = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny-tokenizer");
    for protocol in ["chat", "completions", "completions-tokens", "tgi", "anthropic"] {
        let arguments = ["--protocol", protocol, "--tokenizer", tokenizer, "--json"];
        let output = bench(&engine.base_url(), &arguments, None).await;
        assert!(matches!(output.status.code(), Some(0 | 3)), "{protocol}: {}", text(&output.stderr));
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value["workload"]["protocol"], protocol);
        let tokens = |name: &str| value["counts"][name].as_u64().unwrap();
        assert_eq!(tokens("input_tokens"), 512 * tokens("succeeded"), "{protocol}");
    }
}

#[tokio::test]
async fn a_key_is_read_from_its_variable_sent_with_every_request_and_told_nobody() {
    let good = |_| [vec![head(), chunk("a"), chunk("b")], ending(20, 2)].concat();
    let server = serve(Some, good).await;
    let output = bench(server.base_url(), &["--api-key-env", "MY_KEY", "--json"], Some("MY_KEY")).await;
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", text(&output.stderr));
    let heads = server.heads();
    assert!(heads.len() > 6);
    for head in heads {
        assert!(head.contains(&format!("authorization: bearer {SECRET}\n")), "{head}");
    }
    assert!(!text(&output.stdout).contains(SECRET) && !text(&output.stderr).contains(SECRET));
    let output = bench(server.base_url(), &["--api-key-env", "MY_KEY"], None).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "error: the environment variable MY_KEY is not set: put the key into it\n"
    );
}

#[tokio::test]
async fn anthropics_key_has_its_own_variable_and_header() {
    // What it answers is no message, so that nothing is measured; what it was asked counts.
    let server = serve(|_| None, |_| vec![Step::Break]).await;
    bench(server.base_url(), &["--protocol", "anthropic"], Some("ANTHROPIC_API_KEY")).await;
    let heads = server.heads();
    assert!(!heads.is_empty());
    for head in heads {
        assert!(head.starts_with("post /v1/messages "), "{head}");
        assert!(head.contains(&format!("\nx-api-key: {SECRET}\n")), "{head}");
        assert!(head.contains("\nanthropic-version: 2023-06-01\n") && !head.contains("authorization"));
    }
}
