//! Runs a client as a process of its own and notes the processor time of it and its children.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use testkit::paced_engine::StreamTruth;

/// Time between readings: scanning the processes costs about 2 ms.
const BETWEEN_READINGS: Duration = Duration::from_millis(200);
/// Longest run.
const LIMIT: Duration = Duration::from_secs(600);
/// Clock ticks in a second, as /proc counts them on every Linux.
const TICKS_PER_S: f64 = 100.0;
/// Fields of `/proc/PID/stat` after the name.
const GROUP: usize = 2;
const OWN_TIMES: [usize; 2] = [11, 12];
const CHILDREN_TIMES: [usize; 2] = [13, 14];

/// Processor time over a run.
#[derive(Debug)]
pub(crate) struct Usage {
    began: Instant,
    /// Of the process group up to an instant, s.
    readings: Vec<(Instant, f64)>,
    /// From its start to its end, s.
    whole_s: f64,
}

/// Processor time of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From the first request to the last token, s per million tokens.
    pub to_last_token_s: f64,
    /// From the first request to its end, s per million tokens: with what it had put off, and its reports.
    pub to_end_s: f64,
    /// Before the first request, s.
    pub start_s: f64,
    /// Time from its start to the first request, s.
    pub first_request_after_s: f64,
}

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Usage> {
    let before = children_s()?;
    let began = Instant::now();
    let mut child = command.process_group(0).spawn().context("cannot be started")?;
    let group = child.id().to_string();
    let mut readings = vec![(began, 0.0)];
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > LIMIT {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                kill_process_group(group, Signal::KILL)?;
            }
            child.wait()?;
            bail!("took longer than {} s", LIMIT.as_secs());
        }
        readings.push((Instant::now(), group_s(&group)));
        std::thread::sleep(BETWEEN_READINGS);
    };
    let whole_s = children_s()? - before;
    readings.push((Instant::now(), whole_s));
    // 3: measured, but limited by the client.
    if !matches!(status.code(), Some(0 | 3)) {
        bail!("ended with {status}");
    }
    Ok(Usage { began, readings, whole_s })
}

impl Usage {
    /// What the tokens of these requests cost.
    pub(crate) fn cost(&self, requests: &[StreamTruth]) -> Cost {
        let mtok = requests.iter().map(|r| r.writes.len()).sum::<usize>().max(1) as f64 / 1e6;
        let first = requests.iter().map(|r| r.received).min().unwrap_or(self.began);
        let last = requests.iter().filter_map(|r| r.writes.last().copied()).max().unwrap_or(first);
        let start_s = self.until(first);
        Cost {
            to_last_token_s: (self.until(last) - start_s) / mtok,
            to_end_s: (self.whole_s - start_s) / mtok,
            start_s,
            first_request_after_s: (first - self.began).as_secs_f64(),
        }
    }

    /// Processor time up to an instant, between readings on the line that joins them.
    fn until(&self, at: Instant) -> f64 {
        let after = self.readings.partition_point(|(reading, _)| *reading < at);
        let Some((later, high)) = self.readings.get(after) else { return self.whole_s };
        let Some((earlier, low)) = after.checked_sub(1).and_then(|n| self.readings.get(n)) else {
            return *high;
        };
        let share = (at - *earlier).as_secs_f64() / (*later - *earlier).as_secs_f64().max(1e-9);
        low + (high - low).max(0.0) * share
    }
}

/// Processor time of all ended children of this process, s.
fn children_s() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("cannot read /proc/self/stat")?;
    Ok(ticks(&fields(&stat), &CHILDREN_TIMES) / TICKS_PER_S)
}

/// Processor time of a process group, s.
fn group_s(group: &str) -> f64 {
    let Ok(processes) = fs::read_dir("/proc") else { return 0.0 };
    let stats =
        processes.flatten().filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
    let of_group = stats.map(|stat| {
        let fields = fields(&stat);
        let same = fields.get(GROUP).is_some_and(|field| *field == group);
        if same { ticks(&fields, &OWN_TIMES) + ticks(&fields, &CHILDREN_TIMES) } else { 0.0 }
    });
    of_group.sum::<f64>() / TICKS_PER_S
}

/// The fields after the name, which may hold spaces.
fn fields(stat: &str) -> Vec<&str> {
    stat.rsplit_once(')').map_or_else(Vec::new, |(_, fields)| fields.split_whitespace().collect())
}

fn ticks(fields: &[&str], which: &[usize]) -> f64 {
    which.iter().filter_map(|n| fields.get(*n)?.parse::<f64>().ok()).sum()
}
