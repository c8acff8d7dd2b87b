//! The command line.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use batch_runner::bench::document::BenchDocument;
use batch_runner::cache_folder::CACHE_VARIABLE;
use domain::Provenance;
use measurement::RequestRecord;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, ListAccessor, Row};
use simulated_engine::{SimulationConfig, start};

use testkit::scripted_engine::script::{ending, head, text as chunk};
use testkit::scripted_engine::serve;

pub(super) async fn bench(arguments: &[&str]) -> Output {
    output_of(command(arguments)).await
}

/// A bench whose cache is not the user's, and is shared by these tests.
pub(super) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_batch-runner"));
    command.env(CACHE_VARIABLE, env!("CARGO_TARGET_TMPDIR")).arg("bench").args(arguments);
    command
}

async fn output_of(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Measured, and perhaps limited by a busy test machine.
pub(super) fn measured(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 3))
}

#[tokio::test]
async fn the_table_is_labelled_and_fits_the_terminal() {
    let engine =
        start(SimulationConfig { step_base_ms: 1.0, ..SimulationConfig::default() }, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let names = ["records.jsonl", "whole.json", "rows.csv", "as.vllm.json", "page.html", "records.parquet"];
    let [raw, whole, rows, vllm, page, columns] = names.map(|name| folder.path().join(name));
    let url = engine.base_url();
    let output = bench(&[
        "--url",
        &url,
        "--model",
        "simulated",
        "--requests",
        "30",
        "--concurrency",
        "4",
        "--input-tokens",
        "32",
        "--output-tokens",
        "8",
        "--slo-ttft",
        "1s",
        "--slo-tpot",
        "500ms",
        "--gpus",
        "2",
        "--output",
        raw.to_str().unwrap(),
        "--output",
        whole.to_str().unwrap(),
        "--output",
        rows.to_str().unwrap(),
        "--output",
        vllm.to_str().unwrap(),
        "--output",
        page.to_str().unwrap(),
        "--output",
        columns.to_str().unwrap(),
    ])
    .await;
    assert!(measured(&output), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.starts_with("SIMULATED"), "{table}");
    // What shows how far it is goes elsewhere, and draws only on a terminal.
    assert!(!table.contains('\x1b') && !text(&output.stderr).contains('\x1b'), "{}", text(&output.stderr));
    for word in
        ["TTFT", "TPOT", "ITL", "E2E", "throughput", "goodput", "per GPU", "client", "too few requests"]
    {
        assert!(table.contains(word), "{word}: {table}");
    }
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let records = std::fs::read_to_string(raw).unwrap();
    assert!(records.lines().count() > 30);
    let first: RequestRecord = serde_json::from_str(records.lines().next().unwrap()).unwrap();
    assert_eq!(first.index, 0);
    assert!(records.lines().all(|line| line.starts_with(r#"{"provenance":"simulated","#)));
    let whole: BenchDocument = serde_json::from_slice(&std::fs::read(whole).unwrap()).unwrap();
    assert_eq!((whole.provenance, whole.gpu_count), (Provenance::Simulated, 2));
    assert!(whole.command.contains(&"--slo-ttft".to_owned()));
    let bounds = [whole.slo.ttft, whole.slo.tpot, whole.slo.e2e].map(|bound| bound.map(|b| b.as_ms()));
    assert_eq!(bounds, [Some(1e3), Some(500.0), None]);
    let mut rows = csv::Reader::from_path(rows).unwrap();
    let ttft = rows.headers().unwrap().iter().position(|name| name == "ttft_ms").unwrap();
    let in_window = rows.headers().unwrap().iter().position(|name| name == "in_window").unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), records.lines().count());
    let ttfts =
        rows.iter().filter(|row| &row[in_window] == "true").map(|row| row[ttft].parse::<f64>().unwrap());
    let mean = ttfts.sum::<f64>() / whole.counts.succeeded as f64;
    assert!((mean - whole.metrics.ttft.as_ref().unwrap().mean).abs() < 1e-6, "{mean}");
    let vllm: serde_json::Value = serde_json::from_slice(&std::fs::read(vllm).unwrap()).unwrap();
    assert_eq!(vllm["mean_ttft_ms"], whole.metrics.ttft.as_ref().unwrap().mean);
    let seconds: Vec<f64> = serde_json::from_value(vllm["ttfts"].clone()).unwrap();
    assert!((seconds.iter().sum::<f64>() * 1e3 / seconds.len() as f64 - mean).abs() < 1e-6);
    assert_eq!(vllm["itls"][0].as_array().unwrap().len(), 7);
    assert_eq!((&vllm["provenance"], &vllm["max_concurrent_requests"]), (&"simulated".into(), &4.into()));
    columns_hold_the_records(&columns, &records);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<title>SIMULATED: simulated 32&gt;8 c4 - Assay bench</title>"), "{page}");
    assert_eq!(page.matches("<svg role=\"img\"").count(), 8);
    for outside in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(whole.environment.engine_version.unwrap().starts_with("assay-simulated-"));
}

/// Whether a Parquet file says the same as lines of JSON.
fn columns_hold_the_records(columns: &Path, lines: &str) {
    let file = SerializedFileReader::try_from(columns).unwrap();
    let metadata = file.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(
        metadata.iter().any(|kv| kv.key == "assay.provenance" && kv.value.as_deref() == Some("simulated"))
    );
    let rows: Vec<Row> = file.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), lines.lines().count());
    for (row, line) in rows.iter().zip(lines.lines()) {
        let record: RequestRecord = serde_json::from_str(line).unwrap();
        let column = |name: &str| row.get_column_iter().find(|(n, _)| *n == name).unwrap().1;
        assert_eq!(*column("index"), Field::UInt(record.index));
        assert_eq!(*column("t_end_ns"), Field::Long(record.t_end_ns.cast_signed()));
        let Field::ListInternal(instants) = column("content_ns") else { panic!("no list") };
        let instants: Vec<u64> =
            (0..instants.len()).map(|n| instants.get_long(n).unwrap().cast_unsigned()).collect();
        assert!(record.content.instants_ns().eq(instants));
    }
}

