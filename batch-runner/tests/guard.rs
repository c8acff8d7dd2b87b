//! The guard as a process: what it leaves behind is what counts.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn guard(options: &[&str], script: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_batch-runner"))
        .arg("guard")
        .args(options)
        .args(["--", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The next line of a guarded program, as the pid that it printed.
fn printed_pid(child: &mut Child) -> Pid {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Pid::from_raw(line.trim().parse().unwrap()).unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} did not come true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_gone(pid: Pid) -> bool {
    test_kill_process(pid).is_err()
}

#[test]
fn the_end_of_standard_input_ends_the_whole_group() {
    let mut child = guard(&[], "sleep 1000 & echo $!; wait");
    let sleeper = printed_pid(&mut child);
    drop(child.stdin.take());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(128 + 15));
    assert!(is_gone(sleeper), "the guard exits after the last process of the group");
}

#[test]
fn sigterm_ends_the_whole_group() {
    let mut child = guard(&[], "sleep 1000 & echo $!; wait");
    let sleeper = printed_pid(&mut child);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
    assert!(is_gone(sleeper));
}

#[test]
fn a_program_that_ends_by_itself_leaves_its_status_and_no_orphans() {
    let mut child = guard(&[], "sleep 1000 & echo $!; echo to-stderr >&2; exit 7");
    let sleeper = printed_pid(&mut child);
    // `wait` closes standard input, which is the lifeline: it is held here.
    let lifeline = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(7));
    drop(lifeline);
    assert!(is_gone(sleeper));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(stderr, "to-stderr\n");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_batch-runner"))
        .args(["guard", "--", "no-such-engine"])
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(127));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: no-such-engine cannot be started"), "{stderr}");
}

#[test]
fn the_lock_is_free_when_the_engine_is_gone_also_after_the_guard_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slot.lock");
    let lock = ["--lock", path.to_str().unwrap()];
    let mut first = guard(&lock, "echo $$; exec sleep 1000");
    let engine = printed_pid(&mut first);

    let file = std::fs::File::open(&path).unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!is_gone(engine), "SIGKILL reaches the guard alone");
    assert!(file.try_lock().is_err(), "the engine holds the lock");

    let mut second = guard(&lock, "echo $$; exec sleep 1000");
    let mut told = String::new();
    BufReader::new(second.stderr.as_mut().unwrap()).read_line(&mut told).unwrap();
    assert!(told.contains("another engine holds it"), "{told}");
    kill_process(engine, Signal::KILL).unwrap();
    let successor = printed_pid(&mut second);
    until("the first engine's end", || is_gone(engine) || !is_gone(successor));
    drop(second.stdin.take());
    second.wait().unwrap();
    file.try_lock().unwrap();
}

#[test]
fn a_guard_that_waits_for_the_lock_can_be_told_to_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slot.lock");
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let mut child = guard(&["--lock", path.to_str().unwrap()], "echo started");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(stdout, "");
}

#[test]
fn an_engine_of_several_slots_waits_for_each_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["slot-0.lock", "slot-1.lock"].map(|name| folder.path().join(name));
    let [first, second] = paths.each_ref().map(|path| std::fs::File::create(path).unwrap());
    second.lock().unwrap();
    let [one, two] = paths.each_ref().map(|path| path.to_str().unwrap());
    let mut child = guard(&["--lock", two, "--lock", one], "echo $$; exec sleep 1000");
    let mut told = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut told).unwrap();
    assert!(told.contains(two) && told.contains("another engine holds it"), "{told}");
    assert!(first.try_lock().is_err(), "they are taken in order");

    second.unlock().unwrap();
    printed_pid(&mut child);
    assert!(first.try_lock().is_err() && second.try_lock().is_err());
    drop(child.stdin.take());
    child.wait().unwrap();
    first.try_lock().unwrap();
    second.try_lock().unwrap();
}
