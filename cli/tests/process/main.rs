//! `assay` as a person and a program meet it: the real binaries, real processes, real HTTP, one data folder
//! each. The engine is the bundled simulated one.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_input;
mod bench;
mod campaign;
mod damage;
mod described;
mod engines;
mod full_disk;
mod hosted;
mod http;
mod imports;
mod kills;
mod on_aws;
mod output;
mod procfs;
mod stages;
