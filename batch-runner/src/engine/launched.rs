//! **Launched**: an engine that we start under our guard, watch, and end.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use domain::LaunchPlan;
use domain::framework::Endpoint;
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::identity::{ANSWER_LIMIT, Served, identify, served};
use super::launch_site::LaunchSite;
use super::launch_spec::LaunchSpec;
use super::log_tail::LogTail;
use super::server::{Death, Server, ServerFacts};
use super::{EngineError, gpus};
use crate::control::{Answer, ControlError, get};
use crate::guard::GRACE;
use crate::host_facts::Gpu;
use crate::transport::Address;
use crate::weights::WeightsFetcher;

/// How often a starting engine is asked whether it is up. The start is charged, so that it is short.
const POLL: Duration = Duration::from_millis(50);
/// Longest that one such question may take.
const PROBE_LIMIT: Duration = Duration::from_secs(2);
/// Longest wait for what a dead engine still has to tell: its status and its last lines.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Longest wait for the port of an engine that is gone.
const PORT_LIMIT: Duration = Duration::from_secs(5);

/// Starts engines.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The `batch-runner` program, which is the guard too.
    pub guard: PathBuf,
    /// Folder of our own programs, where the simulated engine is.
    pub program_dir: PathBuf,
    /// Lock files of our slots, so that two engines never share one.
    pub slot_locks: Vec<PathBuf>,
    /// GPUs of this machine.
    pub gpus: Vec<Gpu>,
    /// GPUs that we were given: the value of `CUDA_VISIBLE_DEVICES` in our own environment.
    pub given_gpus: Option<String>,
    /// File for what the running engine prints, so that it is known when we do not survive it.
    pub engine_log: Option<PathBuf>,
    /// How weights get here.
    pub weights: WeightsFetcher,
}

/// An engine of ours that is up. Dropping it ends the engine too, without waiting for it.
#[derive(Debug)]
pub struct Launched {
    child: Child,
    lifeline: Option<ChildStdin>,
    log: LogTail,
    followers: Vec<JoinHandle<()>>,
    program: String,
    port: u16,
    facts: ServerFacts,
}

/// Ports on 127.0.0.1 that nobody listens on, all different.
///
/// # Errors
/// When they cannot be had.
pub async fn free_ports<const N: usize>() -> Result<[u16; N], EngineError> {
    let failed =
        |e: std::io::Error| EngineError::System { what: "finding a free port", detail: e.to_string() };
    let mut ports = [0; N];
    // All are held until the last one is found.
    let mut listeners = Vec::with_capacity(N);
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        *port = listener.local_addr().map_err(failed)?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

impl Launcher {
    /// Fetches the weights of a launch, starts its engine on the first of these ports and waits until it serves its model.
    ///
    /// # Errors
    /// When it cannot be started, ends early, is not healthy in time, or `cancel` is cancelled. Nothing of it
    /// is left then.
    pub async fn start(
        &self,
        plan: &LaunchPlan,
        ports: [u16; 3],
        cancel: &CancellationToken,
    ) -> Result<Launched, EngineError> {
        let visible_gpus = gpus::choose(&plan.launch, self.given_gpus.as_deref(), &self.gpus)?;
        let begun = Instant::now();
        let fetched = match &plan.weights {
            Some(address) => self.weights.fetch(address, cancel).await?,
            None => None,
        };
        let on_disk = fetched.as_ref().map(|fetched| fetched.plan(plan));
        let plan = on_disk.as_ref().unwrap_or(plan);
        let [port, more_ports @ ..] = ports;
        let site = LaunchSite { port, more_ports, program_dir: self.program_dir.clone(), visible_gpus };
        let spec = LaunchSpec::of(plan, &site)?;
        let mut engine = self.spawn(&spec, port)?;
        let up = tokio::select! {
            up = engine.come_up(plan, &spec) => up,
            () = cancel.cancelled() => Err(EngineError::Cancelled),
        };
        match up {
            Ok(()) => {
                engine.facts.weights = fetched;
                engine.facts.start_s = begun.elapsed().as_secs_f64();
                Ok(engine)
            }
            Err(error) => {
                engine.end().await;
                Err(error)
            }
        }
    }

    fn spawn(&self, spec: &LaunchSpec, port: u16) -> Result<Launched, EngineError> {
        let mut command = Command::new(&self.guard);
        command.arg("guard");
        for lock in &self.slot_locks {
            command.arg("--lock").arg(lock);
        }
        command.arg("--").args(&spec.argv).envs(&spec.env);
        // A group of its own: a signal from the terminal goes to the runner, which then ends the engine.
        command.process_group(0);
        // It may hold a password, which is none of the engine's business.
        command.env_remove(store::open::STORE_VARIABLE);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|e| EngineError::System { what: "starting the guard", detail: e.to_string() })?;
        let log = LogTail::kept_in(self.engine_log.as_deref());
        let followers = [
            child.stdout.take().map(|out| tokio::spawn(log.clone().follow(out))),
            child.stderr.take().map(|err| tokio::spawn(log.clone().follow(err))),
        ];
        Ok(Launched {
            lifeline: child.stdin.take(),
            child,
            log,
            followers: followers.into_iter().flatten().collect(),
            program: spec.program_name(),
            port,
            facts: ServerFacts {
                address: Address::local(port),
                model: spec.served_model.clone(),
                engine: spec.engine,
                gpus: spec.gpus(),
                provenance: domain::Provenance::Measured,
                version: None,
                command: spec.argv.clone(),
                hardware_unverified: false,
                weights: None,
                start_s: 0.0,
                is_attached: false,
            },
        })
    }
}

