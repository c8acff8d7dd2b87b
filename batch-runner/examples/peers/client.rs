//! The **clients** that are compared: how each is found, started, and which of the engine's requests it measured.

use std::collections::HashMap;
use std::fs::File;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::json;
use testkit::paced_engine::StreamTruth;

use crate::report;
use crate::truth::Latencies;

/// Tokens of a prompt.
const INPUT_TOKENS: u32 = 32;
/// Seed of our prompts, which is part of our requests' ids.
const SEED: u32 = 1;

/// A load generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Client {
    Ours,
    Bare,
    Vllm,
    AiPerf,
    InferencePerf,
    GuideLlm,
}

/// What a client is to do.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub url: &'a str,
    pub streams: NonZeroU32,
    pub rounds: NonZeroU32,
    pub tokens: NonZeroU32,
    pub tokenizer: &'a Path,
    /// Where its files go: an empty folder.
    pub folder: &'a Path,
}

impl Run<'_> {
    fn requests(&self) -> u32 {
        self.streams.get().saturating_mul(self.rounds.get())
    }
}

impl Client {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ours, Self::Bare, Self::Vllm, Self::AiPerf, Self::InferencePerf, Self::GuideLlm];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "batch-runner",
            Self::Bare => "bare hyper reader",
            Self::Vllm => "vllm bench serve",
            Self::AiPerf => "aiperf",
            Self::InferencePerf => "inference-perf",
            Self::GuideLlm => "guidellm",
        }
    }

    /// The program and the variable that may say where it is. None for what comes with this project.
    const fn peer(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Ours | Self::Bare => None,
            Self::Vllm => Some(("vllm", "ASSAY_BENCH_VLLM")),
            Self::AiPerf => Some(("aiperf", "ASSAY_BENCH_AIPERF")),
            Self::InferencePerf => Some(("inference-perf", "ASSAY_BENCH_INFERENCE_PERF")),
            Self::GuideLlm => Some(("guidellm", "ASSAY_BENCH_GUIDELLM")),
        }
    }

    /// Where its program is. None when it is not installed.
    pub(crate) fn find(self, ours: &Path) -> Option<PathBuf> {
        let Some((program, variable)) = self.peer() else {
            return if self == Self::Ours { Some(ours.to_owned()) } else { std::env::current_exe().ok() };
        };
        if let Some(named) = std::env::var_os(variable) {
            return Some(named.into());
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
    }

    /// The version of a peer: that of the Python package whose interpreter its program names.
    pub(crate) fn version(self, program: &Path) -> Option<String> {
        let (package, _) = self.peer()?;
        let script = std::fs::read_to_string(program).ok()?;
        let python = script.lines().next()?.strip_prefix("#!")?.trim();
        let ask = format!("from importlib.metadata import version; print(version('{package}'))");
        let told =
            Command::new(python).arg("-c").arg(ask).output().ok().filter(|told| told.status.success())?;
        Some(String::from_utf8(told.stdout).ok()?.trim().to_owned())
    }

    /// Whether requests for warm-up come before those that it reports.
    pub(crate) const fn warms_up(self) -> bool {
        matches!(self, Self::Ours | Self::Bare | Self::Vllm | Self::AiPerf)
    }

    /// Its command. What it prints goes to the file `log`.
    pub(crate) fn command(self, program: &Path, run: &Run<'_>) -> anyhow::Result<Command> {
        let mut command = Command::new(program);
        let (n, input, output) =
            (run.requests().to_string(), INPUT_TOKENS.to_string(), run.tokens.to_string());
        let streams = run.streams.to_string();
        let folder = run.folder.display();
        let target = ["--url", run.url, "--model", "simulated"];
        match self {
            Self::Ours => command
                .arg("bench")
                .args(target)
                .args(["--concurrency", &streams, "--requests", &n, "--warm-up", &streams])
                .args(["--input-tokens", &input, "--output-tokens", &output, "--seed", &SEED.to_string()])
                .args([
                    "--output",
                    &format!("{folder}/result.json"),
                    "--output",
                    &format!("{folder}/rows.csv"),
                ]),
            Self::Bare => command
                .args(["bare", "--url", run.url, "--streams", &streams, "--rounds", &run.rounds.to_string()])
                .args(["--tokens", &output, "--output", &format!("{folder}/result.json")]),
            Self::Vllm => command
                .args(["bench", "serve", "--backend", "openai-chat", "--endpoint", "/v1/chat/completions"])
                .args(["--base-url", run.url, "--model", "simulated", "--dataset-name", "random"])
                .arg("--tokenizer")
                .arg(run.tokenizer)
                .args(["--random-input-len", &input, "--random-output-len", &output, "--ignore-eos"])
                .args(["--num-prompts", &n, "--num-warmups", &streams, "--max-concurrency", &streams])
                .args(["--percentile-metrics", "ttft,tpot,itl", "--metric-percentiles", "50,99"])
                .args(["--disable-tqdm", "--save-result", "--result-filename", "result.json", "--result-dir"])
                .arg(run.folder)
                .env("HF_HUB_OFFLINE", "1"),
            Self::AiPerf => command
                .arg("profile")
                .args(target)
                .args([
                    "--endpoint-type",
                    "chat",
                    "--streaming",
                    "--ui",
                    "simple",
                    "--export-level",
                    "summary",
                ])
                .args(["--concurrency", &streams, "--request-count", &n, "--warmup-request-count", &streams])
                .args(["--isl", &input, "--osl", &output, "--extra-inputs", "ignore_eos:true"])
                .args(["--no-gpu-telemetry", "--no-server-metrics", "--tokenizer"])
                .arg(run.tokenizer)
                .arg("--artifact-dir")
                .arg(run.folder),
            Self::InferencePerf => {
                let config = run.folder.join("config.yaml");
                std::fs::write(&config, inference_perf(run).to_string())?;
                command.arg("--config_file").arg(config).env("HF_HUB_OFFLINE", "1")
            }
            Self::GuideLlm => command
                .args(["run", "--disable-console", "--backend"])
                .arg(format!("kind=openai_http,target={},model=simulated", run.url))
                .args(["--profile", &format!("kind=concurrent,streams={streams}")])
                .args(["--constraint", &format!("kind=max_requests,count={n}")])
                .args(["--tokenizer", &format!("kind=hf_auto,model={}", run.tokenizer.display())])
                .args([
                    "--data",
                    &format!("kind=synthetic_text,prompt_tokens={input},output_tokens={output}"),
                ])
                .args(["--output", &format!("kind=json,path={folder}/result.json")])
                .env("HF_HUB_OFFLINE", "1"),
        };
        let log = File::create(run.folder.join("log")).context("cannot write the client's log")?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    /// What it reported.
    pub(crate) fn read(self, run: &Run<'_>) -> anyhow::Result<Latencies> {
        match self {
            Self::Ours => report::ours(run.folder),
            Self::Bare => report::bare(run.folder),
            Self::Vllm => report::vllm(run.folder),
            Self::AiPerf => report::aiperf(run.folder),
            Self::InferencePerf => report::inference_perf(run.folder),
            Self::GuideLlm => report::guidellm(run.folder),
        }
    }

    /// Of the requests that the engine answered, those that the report is about: ours by their ids, a peer's
    /// the last ones, since requests for warm-up came before.
    pub(crate) fn measured<'a>(
        self,
        requests: &'a [StreamTruth],
        run: &Run<'_>,
    ) -> anyhow::Result<Vec<&'a StreamTruth>> {
        if self == Self::Ours {
            let known: HashMap<&str, &StreamTruth> =
                requests.iter().filter_map(|r| Some((r.request_id.as_deref()?, r))).collect();
            let measured = report::our_requests(run.folder)?;
            return measured
                .into_iter()
                .map(|index| known.get(format!("assay-{SEED}-{index}").as_str()).copied())
                .collect::<Option<_>>()
                .context("the engine does not know a request that was reported");
        }
        let tokens = run.tokens.get() as usize;
        let mut complete: Vec<&StreamTruth> = requests.iter().filter(|r| r.writes.len() == tokens).collect();
        complete.sort_unstable_by_key(|r| r.received);
        let asked = run.requests() as usize;
        anyhow::ensure!(complete.len() >= asked, "{} of {asked} requests were answered", complete.len());
        Ok(complete.split_off(complete.len() - asked))
    }
}

/// Its configuration; JSON is YAML. Its chat API has no synthetic prompts, so it asks for completions.
fn inference_perf(run: &Run<'_>) -> serde_json::Value {
    let fixed = |tokens: u32| json!({"min": tokens, "max": tokens, "mean": tokens, "std_dev": 0, "total_count": run.requests()});
    json!({
        "api": {"type": "completion", "streaming": true},
        "data": {
            "type": "random",
            "input_distribution": fixed(INPUT_TOKENS),
            "output_distribution": fixed(run.tokens.get()),
        },
        "load": {
            "type": "concurrent",
            "num_workers": 1,
            "worker_max_concurrency": run.streams,
            "stages": [{"num_requests": run.requests(), "concurrency_level": run.streams}],
        },
        "server": {"type": "vllm", "model_name": "simulated", "base_url": run.url, "ignore_eos": true},
        "tokenizer": {"pretrained_model_name_or_path": run.tokenizer},
        "report": {"request_lifecycle": {"summary": true, "per_stage": false, "per_request": false,
            "percentiles": [50, 99]}},
        "storage": {"local_storage": {"path": run.folder}},
    })
}
