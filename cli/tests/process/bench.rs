//! A **bench** is one test's place: a data folder, spec files and every process that was started for it.
//! Whatever is left of those is killed when the bench goes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::procfs::{self, Process};

/// Longest that anything may take. No test waits so long unless it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Names the bench in the environment of its processes.
const MARK: &str = "ASSAY_TEST_BENCH";

/// A simulated engine that answers in milliseconds.
pub const FAST: &str = r#"{name: simulated, args: ["--prefill-tokens-per-s=1000000", "--step-base-ms=1", "--step-per-seq-ms=0"]}"#;

pub struct Bench {
    folder: TempDir,
    data: PathBuf,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command that runs.
pub struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Self { folder, data }
    }

    /// A bench whose data is elsewhere, such as on another disk.
    pub fn with_data(data: PathBuf) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), data }
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A campaign of one model on the given axes, each as YAML.
    pub fn spec(&self, name: &str, axes: &[(&str, &str)]) -> PathBuf {
        let default = [
            ("models", "[llama-3.1-8b-instruct]".to_owned()),
            ("quantisations", "[fp16]".to_owned()),
            ("hardware", "[h100x1]".to_owned()),
            ("frameworks", format!("[{FAST}]")),
            ("workloads", workload("[1, 2]", 20)),
        ];
        let mut text = format!("name: {name}\n");
        for (axis, value) in default {
            let given = axes.iter().find(|(a, _)| *a == axis).map(|(_, v)| (*v).to_owned());
            text.push_str(&format!("{axis}: {}\n", given.unwrap_or(value)));
        }
        self.write(&format!("{name}.yaml"), &text)
    }

    /// Starts `assay` on the data folder.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.arg("--data").arg(&self.data).args(arguments);
        self.spawn(command)
    }

    /// Starts a program of ours.
    pub fn spawn(&self, mut command: Command) -> Running {
        let sink = || {
            let file = tempfile::Builder::new().prefix("output").tempfile_in(self.folder.path()).unwrap();
            file.keep().unwrap()
        };
        let ((out, stdout), (err, stderr)): ((File, _), (File, _)) = (sink(), sink());
        command.env(MARK, self.folder.path()).env_remove("ASSAY_STORE").env_remove("RUST_LOG");
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        Running { child, stdout, stderr }
    }

    /// Runs `assay` to its end.
    pub fn assay(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end()
    }

    /// `assay run` with JSON.
    pub fn run(&self, spec: &Path) -> Ended {
        self.assay(&["run", "--json", spec.to_str().unwrap()])
    }

    /// The only campaign, from `assay campaign list`.
    pub fn only_campaign(&self) -> String {
        let campaigns = self.assay(&["campaign", "list", "--json"]).json();
        assert_eq!(campaigns.as_array().unwrap().len(), 1, "{campaigns}");
        campaigns[0]["id"].as_str().unwrap().to_owned()
    }

    /// The processes that were started here and live.
    pub fn processes(&self) -> Vec<Process> {
        procfs::with_variable(&format!("{MARK}={}", self.folder.path().display()))
    }

    /// Waits until nothing that was started here lives.
    pub fn until_all_gone(&self) {
        until("every process is gone", || self.processes().is_empty().then_some(()));
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        for process in self.processes() {
            procfs::signal(process.pid, Signal::KILL);
        }
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The status, if it has ended.
    pub fn try_end(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        procfs::signal(self.pid(), signal);
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.try_end() {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                self.signal(Signal::KILL);
                panic!("it did not end:\n{}\n{}", self.stdout(), self.stderr());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Ended { code: status.code(), stdout: self.stdout(), stderr: self.stderr() }
    }
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    /// The results in the answer, by run id.
    pub fn results(&self) -> Vec<Value> {
        let mut results = self.json().as_array().unwrap().clone();
        results.sort_by_key(|r| r["run_id"].as_str().unwrap().to_owned());
        results
    }

    /// The one `error: ` line, which is the last line and names all of `parts`.
    pub fn assert_error(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        let errors: Vec<&str> = self.stderr.lines().filter(|l| l.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        assert_eq!(self.stderr.lines().last(), errors.first().copied(), "{}", self.stderr);
        for part in parts {
            assert!(errors[0].contains(part), "`{part}` is not in: {}", errors[0]);
        }
    }

    pub fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// One workload per concurrency, with short prompts and answers.
pub fn workload(concurrency: &str, requests: u32) -> String {
    format!(
        "[{{name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4, \
         concurrency: {concurrency}, requests: {requests}, warm_up: 1}}]"
    )
}

/// One field of every result, in order.
pub fn field(results: &[Value], name: &str) -> Vec<String> {
    let mut values: Vec<String> = results.iter().map(|r| r[name].as_str().unwrap().to_owned()).collect();
    values.sort();
    values
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A program beside `assay`. `cargo build --workspace --bins` puts it there, and so does testing the workspace.
pub fn sibling(program: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name(program);
    assert!(
        path.exists(),
        "{} is missing; run `cargo build --workspace --bins` before these tests",
        path.display()
    );
    path
}
