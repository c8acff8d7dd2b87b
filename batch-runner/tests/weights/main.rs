//! Weights from a scripted hub and from an emulator of S3: whole, checked, and fetched once.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod buckets;
mod scripted_hub;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use batch_runner::engine::{Launcher, free_ports};
use batch_runner::weights::{FetchError, Fetched, WeightsCache, WeightsFetcher};
use domain::framework::Endpoint;
use domain::{Engine, Framework, Launch, LaunchPlan, ModelVersion, Quantisation};
use scripted_hub::{COMMIT, ScriptedHub};
use testkit::fixtures;
use tokio_util::sync::CancellationToken;

/// Files of a model: two large ones and a small one.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let large = |salt: u32| {
        (0..300_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 ^ salt as u8).collect()
    };
    vec![
        ("config.json", b"{}".to_vec()),
        ("model-1.safetensors", large(1)),
        ("sub/vocab 1.bin.txt", large(2)),
    ]
}

fn cache(folder: &Path) -> WeightsCache {
    let mut cache = WeightsCache::at(folder.to_owned());
    cache.first_pause = Duration::from_millis(1);
    cache
}

async fn fetch(hub: &ScriptedHub, folder: &Path, address: &str) -> Result<Fetched, FetchError> {
    let fetcher = WeightsFetcher::new(cache(folder), hub.hub());
    fetcher.fetch(address, &CancellationToken::new()).await.map(Option::unwrap)
}

fn assert_whole(path: &Path) {
    for (name, bytes) in files() {
        assert!(std::fs::read(path.join(name)).unwrap() == bytes, "{name}");
    }
}

/// What the hub was asked to send, sorted.
fn sent(hub: &ScriptedHub) -> Vec<(String, usize)> {
    let mut sent = std::mem::take(&mut hub.state.lock().unwrap().sent);
    sent.sort();
    sent
}

fn stored_files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder.join("files")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_repository_is_fetched_whole_and_once_and_the_key_stays_with_the_hub() {
    let hub = ScriptedHub::start(&files()).await;
    hub.state.lock().unwrap().has_pages = true;
    let folder = tempfile::tempdir().unwrap();
    let fetched = fetch(&hub, folder.path(), "hf:o/n").await.unwrap();
    assert_whole(&fetched.path);
    assert_eq!(fetched.used.address, "hf:o/n");
    assert_eq!(fetched.used.commit.as_deref(), Some(COMMIT));
    assert_eq!(fetched.used.fetched_bytes, 600_002);
    assert_eq!(sent(&hub).len(), 3);
    assert!(hub.state.lock().unwrap().leaked.is_empty());
    for file in stored_files(folder.path()) {
        assert!(std::fs::metadata(file).unwrap().permissions().readonly());
    }

    let again = fetch(&hub, folder.path(), "hf:o/n@main").await.unwrap();
    assert_eq!((again.path, again.used.fetched_bytes), (fetched.path, 0));
    assert_eq!(sent(&hub), []);
}

#[tokio::test]
async fn a_commit_is_known_without_the_hub() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let address = format!("hf:o/n@{COMMIT}");
    fetch(&hub, folder.path(), &address).await.unwrap();
    hub.state.lock().unwrap().asked.clear();
    assert_whole(&fetch(&hub, folder.path(), &address).await.unwrap().path);
    assert!(hub.state.lock().unwrap().asked.is_empty());
}

#[tokio::test]
async fn a_broken_fetch_goes_on_where_it_ended() {
    let hub = ScriptedHub::start(&[("m.bin", files()[1].1.clone())]).await;
    hub.state.lock().unwrap().break_after = vec![100_000, 50_000];
    let folder = tempfile::tempdir().unwrap();
    let fetched = fetch(&hub, folder.path(), "hf:o/n").await.unwrap();
    assert!(std::fs::read(fetched.path.join("m.bin")).unwrap() == files()[1].1);
    assert_eq!(
        sent(&hub),
        [("m.bin".to_owned(), 0), ("m.bin".to_owned(), 100_000), ("m.bin".to_owned(), 150_000)]
    );
    assert_eq!(fetched.used.fetched_bytes, 300_000);
}

