//! The API **held against its own document**: the document is a valid one, and whatever a generator of requests (schemathesis)
//! sends is answered with a status, a media type and a shape that the document has, and never with an error of ours.

use std::path::PathBuf;
use std::process::Command;

use domain::Provenance;
use store::ResultStore;
use store::sqlite::SqliteResults;
use testkit::fixtures::{at, result};

use crate::bench::{Bench, until};

/// Seconds that requests are generated for.
const LASTS_S: &str = "30";

/// A program of the Python environment that `scripts/install-deps.sh test` makes.
fn tool(name: &str) -> Command {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let program = cache.unwrap_or_default().join("assay/api-tests/bin").join(name);
    assert!(program.exists(), "{} is missing; install it with: make deps-test", program.display());
    Command::new(program)
}

fn assert_good(command: &mut Command) {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
}

#[test]
fn the_document_is_valid_and_every_answer_is_as_it_says() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.data()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let simulated = |load| result("described", load).provenance(Provenance::Simulated).build();
        let measured = |load| result("described", load).measured_at(at(60)).build();
        let results: Vec<_> = (1..=3).map(measured).chain((1..=3).map(simulated)).collect();
        SqliteResults::open(bench.data().join("results.db")).await.unwrap().insert(&results).await.unwrap();
    });
    let process = bench.start(&["up", "--listen", "127.0.0.1:0"]);
    let url = until("the API says where it listens", || {
        let told = process.stderr();
        Some(format!("http://{}", told.split_once("serving on http://")?.1.split_once(';')?.0))
    });
    let document = bench.path("openapi.json");
    let told = ureq::get(format!("{url}/openapi.json")).call().unwrap().body_mut().read_to_vec().unwrap();
    std::fs::write(&document, told).unwrap();
    assert_good(tool("openapi-spec-validator").args(["--validation-errors", "all"]).arg(&document));
    assert_good(
        tool("schemathesis")
            .current_dir(bench.data())
            .args([
                "run",
                "--seed",
                "1981",
                "--max-examples",
                "10",
                "--max-time",
                LASTS_S,
                "--continue-on-failure",
            ])
            .args([
                "--phases",
                "examples,coverage,fuzzing",
                "--suppress-health-check",
                "all",
                "--warnings",
                "off",
            ])
            // What is well-formed may still be refused, as a campaign that does not exist or a bound that nothing meets.
            .args(["--exclude-checks", "positive_data_acceptance"])
            // The one has no end, the other begins campaigns.
            .args(["--exclude-operation-id", "followCampaign", "--exclude-operation-id", "createCampaign"])
            .arg(format!("{url}/openapi.json")),
    );
    process.signal(rustix::process::Signal::INT);
    process.end().assert_code(0);
}
