//! What becomes of files with results, over a real store.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use chrono::Duration;
use domain::{BenchmarkResult, Provenance};
use ingest_results::{Context, Ingested, MAX_BYTES, Note, Stated, ingest, uploaded};
use serde_json::{Value, json};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteResults;
use store::{ObjectKey, ResultStore};
use testkit::fixtures::{at, result};

struct Scene {
    _folder: tempfile::TempDir,
    store: Arc<SqliteResults>,
    context: Context,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteResults::open(folder.path().join("results.db")).await.unwrap());
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let context = Context { results: store.clone(), objects };
        Self { _folder: folder, store, context }
    }

    async fn ingest(&self, file: &str) -> Result<Ingested, String> {
        let now = at(0) + Duration::days(3650);
        let report = ingest(self.store.as_ref(), None, file.as_bytes(), &Stated::default(), now).await;
        report.map(|report| (&report).into()).map_err(|e| e.to_string())
    }

    async fn stored(&self) -> Vec<BenchmarkResult> {
        self.store.latest().await.unwrap()
    }
}

/// Two results, of which one is simulated.
fn two() -> Vec<BenchmarkResult> {
    vec![result("elsewhere", 1).build(), result("elsewhere", 2).provenance(Provenance::Simulated).build()]
}

#[tokio::test]
async fn what_was_measured_elsewhere_is_imported_once_and_what_is_simulated_stays_so() {
    let array = serde_json::to_string_pretty(&two()).unwrap();
    let lines: String = two().iter().map(|r| serde_json::to_string(r).unwrap() + "\n\n").collect();
    let report = json!({"campaign": {}, "results": two(), "failures": []}).to_string();
    for file in [array, lines, report] {
        let scene = Scene::new().await;
        assert_eq!(scene.ingest(&file).await, Ok(Ingested { results: 2, new: 2 }));
        assert_eq!(scene.ingest(&file).await, Ok(Ingested { results: 2, new: 0 }));
        let mut provenances: Vec<_> = scene.stored().await.iter().map(|r| r.provenance).collect();
        provenances.sort_unstable();
        assert_eq!(provenances, [Provenance::Imported, Provenance::Simulated]);
    }
    let scene = Scene::new().await;
    assert_eq!(
        scene.ingest(&serde_json::to_string(&two()[0]).unwrap()).await,
        Ok(Ingested { results: 1, new: 1 })
    );
    // The store's own results stay measured when they come back.
    let scene = Scene::new().await;
    scene.store.insert(&two()[..1]).await.unwrap();
    scene.ingest(&serde_json::to_string(&two()).unwrap()).await.unwrap();
    assert!(scene.stored().await.iter().any(|r| r.provenance == Provenance::Measured));
}

#[tokio::test]
async fn a_bad_file_is_refused_whole_with_the_line_and_the_field() {
    let scene = Scene::new().await;
    let good = serde_json::to_value(two()).unwrap();
    let with = |path: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        serde_json::to_string_pretty(&bad).unwrap()
    };
    let line = serde_json::to_string(&good[0]).unwrap();
    let second_line = format!("{line}\n{}\n", line.replace("\"attempt\":1", "\"attempt\":\"one\""));
    for (file, told) in [
        (String::new(), "`file` is empty"),
        ("[]".to_owned(), "`file` holds no results"),
        ("{\"endpoint_type\": \"openai\"}".to_owned(), "`file` holds no results that are known here"),
        ("[1".to_owned(), "line 1: "),
        (format!("[{line}] x"), "line 1: `file` cannot be read: trailing characters"),
        (with("/1/attempt", json!("one")), "`[1].attempt` cannot be read: invalid type: string \"one\""),
        (second_line, "line 2: `attempt` cannot be read"),
        (with("/1/schema_version", json!(9)), "`[1].schema_version` is 9, and this program reads 1"),
        (with("/0/provenance", json!("forecast")), "`[0].provenance` is forecast"),
        (with("/0/provenance", json!("guessed")), "`[0].provenance` cannot be read"),
        (with("/0/config_id", json!("0123456789abcdef")), "`[0].config_id` is 0123456789abcdef, and"),
        (with("/0/configuration/workload/load/concurrency", json!(7)), "`[0].config_id` is "),
        (with("/1/trial", json!(3)), "`[1].run_id` is "),
        (
            with("/0/measured_at", json!("2126-01-01T00:00:00Z")),
            "`[0].measured_at` is 2126-01-01 00:00:00 UTC, which",
        ),
        (with("/0/metrics/output_tps", json!(-1.0)), "`[0].metrics.output_tps` cannot be"),
        (with("/0/metrics/ttft/p99", json!(0.1)), "`[0].metrics.ttft` cannot be"),
        (with("/0/metrics/ttft/mean", json!(1e9)), "`[0].metrics.ttft` cannot be"),
        (with("/0/metrics/e2e/count", json!(0)), "`[0].metrics.e2e` cannot be"),
        (with("/0/metrics/e2e", json!(null)), "`[0].metrics.e2e` is missing"),
        (with("/0/metrics/rps", json!(null)), "`[0].metrics.rps` cannot be read"),
    ] {
        let refused = scene.ingest(&file).await.unwrap_err();
        assert!(refused.contains(told), "{refused}\nand not\n{told}");
    }
    let error = ingest(scene.store.as_ref(), None, &[0xff], &Stated::default(), at(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("UTF-8")), ("BadFile", true));
    assert!(scene.stored().await.is_empty());
}