#[tokio::test]
async fn json_has_the_metrics_and_the_provenance() {
    let engine =
        start(SimulationConfig { step_base_ms: 1.0, ..SimulationConfig::default() }, None).await.unwrap();
    let url = engine.base_url();
    let output = bench(&[
        "--url",
        &url,
        "--model",
        "simulated",
        "--requests",
        "20",
        "--concurrency",
        "2",
        "--output-tokens",
        "4",
        "--protocol",
        "completions",
        "--json",
    ])
    .await;
    assert!(measured(&output), "{}", text(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["provenance"], "simulated");
    let metrics: domain::Metrics = serde_json::from_value(value["metrics"].clone()).unwrap();
    assert!(metrics.output_tps > 0.0);
}

#[tokio::test]
async fn a_server_that_lists_no_models_is_measured_and_not_simulated() {
    let server = serve(Some, |_| [vec![head(), chunk("a"), chunk("b")], ending(20, 2)].concat()).await;
    let url = server.base_url().to_owned();
    let output =
        bench(&["--url", &url, "--model", "m", "--requests", "8", "--concurrency", "2", "--json"]).await;
    assert!(measured(&output), "{}", text(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["provenance"], "measured");
}

#[tokio::test]
async fn more_requests_in_flight_than_a_client_has_ports_are_refused() {
    for wrong in ["0", "65536", "4294967295"] {
        let output = bench(&["--url", "http://127.0.0.1:9", "--model", "m", "--concurrency", wrong]).await;
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(told.contains("--concurrency") && told.contains("is not in 1..=65535"), "{told}");
    }
    // Nobody is there, but the number is fine.
    let most = ["--url", "http://127.0.0.1:9", "--model", "m", "--concurrency", "65535"];
    assert_eq!(bench(&most).await.status.code(), Some(1));
}

#[tokio::test]
async fn the_exit_status_says_what_went_wrong() {
    let output = bench(&["--url", "http://127.0.0.1:9", "--model", "m"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("error: http://127.0.0.1:9 cannot be reached"));
    for wrong in [
        ["--url", "http://127.0.0.1:9", "--concurrency", "0"],
        ["--url", "ftp://x", "--model", "m"],
        ["--url", "http://x/v1", "--model", "m"],
        ["--url=http://x", "--model=m", "--output", "result.txt"],
        ["--url=http://x", "--model=m", "--output-format", "json"],
        ["--url=http://x", "--model=m", "--proxy", "unix:/proxy"],
        ["--url=unix:/engine", "--model=m", "--proxy", "http://x"],
    ] {
        assert_eq!(bench(&wrong).await.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_rate_is_reported_as_such() {
    let engine =
        start(SimulationConfig { step_base_ms: 1.0, ..SimulationConfig::default() }, None).await.unwrap();
    let url = engine.base_url();
    let server = ["--url", &url, "--model", "simulated", "--output-tokens", "4", "--input-tokens", "32"];
    let gamma = ["--rate", "100", "--arrival", "gamma:0.5", "--duration", "1s", "--json"];
    let output = bench(&[&server[..], &gamma[..]].concat()).await;
    assert!(measured(&output), "{}", text(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let load = serde_json::json!({"kind": "open-loop", "rate_rps": 100.0, "arrival": {"gamma": 0.5}});
    assert_eq!(value["workload"]["load"], load);
    assert!(value["requests"].as_u64().is_some_and(|n| (50..200).contains(&n)), "{}", value["requests"]);
    assert!(value["certificate"]["achieved_rps"].as_f64().is_some_and(|rps| rps > 20.0));
    let constant = ["--rate", "200", "--arrival", "constant", "--requests", "60"];
    let output = bench(&[&server[..], &constant[..]].concat()).await;
    assert!(measured(&output), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("200/s constant") && table.contains("req/s sent, "), "{table}");
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[tokio::test]
async fn arguments_of_traffic_that_do_not_go_together_are_refused() {
    for wrong in [
        &["--rate", "0"][..],
        &["--rate", "5", "--concurrency", "2"],
        &["--arrival", "poisson"],
        &["--batch-size", "2", "--rate", "5"],
        &["--trace", "/nowhere"],
        &["--trace-speed", "2"],
        &["--dataset", "/nowhere", "--protocol", "completions-tokens"],
        &["--dataset", "/nowhere"],
        &["--shared-prefix-tokens", "512"],
        &["--input-tokens", "zipf:3"],
        &["--duration", "1s"],
        &["--rate", "5", "--duration", "1s", "--requests", "3"],
        &["--rate", "5", "--arrival", "gamma"],
        &["--rate", "5:10"],
        &["--rate", "1", "--duration", "1us"],
        &["--rate", "5", "--max-in-flight", "65536"],
    ] {
        let output = bench(&[&["--url", "http://127.0.0.1:9", "--model", "m"], wrong].concat()).await;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", text(&output.stderr));
    }
}

#[tokio::test]
async fn a_measurement_is_kept_when_nobody_reads_the_table() {
    let engine =
        start(SimulationConfig { step_base_ms: 1.0, ..SimulationConfig::default() }, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut kept = folder.path().as_os_str().to_owned();
    // A path need not be UTF-8.
    kept.push(std::ffi::OsStr::from_bytes(b"/kept\xff.json"));
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let url = engine.base_url();
    let mut command = command(&["--url", &url, "--model", "simulated", "--requests", "12"]);
    command.args(["--concurrency", "2", "--input-tokens", "16", "--output-tokens", "4", "--output"]);
    command.arg(&kept).args(["--output-format", "json"]).stdout(closed).stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || command.spawn().unwrap().wait_with_output());
    let ended = ended.await.unwrap().unwrap();
    assert!(measured(&ended), "{}", text(&ended.stderr));
    let document: BenchDocument = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    assert_eq!(document.provenance, Provenance::Simulated);
}

#[tokio::test]
async fn the_client_is_calibrated_once_for_a_host_and_every_result_tells() {
    let engine =
        start(SimulationConfig { step_base_ms: 5.0, ..SimulationConfig::default() }, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = engine.base_url();
    let asked = ["--url", &url, "--model", "simulated", "--requests", "20", "--concurrency", "2", "--json"];
    let mut told = Vec::new();
    for _ in 0..2 {
        let mut command = command(&asked);
        command.env(CACHE_VARIABLE, folder.path());
        let output = output_of(command).await;
        assert!(measured(&output), "{}", text(&output.stderr));
        told.push(text(&output.stderr).contains("this client was calibrated in"));
        let document: BenchDocument = serde_json::from_slice(&output.stdout).unwrap();
        let capacity = document.certificate.capacity.unwrap();
        assert!(capacity.used > 0.0 && capacity.most_events_per_s > capacity.events_per_s, "{capacity:?}");
    }
    assert_eq!(told, [true, false]);
}

#[tokio::test]
async fn arrivals_that_no_socket_was_left_for_are_told_as_such() {
    let engine =
        start(SimulationConfig { step_base_ms: 50.0, ..SimulationConfig::default() }, None).await.unwrap();
    let url = engine.base_url();
    // 500 ms each: 50 would be in flight.
    let rate = ["--rate", "100", "--arrival", "constant", "--requests", "100", "--output-tokens", "10"];
    let asked = [&["--url", &url, "--model", "simulated", "--json"][..], &rate[..]].concat();
    let bench = command(&asked);
    // 64 of them are kept for other files.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 84 && exec \"$@\"", "sh"]).arg(bench.get_program()).args(bench.get_args());
    limited.env(CACHE_VARIABLE, env!("CARGO_TARGET_TMPDIR"));
    let output = output_of(limited).await;
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let document: BenchDocument = serde_json::from_slice(&output.stdout).unwrap();
    let certificate = document.certificate;
    assert_eq!((certificate.open_sockets, certificate.socket_limit), (20, Some(20)));
    let why = "arrivals found all 20 sockets in use: raise `ulimit -n`";
    assert!(certificate.violations.iter().any(|v| v.ends_with(why)), "{:?}", certificate.violations);
}
