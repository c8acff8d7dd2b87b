//! **Exit codes**: what a script may rely on.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | something failed; the last line on standard error says what and how to mend it |
//! | 2 | the command line or the spec cannot be used |
//! | 3 | the campaign ended, and some of it was not measured |
//! | 4 | nothing fits the question |
//! | 130 | interrupted; the same command goes on where it stopped |

use std::process::ExitCode;

use store::StoreError;

/// How a command ended, when nothing went wrong with the command itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 3
    Incomplete,
    /// 4
    NothingFits,
    /// 130
    Interrupted,
}

/// A command line or spec that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

/// Prints what went wrong, in one line with the whole chain, and gives the exit code.
#[allow(clippy::print_stderr)]
pub fn report(outcome: anyhow::Result<Exit>) -> ExitCode {
    match outcome {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Incomplete) => ExitCode::from(3),
        Ok(Exit::NothingFits) => ExitCode::from(4),
        Ok(Exit::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            let is_bad_address = matches!(error.downcast_ref(), Some(StoreError::BadUrl { .. }));
            ExitCode::from(if is_bad_address || error.is::<Unusable>() { 2 } else { 1 })
        }
    }
}
