//! Whatever is killed whenever: nothing that was finished is lost, nothing is measured twice, nothing is left
//! running.

use std::net::TcpListener;
use std::path::Path;
use std::thread::{sleep, spawn};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rustix::process::Signal;
use serde_json::Value;

use crate::bench::{Bench, Running, field, until, workload};
use crate::procfs;

const KILLS: u32 = 10;
const SEED: u64 = 20_261_124;

/// Twelve configurations on four engine starts, each about half a second long.
fn spec(bench: &Bench) -> std::path::PathBuf {
    let engine = r#"[{name: simulated, args: ["--prefill-tokens-per-s=1000000", "--step-base-ms=5", "--step-per-seq-ms=0"]}]"#;
    bench.spec(
        "killed",
        &[
            ("quantisations", "[fp16, int4]"),
            ("hardware", "[h100x1, a100-80gbx1]"),
            ("frameworks", engine),
            ("workloads", &workload("[1, 2, 4]", 40)),
        ],
    )
}

fn run(bench: &Bench, spec: &Path, again: bool) -> Running {
    let again: &[&str] = if again { &["--again"] } else { &[] };
    bench.start(&[&["run", "--json", spec.to_str().unwrap()], again].concat())
}

#[test]
fn ten_kills_lose_nothing_and_double_nothing() {
    let undisturbed = spawn(|| {
        let bench = Bench::new();
        let spec = spec(&bench);
        field(&bench.run(&spec).assert_code(0).results(), "config_id")
    });
    let bench = Bench::new();
    let spec = spec(&bench);
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut assay = run(&bench, &spec, false);
    let mut kills = 0;
    while kills < KILLS {
        if let Some(status) = assay.try_end() {
            // Complete before the last kill: another campaign takes the others. Given up after too many kills
            // in a row: asked for again, it goes on.
            let given_up = assay.stderr().contains("given up after");
            assert!(status.success() || given_up || status.code().is_none(), "{status}: {}", assay.stderr());
            assay = run(&bench, &spec, status.success());
        }
        if kill(&bench, &mut assay, &mut rng) {
            kills += 1;
        }
    }
    let results = loop {
        let ended = assay.end();
        if ended.code == Some(0) {
            break ended.results();
        }
        assert!(ended.code.is_none() || ended.stderr.contains("given up after"), "{}", ended.stderr);
        assay = run(&bench, &spec, false);
    };
    bench.until_all_gone();

    let configurations = undisturbed.join().unwrap();
    assert_eq!(configurations.len(), 12);
    assert_eq!(field(&results, "config_id"), configurations);
    let campaigns = bench.assay(&["campaign", "list", "--json"]).json();
    for campaign in campaigns.as_array().unwrap() {
        assert_complete(&bench, campaign["id"].as_str().unwrap(), &configurations);
    }
}

/// Kills `assay` or its runner at a random moment. False when there was nothing to kill.
fn kill(bench: &Bench, assay: &mut Running, rng: &mut StdRng) -> bool {
    let the_runner = rng.random_bool(0.5);
    let under_load = rng.random_bool(0.7);
    let delay = Duration::from_millis(rng.random_range(0..900));
    let own = assay.pid();
    // The moment counts from the start of the runner, or from that of its engine.
    let runner = until("there is something to kill", || {
        if assay.try_end().is_some() {
            return Some(None);
        }
        let processes = bench.processes();
        let runner = processes.iter().find(|p| p.parent == own && p.is("batch-runner", "run"))?;
        let engine = processes.iter().any(|p| p.is("simulated-engine", "--port"));
        (engine || !under_load).then_some(Some(runner.pid))
    });
    let Some(runner) = runner else { return false };
    sleep(delay);
    let victim = if the_runner { runner } else { own };
    let lives = bench.processes().iter().any(|p| p.pid == victim);
    procfs::signal(victim, Signal::KILL);
    if !the_runner {
        until("assay is dead", || assay.try_end());
    }
    lives
}

/// Every trial is stored once, with its checkpoint, and its port is free.
fn assert_complete(bench: &Bench, campaign: &str, configurations: &[String]) {
    let results = bench.assay(&["results", "--json", "--campaign", campaign]).assert_code(0).results();
    assert_eq!(field(&results, "config_id"), configurations);
    let mut runs = field(&results, "run_id");
    runs.dedup();
    assert_eq!(runs.len(), results.len(), "a run is stored twice");
    let status = bench.assay(&["campaign", "show", "--json", campaign]).assert_code(0).json();
    assert_eq!(status["state"], "completed");
    assert_eq!(status["stored"], Value::from(configurations.len()), "{status}");
    assert_eq!(status["failures"], Value::Array(vec![]));
    let ports: Vec<u16> = results.iter().filter_map(port).collect();
    assert_eq!(ports.len(), results.len(), "every result says how its engine was started");
    for port in ports {
        // Another test may have it for a moment.
        until("the engine's port is free", || TcpListener::bind(("127.0.0.1", port)).ok());
    }
}

