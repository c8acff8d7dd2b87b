//! A job's way through its states.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use super::Shared;
use super::container::{Ended, run};
use super::job::{Array, Attempt, Control, Job, Request, Status, now_ms};
use super::platform::Platform;

/// Submits a job, or an array of them, and returns its id.
pub fn submit(shared: &Arc<Shared>, request: Request, array_size: Option<u32>) -> String {
    let id = uuid::Uuid::new_v4().to_string();
    let mut jobs = shared.jobs();
    let Some(size) = array_size else {
        jobs.add(Job::new(id.clone(), request, Array::No));
        drop(jobs);
        tokio::spawn(live(shared.clone(), id.clone()));
        return id;
    };
    jobs.add(Job::new(id.clone(), request.clone(), Array::Parent { size }));
    let children: Vec<String> = (0..size).map(|index| format!("{id}:{index}")).collect();
    for (child, index) in children.iter().zip(0..) {
        jobs.add(Job::new(child.clone(), request.clone(), Array::Child { index }));
    }
    drop(jobs);
    enter(shared, &id, Status::Pending, None);
    for child in children {
        tokio::spawn(live(shared.clone(), child));
    }
    id
}

/// `TerminateJob`: a job that does not run yet does not begin; one that runs is stopped.
pub fn terminate(shared: &Shared, id: &str, reason: &str) {
    let control = Control::Terminate(reason.to_owned());
    let mut jobs = shared.jobs();
    let children: Vec<String> = jobs.children(id).map(|child| child.id.clone()).collect();
    for id in std::iter::once(id.to_owned()).chain(children) {
        if jobs.get(&id).is_some_and(|job| !job.status.is_terminal()) {
            jobs.change(&id, |job| job.is_terminated = true);
            jobs.control(&id, &control);
        }
    }
}

async fn live(shared: Arc<Shared>, id: String) {
    loop {
        enter(&shared, &id, Status::Runnable, None);
        let mut control = shared.jobs().change(&id, |job| {
            // What befell the last attempt does not befall the next.
            job.control.send_if_modified(|control| {
                let is_past = matches!(control, Control::Kill | Control::Reclaim | Control::Lost);
                if is_past {
                    *control = Control::Nothing;
                }
                is_past
            });
            job.control.subscribe()
        });
        let host_there = tokio::select! {
            biased;
            _ = control.wait_for(|control| matches!(control, Control::Terminate(_))) => None,
            host = shared.hosts.acquire() => host.ok(),
        };
        let Some(_host) = host_there else { return end(&shared, &id, Status::Failed, None) };
        let attempt = attempt(&shared, &id).await;
        let (status, again) = shared.jobs().change(&id, |job| {
            job.attempts.push(attempt.clone());
            let again = !job.is_terminated
                && job.attempts.len() < job.request.retry.attempts
                && job.request.retry.retries(&attempt);
            (if attempt.exit_code == Some(0) { Status::Succeeded } else { Status::Failed }, again)
        });
        if status == Status::Succeeded || !again {
            return end(&shared, &id, status, Some(attempt.status_reason));
        }
    }
}

async fn attempt(shared: &Arc<Shared>, id: &str) -> Attempt {
    enter(shared, id, Status::Starting, None);
    let (host, number, control) = {
        let mut jobs = shared.jobs();
        jobs.hosts += 1;
        let host = format!("i-{:017x}", jobs.hosts);
        let own = host.clone();
        jobs.change(id, |job| {
            job.host = Some(host);
            (own, job.attempts.len() + 1, job.control.subscribe())
        })
    };
    if shared.platform == Platform::Eks && !shared.images.load(Ordering::Relaxed) {
        return no_image(control).await;
    }
    let started_at = now_ms();
    enter(shared, id, Status::Running, Some(started_at));
    let (exit_code, reason, status_reason) =
        match (run(shared, id, &host, number, control).await, shared.platform) {
            (Ended::NotStarted(reason), _) => (None, Some(reason), "Task failed to start".to_owned()),
            (Ended::Exited(code), Platform::Ecs) => {
                (Some(code), None, "Essential container in task exited".to_owned())
            }
            (Ended::HostGone, Platform::Ecs) => {
                (None, None, format!("Host EC2 (instance {host}) terminated."))
            }
            // Kubernetes' words for a container that exited.
            (Ended::Exited(code), Platform::Eks) => (
                Some(code),
                Some(if code == 0 { "Completed" } else { "Error" }.to_owned()),
                "ended".to_owned(),
            ),
            (Ended::HostGone, Platform::Eks) => (None, None, "ended".to_owned()),
        };
    Attempt { exit_code, reason, status_reason, started_at, stopped_at: now_ms() }
}

/// The attempt of a pod that never ran.
async fn no_image(mut control: watch::Receiver<Control>) -> Attempt {
    let ends = |control: &Control| matches!(control, Control::Terminate(_) | Control::Lost);
    drop(control.wait_for(ends).await);
    let (reason, status_reason) = (Some("ImagePullBackOff".to_owned()), "ended".to_owned());
    Attempt { exit_code: None, reason, status_reason, started_at: 0, stopped_at: now_ms() }
}

fn enter(shared: &Shared, id: &str, status: Status, started_at: Option<i64>) {
    shared.jobs().change(id, |job| {
        job.status = status;
        job.started_at = started_at.or(job.started_at);
    });
    shared.tell(id);
}

/// The end of a job, and of its array when it is the last of it.
fn end(shared: &Shared, id: &str, status: Status, reason: Option<String>) {
    shared.jobs().change(id, |job| {
        let terminated = match &*job.control.borrow() {
            Control::Terminate(reason) if job.is_terminated => Some(reason.clone()),
            _ => None,
        };
        job.status = status;
        job.status_reason = terminated.or(reason);
        job.stopped_at = Some(now_ms());
    });
    shared.tell(id);
    let Some((parent, _)) = id.split_once(':') else { return };
    let statuses: Vec<Status> = shared.jobs().children(parent).map(|child| child.status).collect();
    if statuses.iter().all(|s| s.is_terminal()) {
        let failed = statuses.contains(&Status::Failed);
        let (status, reason) = if failed {
            (Status::Failed, Some("Array Child Job failed".to_owned()))
        } else {
            (Status::Succeeded, None)
        };
        end(shared, parent, status, reason);
    }
}
