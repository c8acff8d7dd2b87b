//! Processes of a test, known by a variable that every one of them inherits.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// A process.
#[derive(Debug, Clone)]
pub struct Process {
    pub pid: u32,
    pub parent: u32,
    /// The command line, its parts joined by spaces.
    pub command: String,
}

impl Process {
    /// The program's name and its first argument: `batch-runner run`.
    pub fn is(&self, program: &str, verb: &str) -> bool {
        let mut words = self.command.split(' ');
        words.next().is_some_and(|path| path.ends_with(program)) && words.next() == Some(verb)
    }
}

/// The living processes whose environment has `variable`, as `NAME=value`.
pub fn with_variable(variable: &str) -> Vec<Process> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| read(pid, variable)).collect()
}

/// None for a process that is gone meanwhile, or is another's.
fn read(pid: u32, variable: &str) -> Option<Process> {
    let file = |name: &str| fs::read(format!("/proc/{pid}/{name}")).ok();
    let environment = file("environ")?;
    environment.split(|b| *b == 0).find(|v| *v == variable.as_bytes())?;
    // pid (name) state parent ...; the name may hold spaces and brackets.
    let stat = String::from_utf8_lossy(&file("stat")?).into_owned();
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace();
    let state = after_name.next()?;
    let parent = after_name.next()?.parse().ok()?;
    let command = file("cmdline")?;
    let words: Vec<_> =
        command.split(|b| *b == 0).map(String::from_utf8_lossy).filter(|w| !w.is_empty()).collect();
    (state != "Z").then(|| Process { pid, parent, command: words.join(" ") })
}

/// Sends a signal; a process that is gone already needs none.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}
