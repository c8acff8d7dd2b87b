//! `batch-runner run` as a process, against a simulated server that is attached to.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod attached;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use attached::{campaign, server};
use batch_runner::cache_folder::CACHE_VARIABLE;
use batch_runner::control::get;
use batch_runner::transport::Address;
use domain::{BatchId, Configuration, Provenance};
use rustix::process::{Pid, Signal, kill_process};
use store::directory::DirectoryObjects;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{Ledger, ResultStore};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest that a runner may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Prepares a batch of two trials against a server in a folder.
async fn prepare(folder: &Path, url: &str) {
    let objects = DirectoryObjects::open(&folder.join("objects")).unwrap();
    let ledger = SqliteLedger::open(folder.join("ledger.db")).await.unwrap();
    attached::prepare(&ledger, &objects, url, 1).await;
}

fn batch() -> BatchId {
    attached::batch(0)
}

fn runner(folder: &Path) -> Child {
    runner_with(folder, &[])
}

fn runner_with(folder: &Path, more: &[&str]) -> Child {
    let url = |scheme: &str, name: &str| format!("{scheme}:{}", folder.join(name).display());
    Command::new(env!("CARGO_BIN_EXE_batch-runner"))
        .env(CACHE_VARIABLE, env!("CARGO_TARGET_TMPDIR"))
        .args(["run", "--campaign", campaign().as_str(), "--batch", batch().as_str()])
        .args(["--results", &url("sqlite", "results.db"), "--ledger", &url("sqlite", "ledger.db")])
        .args(["--objects", &url("dir", "objects"), "--lease-s", "5", "--lifeline"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Exit status, standard output and standard error.
async fn end(child: Child) -> (Option<i32>, String, String) {
    // `wait_with_output` closes standard input, which is the lifeline: it is held here.
    let mut child = child;
    let lifeline = child.stdin.take();
    let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    drop(lifeline);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_measured_and_stored_as_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(1.0).await;
    prepare(folder.path(), &server.base_url()).await;
    let (status, stdout, stderr) = end(runner(folder.path())).await;
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    let results = SqliteResults::open(folder.path().join("results.db")).await.unwrap();
    let stored = results.of_campaign(&campaign()).await.unwrap();
    assert_eq!(stored.len(), 2);
    for result in &stored {
        assert_eq!(result.provenance, Provenance::Simulated);
        assert_eq!(Configuration::id(&result.configuration), result.config_id);
        assert!(result.environment.cpu_count > 0 && result.environment.engine_version.is_some());
        let raw = folder.path().join("objects").join(result.raw_records.as_deref().unwrap());
        let lines = zstd::decode_all(std::fs::File::open(raw).unwrap()).unwrap();
        assert!(lines.split(|b| *b == b'\n').count() > 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_runner_does_can_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(20.0).await;
    prepare(folder.path(), &server.base_url()).await;
    let mut child = runner_with(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let url = first.strip_prefix("metrics are at ").unwrap().strip_suffix("/metrics").unwrap();
    let address = Address::parse(url).unwrap();
    let until_stored = async {
        loop {
            let page = get(&address, "/metrics", PATIENCE).await.unwrap().body;
            let page = String::from_utf8(page.to_vec()).unwrap();
            if page.contains("assay_runner_trials_total{outcome=\"stored\"} 1\n") {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let page = timeout(PATIENCE, until_stored).await.unwrap();
    assert!(page.contains("\nassay_runner_trials_left 1\n"), "{page}");
    let seconds = |state: &str| -> f64 {
        let name = format!("assay_runner_{state}_seconds_total ");
        page.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
    };
    assert!(seconds("measuring") > 0.1 && seconds("idle") > 0.0, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_stops_on_sigterm_and_at_the_end_of_its_lifeline_and_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(20.0).await;
    prepare(folder.path(), &server.base_url()).await;

    let child = runner(folder.path());
    until_begun(folder.path(), 1).await;
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let (status, _, stderr) = end(child).await;
    assert_eq!(status, Some(75), "{stderr}");
    assert!(stderr.starts_with("error: told to stop; finished trials are kept"), "{stderr}");

    let mut child = runner(folder.path());
    until_begun(folder.path(), 2).await;
    drop(child.stdin.take());
    assert_eq!(end(child).await.0, Some(75));

    let (status, stdout, stderr) = end(runner(folder.path())).await;
    assert_eq!(status, Some(0), "{stdout}{stderr}");
}

/// Waits until an attempt has claimed the batch.
async fn until_begun(folder: &Path, attempt: u32) {
    let ledger = SqliteLedger::open(folder.join("ledger.db")).await.unwrap();
    let claimed = async {
        while ledger.batch(&batch()).await.unwrap().unwrap().attempt < attempt {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, claimed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), "http://127.0.0.1:1").await;
    let (status, stdout, stderr) = end(runner(folder.path())).await;
    assert_eq!((status, stdout.as_str()), (Some(69), ""));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("error: http://127.0.0.1:1 cannot be reached"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_not_there_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = end(runner(folder.path())).await;
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("has no manifest of batch demo.b0; check --campaign"), "{stderr}");
}