#[tokio::test]
async fn what_became_of_an_upload_is_noted_beside_it() {
    let scene = Scene::new().await;
    let (_, key) = ObjectKey::uploaded("imports/a.json").unwrap();
    let objects = &scene.context.objects;
    assert_eq!(uploaded(&scene.context, &key, 2, at(0)).await.unwrap(), None, "it was taken away");
    let note = uploaded(&scene.context, &key, MAX_BYTES + 1, at(0)).await.unwrap();
    assert!(matches!(&note, Some(Note::Refused { reason, .. }) if reason.contains("split it")), "{note:?}");
    objects.put(&key, b"{").await.unwrap();
    let note = uploaded(&scene.context, &key, 1, at(0)).await.unwrap();
    assert!(
        matches!(&note, Some(Note::Refused { reason, .. }) if reason.starts_with("line 1: ")),
        "{note:?}"
    );
    objects.put(&key, &serde_json::to_vec(&two()).unwrap()).await.unwrap();
    let note = uploaded(&scene.context, &key, 1, at(0) + Duration::days(3650)).await.unwrap();
    let noted: Note = serde_json::from_slice(&objects.get(&key.note()).await.unwrap().unwrap()).unwrap();
    assert_eq!(Some(&noted), note.as_ref());
    let Note::Stored { ingested, .. } = noted else { panic!("{noted:?}") };
    assert_eq!(ingested, Ingested { results: 2, new: 2 });
}

#[tokio::test]
async fn the_folders_of_an_upload_state_what_a_file_of_another_tool_does_not_say() {
    let scene = Scene::new().await;
    let file = json!({
        "model_id": "meta-llama/Llama-3.1-8B-Instruct", "date": "20260101-000000", "completed": 100, "duration": 16.5,
        "max_concurrency": 8, "request_rate": "inf", "total_input_tokens": 51200, "total_output_tokens": 12800,
        "request_throughput": 6.06, "output_throughput": 775.7, "total_token_throughput": 3878.8,
        "mean_tpot_ms": 10.0, "mean_ttft_ms": 50.0,
    });
    let now = at(0) + Duration::days(3650);
    let upload = async |key: &str| {
        let (_, key) = ObjectKey::uploaded(key).unwrap();
        scene.context.objects.put(&key, file.to_string().as_bytes()).await.unwrap();
        uploaded(&scene.context, &key, 1, now).await.unwrap().unwrap()
    };
    let Note::Asked { asks, .. } = upload("imports/a.json").await else { panic!("it is not asked") };
    let fields: Vec<&str> = asks.iter().map(|ask| ask.field.as_str()).collect();
    assert_eq!(fields, ["engine", "hardware", "use_case"]);
    let Note::Refused { reason, .. } = upload("imports/gpu=h100/a.json").await else { panic!("it is taken") };
    assert!(reason.contains("unknown field `gpu`"), "{reason}");
    assert!(scene.stored().await.is_empty());
    let told = "imports/hardware=h100x1/engine=vllm/use_case=chatbot/input_tokens=512/a.json";
    let Note::Stored { ingested, .. } = upload(told).await else { panic!("it is refused") };
    assert_eq!(ingested, Ingested { results: 1, new: 1 });
}
