//! A **guard** stands between the runner and a program that it did not write. It starts the program in a
//! process group of its own and ends the whole group when nobody needs it any more, so that no engine
//! survives its runner and keeps a GPU busy.
//!
//! The **lifeline** is the guard's standard input: a pipe whose other end the runner holds. However the
//! runner ends, also by SIGKILL, the kernel closes the pipe and the guard sees the end of the file.
//!
//! The **lock** is a file that two engines of one slot share. The engine inherits the open file, so that the
//! lock is free exactly when the last process of the engine is gone, even if the guard itself was killed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process_group, set_child_subreaper, test_kill_process_group,
    waitpgid,
};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

/// Time between SIGTERM and SIGKILL.
pub const GRACE: Duration = Duration::from_secs(10);

/// How often a lock that is held and a group that is ending are looked at again.
const POLL: Duration = Duration::from_millis(20);

/// The guard itself failed: bad lock file, no signals.
const EXIT_GUARD_FAILED: u8 = 125;
/// The program is there but cannot be started.
const EXIT_NOT_STARTED: u8 = 126;
/// The program is not there.
const EXIT_NOT_FOUND: u8 = 127;

/// Starts a program, passes its output through and ends its whole process group at the end of standard
/// input or on SIGTERM, SIGINT and SIGHUP. Exits with the program's status (128 + N after signal N).
#[derive(Debug, clap::Args)]
pub struct GuardArgs {
    /// Lock file of a slot, and of each further one; the program starts once no other program holds any of them.
    #[arg(long, value_name = "FILE")]
    pub lock: Vec<PathBuf>,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "ARGV")]
    pub argv: Vec<OsString>,
}

/// Why a guard could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// No program was named.
    #[error("no program to start; write it after `--`")]
    NoProgram,
    /// The lock file cannot be used.
    #[error("lock file {} cannot be used ({cause}); choose one in a folder that can be written", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The program cannot be started.
    #[error("{} cannot be started ({cause}); install it, or set `program` to where it is", Path::new(program).display())]
    Start {
        /// The program.
        program: OsString,
        /// Why.
        cause: io::Error,
    },
    /// The operating system refused something a guard needs.
    #[error("{what} failed ({cause})")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        cause: io::Error,
    },
}

impl GuardError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Start { cause, .. } if cause.kind() == io::ErrorKind::NotFound => EXIT_NOT_FOUND,
            Self::Start { .. } => EXIT_NOT_STARTED,
            _ => EXIT_GUARD_FAILED,
        }
    }
}

/// Runs a guard until its program is gone.
pub async fn run(args: &GuardArgs) -> ExitCode {
    match guard(args).await {
        Ok(Ended::Program(status)) => ExitCode::from(exit_code(status)),
        // Asked to stop before anything was started.
        Ok(Ended::BeforeStart) => ExitCode::SUCCESS,
        Err(error) => {
            // The reader of our standard error may be gone, which must not end the guard with a panic.
            drop(writeln!(io::stderr(), "error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// How a guard's work ended.
enum Ended {
    Program(ExitStatus),
    BeforeStart,
}

/// The shell's convention: the status, or 128 + the signal.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

async fn guard(args: &GuardArgs) -> Result<Ended, GuardError> {
    let (program, arguments) = args.argv.split_first().ok_or(GuardError::NoProgram)?;
    let mut stop = stop_requests(Lifeline::Always)
        .map_err(|cause| GuardError::System { what: "listening for signals", cause })?;
    // Orphans of the group become our children, so that they are waited for and leave no zombies in it.
    set_child_subreaper(Some(getpid()))
        .map_err(|e| GuardError::System { what: "becoming a subreaper", cause: e.into() })?;

    let mut locks = Vec::new();
    // Whoever needs several takes them in the same order, so that no two wait for each other.
    for path in args.lock.iter().collect::<BTreeSet<_>>() {
        tokio::select! {
            locked = take_lock(path) => {
                locks.push(locked.map_err(|cause| GuardError::Lock { path: path.clone(), cause })?);
            }
            _ = stop.recv() => return Ok(Ended::BeforeStart),
        }
    }
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|cause| GuardError::Start { program: program.clone(), cause })?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let status = tokio::select! {
        status = child.wait() => status,
        _ = stop.recv() => Ok(ExitStatus::from_raw(Signal::TERM.as_raw())),
    };
    let ended = match group {
        Some(group) => end_group(&mut child, group, GRACE).await,
        None => child.wait().await,
    };
    drop(locks);
    let failed = |cause| GuardError::System { what: "waiting for the program", cause };
    // What ended first counts: the program by itself, or the stop (with the status it then had).
    status.and(ended).map(Ended::Program).map_err(failed)
}

/// Whether the end of standard input is a reason to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifeline {
    /// It is.
    Always,
    /// It is when standard input is a pipe or a socket; `/dev/null` ends at once and means nothing.
    IfPipe,
    /// It is not.
    Ignored,
}

impl Lifeline {
    fn is_watched(self) -> bool {
        match self {
            Self::Always => true,
            Self::IfPipe => std::fs::metadata("/dev/stdin")
                .is_ok_and(|stdin| stdin.file_type().is_fifo() || stdin.file_type().is_socket()),
            Self::Ignored => false,
        }
    }
}

/// One message for each reason to stop: the end of standard input, or a signal.
pub(crate) fn stop_requests(lifeline: Lifeline) -> io::Result<mpsc::UnboundedReceiver<()>> {
    let (tell, told) = mpsc::unbounded_channel();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let mut signals = signal(kind)?;
        let tell = tell.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                let _ = tell.send(());
            }
        });
    }
    if !lifeline.is_watched() {
        return Ok(told);
    }
    // A thread of its own: a blocked read on the runtime would keep the guard from exiting.
    std::thread::Builder::new().name("lifeline".to_owned()).spawn(move || {
        let mut sink = [0_u8; 256];
        let mut lifeline = io::stdin().lock();
        loop {
            match lifeline.read(&mut sink) {
                Ok(0) => break,
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = tell.send(());
    })?;
    Ok(told)
}

/// Waits for the lock. The file is left open across the start of the program: see the module's doc.
async fn take_lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {
                if !told {
                    told = true;
                    drop(writeln!(io::stderr(), "waiting for {}: another engine holds it", path.display()));
                }
                sleep(POLL).await;
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    fcntl_setfd(&file, FdFlags::empty())?;
    Ok(file)
}

/// Ends what is left of a group: SIGTERM, after `grace` SIGKILL, until no process of it is there.
async fn end_group(child: &mut Child, group: Pid, grace: Duration) -> io::Result<ExitStatus> {
    send(group, Signal::TERM);
    let deadline = Instant::now() + grace;
    let status = if let Ok(status) = timeout_at(deadline, child.wait()).await {
        status?
    } else {
        send(group, Signal::KILL);
        child.wait().await?
    };
    // The leader is reaped, so whatever is waited for from here on is an orphan of the group.
    while is_there(group) {
        if Instant::now() >= deadline {
            send(group, Signal::KILL);
        }
        sleep(POLL).await;
    }
    Ok(status)
}

/// A group that is gone already needs no signal.
fn send(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}

/// Reaps orphans of the group and says whether any process of it is left.
fn is_there(group: Pid) -> bool {
    while matches!(waitpgid(group, WaitOptions::NOHANG), Ok(Some(_))) {}
    test_kill_process_group(group) != Err(Errno::SRCH)
}
