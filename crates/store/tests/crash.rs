//! SIGKILL in the middle of a write: what was acknowledged is there, and nothing by halves.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use domain::CampaignId;
use store::directory::DirectoryObjects;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{BatchState, Claim, Ledger, ObjectKey, Objects, ResultStore};
use testkit::fixtures::{at, batch_record, campaign_record, result};

/// The folder that a writer writes to.
const FOLDER: &str = "ASSAY_TEST_CRASH_FOLDER";

/// Acknowledgements before a writer is killed: each time in the middle of something else.
const KILLED_AFTER: [usize; 4] = [1, 2, 5, 13];

/// Results of one write.
const TOGETHER: u32 = 40;

const OBJECT: usize = 1 << 20;

/// Starts a test of this file as a process of its own, kills it after so many lines that it wrote by itself, and returns
/// all of those.
fn killed(writer: &str, folder: &Path, after: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", writer, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    while told.len() < after {
        let line = lines.next().expect("the writer goes on until it is killed").unwrap();
        told.extend(line.strip_prefix("stored ").map(str::to_owned));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had told before it died counts too. The last line may be cut off.
    told.extend(
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("stored ").map(str::to_owned)),
    );
    told
}

/// The folder of a writer; none when the tests of this file are run as such.
fn writers_folder() -> Option<std::path::PathBuf> {
    std::env::var_os(FOLDER).map(Into::into)
}

#[tokio::test]
#[ignore = "is started and killed by another test"]
async fn writes_results() {
    let Some(folder) = writers_folder() else { return };
    let store = SqliteResults::open(folder.join("results.db")).await.unwrap();
    for round in store.revision().await.unwrap() / u64::from(TOGETHER).. {
        let results: Vec<_> =
            (1..=TOGETHER).map(|trial| result(&format!("crash-{round}"), 1).trial(trial).build()).collect();
        store.insert(&results).await.unwrap();
        println!("stored {round}");
    }
}

#[tokio::test]
async fn results_are_stored_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    for after in KILLED_AFTER {
        told.extend(killed("writes_results", folder.path(), after));
        let store = SqliteResults::open(folder.path().join("results.db")).await.unwrap();
        for round in &told {
            let campaign: CampaignId = format!("crash-{round}").parse().unwrap();
            assert_eq!(store.run_ids(&campaign).await.unwrap().len(), TOGETHER as usize, "{campaign}");
            assert_eq!(store.of_campaign(&campaign).await.unwrap().len(), TOGETHER as usize, "{campaign}");
        }
        let stored = store.revision().await.unwrap();
        assert_eq!(stored % u64::from(TOGETHER), 0, "half a write");
        // One may have been stored whose acknowledgement was not told any more, each time.
        assert!(stored >= told.len() as u64 * u64::from(TOGETHER), "{stored} of {}", told.len());
        let pool =
            sqlx::SqlitePool::connect(&format!("sqlite:{}", folder.path().join("results.db").display()))
                .await
                .unwrap();
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await.unwrap();
        assert_eq!(sound, "ok");
        pool.close().await;
    }
}

#[tokio::test]
#[ignore = "is started and killed by another test"]
async fn claims_batches() {
    let Some(folder) = writers_folder() else { return };
    let ledger = SqliteLedger::open(folder.join("ledger.db")).await.unwrap();
    let campaign: CampaignId = "crash".parse().unwrap();
    for batch in ledger.batches(&campaign).await.unwrap() {
        if batch.attempt == 0 {
            let claim =
                ledger.claim(&batch.id, "writer", at(0), chrono::TimeDelta::seconds(5)).await.unwrap();
            assert_eq!(claim, Claim::Granted { attempt: 1 });
            ledger.set_batch_state(&batch.id, BatchState::Submitted, None).await.unwrap();
            println!("stored {}", batch.id);
        }
    }
    // Until we are killed.
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn claims_that_were_granted_stay_granted() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap();
    let record = campaign_record("crash");
    ledger.create_campaign(&record).await.unwrap();
    ledger
        .add_batches(&(0..2_000).map(|index| batch_record(&record.id, index)).collect::<Vec<_>>())
        .await
        .unwrap();
    for after in KILLED_AFTER {
        for id in killed("claims_batches", folder.path(), after) {
            let batch = ledger.batch(&id.parse().unwrap()).await.unwrap().unwrap();
            assert_eq!((batch.attempt, batch.state), (1, BatchState::Submitted), "{id}");
            let late = ledger.claim(&batch.id, "other", at(1), chrono::TimeDelta::seconds(5)).await.unwrap();
            assert!(matches!(late, Claim::Held { .. }), "{late:?}");
        }
    }
}

#[tokio::test]
#[ignore = "is started and killed by another test"]
async fn writes_objects() {
    let Some(folder) = writers_folder() else { return };
    let objects = DirectoryObjects::open(&folder.join("objects")).unwrap();
    for round in 0_u8.. {
        objects.put(&ObjectKey::rankings(), &vec![round; OBJECT]).await.unwrap();
        println!("stored {round}");
    }
}

#[tokio::test]
async fn an_object_is_the_old_one_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    for after in KILLED_AFTER {
        let told = killed("writes_objects", folder.path(), after);
        let last: u8 = told.last().unwrap().parse().unwrap();
        let objects = DirectoryObjects::open(&folder.path().join("objects")).unwrap();
        let object = objects.get(&ObjectKey::rankings()).await.unwrap().unwrap();
        assert!(object.len() == OBJECT && object.iter().all(|byte| *byte == object[0]), "half an object");
        assert!(object[0] == last || object[0] == last + 1, "{} after {last}", object[0]);
    }
}