#[tokio::test]
async fn what_one_runner_began_another_ends() {
    let hub = ScriptedHub::start(&[("m.bin", files()[1].1.clone())]).await;
    hub.state.lock().unwrap().break_after = vec![100_000, 0, 0, 0, 0];
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(&hub, folder.path(), "hf:o/n").await.unwrap_err();
    assert!(error.may_pass() && error.to_string().contains("what was fetched is kept"), "{error}");
    hub.state.lock().unwrap().break_after.clear();
    sent(&hub);
    let fetched = fetch(&hub, folder.path(), "hf:o/n").await.unwrap();
    assert_eq!(sent(&hub), [("m.bin".to_owned(), 100_000)]);
    assert_eq!(fetched.used.fetched_bytes, 200_000);
    assert!(std::fs::read(fetched.path.join("m.bin")).unwrap() == files()[1].1);
}

#[tokio::test]
async fn a_server_that_cannot_begin_in_the_middle_begins_anew() {
    let hub = ScriptedHub::start(&files()).await;
    {
        let mut state = hub.state.lock().unwrap();
        (state.break_after, state.ignores_ranges) = (vec![1, 1, 1], true);
    }
    let folder = tempfile::tempdir().unwrap();
    assert_whole(&fetch(&hub, folder.path(), "hf:o/n").await.unwrap().path);
}

#[tokio::test]
async fn altered_bytes_are_fetched_anew_and_refused_the_second_time() {
    let hub = ScriptedHub::start(&[("m.bin", files()[1].1.clone())]).await;
    let folder = tempfile::tempdir().unwrap();
    hub.state.lock().unwrap().alter = 2;
    let error = fetch(&hub, folder.path(), "hf:o/n").await.unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("m.bin of o/n@main of http://127.0.0.1"), "{told}");
    assert!(told.contains("does not have the checksum that is listed") && !error.may_pass(), "{told}");
    assert!(stored_files(folder.path()).is_empty());

    hub.state.lock().unwrap().alter = 1;
    let fetched = fetch(&hub, folder.path(), "hf:o/n").await.unwrap();
    assert!(std::fs::read(fetched.path.join("m.bin")).unwrap() == files()[1].1);
}

#[tokio::test]
async fn a_file_that_was_changed_since_is_fetched_anew_and_one_that_was_only_touched_is_not() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let fetched = fetch(&hub, folder.path(), "hf:o/n").await.unwrap();
    sent(&hub);
    for (name, change) in [("config.json", false), ("model-1.safetensors", true)] {
        let file = std::fs::canonicalize(fetched.path.join(name)).unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        if change {
            bytes[7] ^= 1;
        }
        // As an editor does it that minds no permissions.
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, bytes).unwrap();
    }
    assert_whole(&fetch(&hub, folder.path(), "hf:o/n").await.unwrap().path);
    assert_eq!(sent(&hub), [("model-1.safetensors".to_owned(), 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn runners_of_one_machine_fetch_once() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let runners = (0..4).map(|_| fetch(&hub, folder.path(), "hf:o/n"));
    let fetched = futures::future::join_all(runners).await;
    let bytes: u64 = fetched.iter().map(|fetched| fetched.as_ref().unwrap().used.fetched_bytes).sum();
    assert_eq!(bytes, 600_002);
    assert_eq!(sent(&hub).len(), 3);
    assert_whole(&fetched[3].as_ref().unwrap().path);
}

#[tokio::test]
async fn a_fetch_can_be_ended() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let fetcher = WeightsFetcher::new(cache(folder.path()), hub.hub());
    assert!(matches!(fetcher.fetch("hf:o/n", &cancel).await, Err(FetchError::Cancelled)));
}

#[tokio::test]
async fn what_the_hub_refuses_is_told_with_its_mend() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    for (status, part, may_pass) in [
        (403, "accept its licence there, and set HF_TOKEN", false),
        (404, "correct the name or the revision in `artifacts`", false),
        (429, "cannot be reached (HTTP 429)", true),
        (503, "cannot be reached (HTTP 503)", true),
        (418, "check HF_ENDPOINT", false),
    ] {
        hub.state.lock().unwrap().status = Some(status);
        let error = fetch(&hub, folder.path(), "hf:o/n").await.unwrap_err();
        assert!(error.to_string().contains(part) && error.may_pass() == may_pass, "{status}: {error}");
        assert!(!error.to_string().contains("hf_secret"));
    }
}

