//! Files that were overwritten: told with the file and the mend, and what is whole stays readable.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::{Bench, field};

/// Overwrites a database, its logs too.
fn ruin(database: &Path) {
    for extra in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{extra}", database.display()));
    }
    fs::write(database, "no database. ".repeat(1000)).unwrap();
}

/// The objects of a campaign whose name in their folder is this.
fn find(folder: &Path, matches: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(find(&path, matches));
        } else if matches(&path) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_damaged_ledger_costs_no_result() {
    let bench = Bench::new();
    let spec = bench.spec("tiny", &[]);
    let results = bench.run(&spec).assert_code(0).results();
    let ledger = bench.data().join("ledger.db");
    ruin(&ledger);
    let told: &[&str] = &["ledger.db", "is damaged", "move it away and run the same command again"];
    bench.run(&spec).assert_error(1, told);
    bench.assay(&["campaign", "list"]).assert_error(1, told);
    assert_eq!(bench.assay(&["results", "--json"]).assert_code(0).results(), results);

    fs::rename(&ledger, bench.path("damaged.db")).unwrap();
    let mended = bench.run(&spec);
    assert_eq!(mended.assert_code(0).results(), results, "nothing was measured again");
    let status = bench.assay(&["campaign", "show", "--json", &bench.only_campaign()]).json();
    assert_eq!(status["stored"], 2, "the checkpoints were made up for");
}

#[test]
fn damaged_results_are_told_and_not_written_over() {
    let bench = Bench::new();
    let spec = bench.spec("tiny", &[]);
    bench.run(&spec).assert_code(0);
    let database = bench.data().join("results.db");
    ruin(&database);
    let ruined = fs::read(&database).unwrap();
    for command in [
        &["results"][..],
        &["recommend", "--use-case", "chatbot"],
        &["run", spec.to_str().unwrap()],
        &["up", "--listen", "127.0.0.1:0"],
    ] {
        bench.assay(command).assert_error(1, &["results.db", "is damaged", "restore it from a backup"]);
    }
    assert_eq!(fs::read(&database).unwrap(), ruined);
    // The ledger is whole.
    bench.assay(&["campaign", "list"]).assert_code(0);
}

#[test]
fn a_damaged_plan_or_manifest_is_told_and_can_be_made_again() {
    for (object, contents) in [("plan", "{"), ("manifest", "{"), ("manifest", "{}"), ("spec", "")] {
        let bench = Bench::new();
        let before = bench.run(&bench.spec("before", &[])).assert_code(0).results();
        // Its engine is away, so that the campaign is planned, cut and unfinished.
        let away = "[{name: simulated, attach: \"http://127.0.0.1:1\"}]";
        let spec = bench.spec("damaged", &[("frameworks", away)]);
        bench.run(&spec).assert_error(1, &["http://127.0.0.1:1"]);
        let objects = find(&bench.data().join("objects"), &|path| {
            let path = path.strip_prefix(bench.data()).unwrap().to_string_lossy();
            path.contains("damaged")
                && (path.contains(object) || (object == "manifest" && path.contains(".b0")))
        });
        assert!(!objects.is_empty(), "no {object}");
        for path in &objects {
            fs::write(path, contents).unwrap();
        }
        let ended = bench.run(&spec);
        if object == "spec" {
            // The plan is what counts once it is made.
            ended.assert_error(1, &["http://127.0.0.1:1"]);
        } else {
            ended.assert_error(1, &[object, "damaged", "--again"]);
            assert!(
                bench.assay(&["run", "--again", spec.to_str().unwrap()]).stderr.contains("cannot be reached")
            );
        }
        let now = bench.assay(&["results", "--json"]).assert_code(0).results();
        assert_eq!(field(&now, "run_id"), field(&before, "run_id"));
        bench.until_all_gone();
    }
}
