//! The **socket limit** is how many connections this process may have open: its limit of open files, less what it
//! needs otherwise. The soft limit is raised to the hard one before a run, since the usual 1024 is no limit that
//! anybody chose for this.

use domain::Load;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::LoadError;

/// Files that are open besides the connections: outputs, logs, the event loop, a launched engine's pipes.
const RESERVE: u64 = 64;

/// Connections that may be open, after the limit was raised as far as it can be.
pub(super) fn raise() -> u32 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is no limit.
    let raised =
        current.is_some() && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    connections(if raised { maximum } else { current })
}

fn connections(open_files: Option<u64>) -> u32 {
    let left = open_files.unwrap_or(u64::MAX).saturating_sub(RESERVE);
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// Refuses a load that always has more requests in flight than there may be connections.
///
/// # Errors
/// When it does.
pub(super) fn check(load: &Load, most: u32) -> Result<(), LoadError> {
    let in_flight = match load {
        Load::ClosedLoop { concurrency } => concurrency.get(),
        Load::Batches { size } => size.get(),
        // What is due while all connections are busy is dropped and told.
        Load::OpenLoop { .. } | Load::Trace { .. } => 0,
    };
    if in_flight <= most {
        return Ok(());
    }
    let what =
        format!("{in_flight} requests in flight need as many sockets, and this process may open {most}");
    Err(LoadError::bad_target(what, "raise the limit with `ulimit -n` (the hard one too), or ask for fewer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_must_fit() {
        let closed = Load::ClosedLoop { concurrency: "1000".parse().unwrap() };
        assert!(check(&closed, 1000).is_ok());
        let error = check(&closed, 999).unwrap_err().to_string();
        assert!(error.contains("1000 requests in flight") && error.contains("ulimit -n"), "{error}");
    }

    #[test]
    fn some_files_are_kept_for_the_rest() {
        assert_eq!([Some(1024), Some(10), None].map(connections), [960, 0, u32::MAX]);
    }
}