#[tokio::test]
async fn one_file_is_the_model_and_the_rest_stays_where_it_is() {
    let parts = [
        ("m-00001-of-00002.gguf", vec![1; 2000]),
        ("m-00002-of-00002.gguf", vec![2; 2000]),
        ("o.gguf", vec![3]),
    ];
    let hub = ScriptedHub::start(&parts).await;
    let folder = tempfile::tempdir().unwrap();
    let fetched = fetch(&hub, folder.path(), "hf:o/n@main/m-00001-of-00002.gguf").await.unwrap();
    assert!(fetched.path.ends_with("m-00001-of-00002.gguf") && fetched.path.is_file());
    assert_eq!(fetched.used.fetched_bytes, 4000);
    let error = fetch(&hub, folder.path(), "hf:o/n@main/p.gguf").await.unwrap_err().to_string();
    assert!(error.contains("has no file p.gguf"), "{error}");
}

#[tokio::test]
async fn an_address_of_the_engines_own_is_left_to_it() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let fetcher = WeightsFetcher::new(cache(folder.path()), hub.hub());
    for address in ["o/n", "/models/n", "n.gguf"] {
        assert_eq!(fetcher.fetch(address, &CancellationToken::new()).await.unwrap(), None);
    }
}

/// A launch of vLLM, played by a script, that repeats what it was told to load and ends.
fn launch(program: &Path) -> LaunchPlan {
    let script = "#!/bin/sh\necho \"it loads $2\"; exit 3\n";
    std::fs::write(program, script).unwrap();
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    LaunchPlan {
        launch: Launch {
            model: ModelVersion { model: "tiny".parse().unwrap(), quantisation: Quantisation::Fp16 },
            hardware: "cpu".parse().unwrap(),
            framework: Framework { engine: Engine::Vllm, version: None, args: vec![] },
        },
        endpoint: Endpoint::Launch {
            program: Some(program.to_str().unwrap().to_owned()),
            env: [].into(),
            start_timeout_s: 30.0,
        },
        architecture: fixtures::architecture(1024),
        weights: Some("hf:o/n".to_owned()),
        rent: None,
        context_tokens: 1024,
        max_concurrency: 1,
        trials: vec![],
    }
}

#[tokio::test]
async fn an_engine_loads_what_was_fetched_and_is_not_started_without_it() {
    let hub = ScriptedHub::start(&files()).await;
    let folder = tempfile::tempdir().unwrap();
    let launcher = Launcher {
        guard: PathBuf::from(env!("CARGO_BIN_EXE_batch-runner")),
        program_dir: PathBuf::new(),
        slot_locks: vec![],
        gpus: vec![],
        engine_log: None,
        given_gpus: None,
        weights: WeightsFetcher::new(cache(folder.path()), hub.hub()),
    };
    let plan = launch(&folder.path().join("vllm"));
    let start = async || {
        launcher.start(&plan, free_ports().await.unwrap(), &CancellationToken::new()).await.unwrap_err()
    };
    let told = start().await.to_string();
    let models = folder.path().join("models");
    assert!(told.contains(&format!("it loads {}", models.display())), "{told}");

    hub.state.lock().unwrap().status = Some(503);
    let error = start().await;
    assert!(error.may_pass() && error.to_string().starts_with("no weights: o/n@main of"), "{error}");
    hub.state.lock().unwrap().status = Some(403);
    assert!(!start().await.may_pass());
}
