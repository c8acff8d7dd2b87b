//! A **container** is a process of its own group.

use std::fs::OpenOptions;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use std::os::unix::process::ExitStatusExt;

use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::Shared;
use super::job::{Array, Control};
use super::platform::Platform;

/// How a container ended.
pub enum Ended {
    /// By itself, or since it was told to.
    Exited(i32),
    /// With its host.
    HostGone,
    /// It could not be started.
    NotStarted(String),
}

/// Runs the container of a job's attempt to its end.
pub async fn run(
    shared: &Arc<Shared>,
    id: &str,
    host: &str,
    attempt: usize,
    mut control: watch::Receiver<Control>,
) -> Ended {
    let mut child = match command(shared, id, host, attempt).spawn() {
        Ok(child) => child,
        Err(error) => return Ended::NotStarted(format!("CannotStartContainerError: {error}")),
    };
    let asked = tokio::select! {
        status = child.wait() => return exited(status),
        asked = control.wait_for(|control| *control != Control::Nothing) => asked.map(|a| a.clone()),
    };
    match asked {
        Ok(Control::Terminate(_)) => exited(stop(&mut child, shared.config.stop_timeout).await),
        Ok(Control::Kill) => {
            signal(&child, "KILL").await;
            exited(child.wait().await)
        }
        Ok(Control::Reclaim) => {
            if let Ok(status) = tokio::time::timeout(shared.config.notice, child.wait()).await {
                return exited(status);
            }
            drop(stop(&mut child, shared.config.stop_timeout).await);
            Ended::HostGone
        }
        _ => {
            signal(&child, "KILL").await;
            drop(child.wait().await);
            Ended::HostGone
        }
    }
}

fn command(shared: &Shared, id: &str, host: &str, attempt: usize) -> Command {
    let jobs = shared.jobs();
    let job = jobs.get(id).expect("a job that was submitted");
    let log = OpenOptions::new().create(true).append(true).open(shared.log(id)).expect("a log");
    let image = [shared.config.program.display().to_string()];
    let entrypoint = if job.request.entrypoint.is_empty() { &image[..] } else { &job.request.entrypoint };
    let mut command = Command::new(&entrypoint[0]);
    command
        .args(&entrypoint[1..])
        .args(&job.request.arguments)
        .envs(shared.config.environment.iter().cloned())
        .envs(job.request.environment.iter().cloned())
        .env("AWS_BATCH_JOB_ID", id)
        .env("AWS_BATCH_JOB_ATTEMPT", attempt.to_string())
        .env("AWS_BATCH_JQ_NAME", &job.request.queue)
        .env("AWS_BATCH_CE_NAME", format!("{}-hosts", job.request.queue))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("its log"))
        .stderr(log)
        .process_group(0)
        .kill_on_drop(true);
    match shared.platform {
        Platform::Ecs => {
            command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("http://{}/imds/{host}", shared.address))
        }
        // Pods reach no instance metadata.
        Platform::Eks => command.env("AWS_BATCH_JOB_KUBERNETES_NODE_UID", host),
    };
    if let Array::Child { index } = job.array {
        command.env("AWS_BATCH_JOB_ARRAY_INDEX", index.to_string());
    }
    command
}

/// SIGTERM, and SIGKILL when that was not enough.
async fn stop(child: &mut Child, timeout: Duration) -> std::io::Result<ExitStatus> {
    signal(child, "TERM").await;
    if let Ok(status) = tokio::time::timeout(timeout, child.wait()).await {
        return status;
    }
    signal(child, "KILL").await;
    child.wait().await
}

async fn signal(child: &Child, name: &str) {
    if let Some(id) = child.id() {
        // It may have ended meanwhile.
        drop(Command::new("kill").args([&format!("-{name}"), "--", &format!("-{id}")]).status().await);
    }
}

/// A process that a signal ended has the exit code that a container runtime gives it.
fn exited(status: std::io::Result<ExitStatus>) -> Ended {
    let status = status.expect("a child can be waited for");
    Ended::Exited(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}
