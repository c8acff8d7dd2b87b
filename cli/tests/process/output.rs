//! Where answers go: a reader that stops early, and a place that cannot be written.

use std::fs::File;
use std::process::{Command, Output, Stdio};

fn models_to(place: impl Into<Stdio>) -> Output {
    let mut assay = Command::new(env!("CARGO_BIN_EXE_assay"));
    assay.args(["model", "list"]).stdout(place).stderr(Stdio::piped());
    assay.spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = models_to(writer);
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn an_answer_that_cannot_be_written_is_told() {
    let ended = models_to(File::options().write(true).open("/dev/full").unwrap());
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("standard output") && told.contains("No space left"), "{told}");
}