/// The port of the engine that a result came from.
fn port(result: &Value) -> Option<u16> {
    let words = result["environment"]["engine_command"].as_array()?;
    let at = words.iter().position(|w| w == "--port")?;
    words.get(at + 1)?.as_str()?.parse().ok()
}

#[test]
fn an_interrupt_keeps_what_is_finished_and_the_same_command_goes_on() {
    let bench = Bench::new();
    let spec = spec(&bench);
    let assay = run(&bench, &spec, false);
    until("a result is there", || assay.stderr().contains("[1/12]").then_some(()));
    assay.signal(Signal::INT);
    let ended = assay.end();
    ended.assert_code(130);
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("the same command goes on: assay run"), "{last}");
    bench.until_all_gone();
    let kept = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert!((1..12).contains(&kept.len()), "{}", kept.len());

    let resumed = bench.run(&spec);
    assert!(resumed.stderr.contains("goes on where it stopped"), "{}", resumed.stderr);
    let results = resumed.assert_code(0).results();
    assert_eq!(results.len(), 12);
    assert!(kept.iter().all(|k| results.contains(k)), "what was finished is as it was");
}

#[test]
fn a_campaign_is_paused_resumed_and_cancelled_from_another_process() {
    let bench = Bench::new();
    let spec = spec(&bench);
    let assay = run(&bench, &spec, false);
    until("a result is there", || assay.stderr().contains("[1/12]").then_some(()));
    let id = bench.only_campaign();
    bench.assay(&["campaign", "resume", &id]).assert_code(0);
    bench.assay(&["campaign", "pause", &id]).assert_code(0);
    let ended = assay.end();
    ended.assert_code(130);
    assert!(ended.stderr.contains("is paused; the same command goes on"), "{}", ended.stderr);
    bench.until_all_gone();
    let show = || bench.assay(&["campaign", "show", "--json", &id]).assert_code(0).json();
    let paused = show();
    assert_eq!(paused["state"], "paused");
    let stored = paused["stored"].as_u64().unwrap();
    assert!((1..12).contains(&stored), "{paused}");
    assert!(paused["forecast_to_go_s"].as_f64().unwrap() > 0.0);
    let text = bench.assay(&["campaign", "show", &id]);
    assert!(text.stdout.contains(&format!("{stored}/12 done, 0 failed, ")), "{}", text.stdout);
    assert!(text.stdout.contains("; forecast to go "), "{}", text.stdout);

    // The same command goes on; cancelled, it tells what there is.
    let assay = run(&bench, &spec, false);
    until("another result is there", || {
        assay.stderr().contains(&format!("[{}/12]", stored + 1)).then_some(())
    });
    bench.assay(&["campaign", "cancel", &id]).assert_code(0);
    let ended = assay.end();
    ended.assert_code(3);
    assert!(ended.stderr.contains("was cancelled"), "{}", ended.stderr);
    bench.until_all_gone();
    let followed = bench.assay(&["campaign", "show", "--follow", &id]);
    assert!(
        followed.assert_code(0).stdout.contains("cancelled"),
        "it ends with the campaign: {}",
        followed.stdout
    );
    let cancelled = show();
    assert_eq!(cancelled["state"], "cancelled");
    let states = |b: &Value| ["finished", "cancelled"].contains(&b["state"].as_str().unwrap());
    assert!(cancelled["batches"].as_array().unwrap().iter().all(states), "{cancelled}");
    let kept = bench.assay(&["results", "--json", "--campaign", &id]).assert_code(0).results();
    assert_eq!(kept.len() as u64, cancelled["stored"].as_u64().unwrap());
    assert!(kept.len() as u64 > stored);
    bench.assay(&["campaign", "resume", &id]).assert_error(1, &["is cancelled, which is final"]);
    bench.assay(&["campaign", "pause", "nobody"]).assert_error(1, &["there is no campaign nobody"]);
    let again = bench.run(&spec);
    assert!(
        again.stderr.contains("is cancelled, which is final; begin another with --again"),
        "{}",
        again.stderr
    );

    // Where nobody hosts the folder, the command settles it.
    let assay = run(&bench, &spec, true);
    until("a result of the next is there", || assay.stderr().contains("[1/12]").then_some(()));
    assay.signal(Signal::INT);
    assay.end().assert_code(130);
    let next = bench.assay(&["campaign", "list", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    bench.assay(&["campaign", "cancel", &next]).assert_code(0);
    let shown = bench.assay(&["campaign", "show", "--json", &next]).json();
    assert!(shown["batches"].as_array().unwrap().iter().all(states), "{shown}");
    assert!(bench.data().join(format!("objects/reports/{next}.json")).exists());
}
