//! `assay completion`: what a shell reads to complete the command line.

use anyhow::Result;
use clap::CommandFactory;

use super::say;
use crate::arguments::{Arguments, Completion};
use crate::exit::Exit;

/// Prints the completions of a shell.
pub fn completion(arguments: &Completion) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "assay", &mut script);
    say(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}