impl Launched {
    /// Waits until the engine serves its model, and finds out what it is.
    async fn come_up(&mut self, plan: &LaunchPlan, spec: &LaunchSpec) -> Result<(), EngineError> {
        let limit = start_timeout(plan);
        let address = self.facts.address.clone();
        let served = tokio::select! {
            status = self.child.wait() => {
                let status = status.ok();
                return Err(self.ended_early(status).await);
            }
            served = until_served(&address, spec, Instant::now() + limit) => served,
        };
        let served = served.map_err(|last| EngineError::NotHealthy {
            program: self.program.clone(),
            limit_s: limit.as_secs_f64(),
            last,
            log: self.log.summary(),
        })?;
        let identity = identify(&address, &plan.launch, &served).await?;
        self.facts.provenance = identity.provenance;
        self.facts.version = identity.version;
        // If it is ours that answered, it is still there: another server on the port would have ended it.
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            status => Err(self.ended_early(status.ok().flatten()).await),
        }
    }

    async fn ended_early(&mut self, status: Option<ExitStatus>) -> EngineError {
        self.drain().await;
        // The guard itself says what was wrong when there is no engine at all.
        let told = self.log.last().and_then(|line| line.strip_prefix("error: ").map(str::to_owned));
        match (status.and_then(|s| s.code()), told) {
            (Some(125..=127), Some(told)) => EngineError::NotStarted(told),
            _ => match self.log.shortage() {
                Some(said) => EngineError::OutOfMemory {
                    program: self.program.clone(),
                    said,
                    gpus: self.facts.gpus.clone(),
                },
                None => EngineError::EndedEarly {
                    program: self.program.clone(),
                    status: describe(status),
                    log: self.log.summary(),
                },
            },
        }
    }

    /// Reads what a dead engine printed to its end.
    async fn drain(&mut self) {
        for follower in &mut self.followers {
            // A process that left the group may keep the pipe open.
            let _ = timeout(LAST_WORDS, follower).await;
        }
        self.followers.clear();
    }

    async fn died(&mut self, status: Option<ExitStatus>) -> Death {
        self.drain().await;
        self.death(format!("died ({})", describe(status)))
    }

    fn death(&self, how: String) -> Death {
        Death {
            reason: format!("{} {how}; {}", self.program, self.log.summary()),
            is_out_of_memory: self.log.shortage().is_some(),
        }
    }

    async fn end(&mut self) {
        drop(self.lifeline.take());
        let patience = GRACE + Duration::from_secs(5);
        if timeout(patience, self.child.wait()).await.is_err() {
            tracing::warn!(program = self.program, "the guard did not end and is killed");
            let _ = self.child.kill().await;
        }
        let deadline = Instant::now() + PORT_LIMIT;
        while TcpListener::bind(("127.0.0.1", self.port)).await.is_err() && Instant::now() < deadline {
            sleep(POLL).await;
        }
    }
}

#[async_trait]
impl Server for Launched {
    fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    async fn gone(&mut self) -> Death {
        let status = self.child.wait().await.ok();
        self.died(status).await
    }

    async fn check(&mut self) -> Result<(), Death> {
        let health = get(&self.facts.address, "/health", ANSWER_LIMIT).await.and_then(Answer::success);
        let Err(error) = health else { return Ok(()) };
        match timeout(LAST_WORDS, self.child.wait()).await {
            Ok(status) => Err(self.died(status.ok()).await),
            Err(_) => Err(self.death(format!("is not healthy any more ({error})"))),
        }
    }

    async fn stop(mut self: Box<Self>) {
        self.end().await;
    }
}

fn start_timeout(plan: &LaunchPlan) -> Duration {
    match plan.endpoint {
        Endpoint::Launch { start_timeout_s, .. } => {
            Duration::try_from_secs_f64(start_timeout_s).unwrap_or(Duration::MAX / 4)
        }
        Endpoint::Attach { .. } => Duration::ZERO,
    }
}

/// Asks until the engine serves its model. The error is what the last question yielded.
async fn until_served(address: &Address, spec: &LaunchSpec, deadline: Instant) -> Result<Served, String> {
    loop {
        let last = match probe(address, spec).await {
            Ok(served) => return Ok(served),
            Err(last) => last,
        };
        if Instant::now() >= deadline {
            return Err(last);
        }
        sleep(POLL).await;
    }
}

async fn probe(address: &Address, spec: &LaunchSpec) -> Result<Served, String> {
    let reason = |e: ControlError| e.to_string();
    get(address, spec.health_path, PROBE_LIMIT).await.and_then(Answer::success).map_err(reason)?;
    let served = served(address).await.map_err(reason)?;
    if served.models.contains(&spec.served_model) {
        Ok(served)
    } else {
        Err(format!("it serves {}, not {}", served.models.join(", "), spec.served_model))
    }
}

/// The guard passes a signal on as 128 + its number.
fn describe(status: Option<ExitStatus>) -> String {
    match status.and_then(|status| status.code()) {
        Some(137) => "signal 9, perhaps for lack of memory".to_owned(),
        Some(code @ 129..) => format!("signal {}", code - 128),
        Some(code) => format!("exit status {code}"),
        None => "its guard was killed".to_owned(),
    }
}
