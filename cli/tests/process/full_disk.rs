//! A disk that is full: what was finished is kept and readable, and with room again the same command goes on.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::bench::{Bench, workload};

/// A disk of its own in memory, as large as a campaign needs and not much more.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "assay-test"])
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(
            mounted.status.success(),
            "this test needs to mount a small tmpfs: {}; run it as root, or under `unshare --user --map-root-user --mount`",
            String::from_utf8_lossy(&mounted.stderr).trim()
        );
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    /// Leaves so many bytes free.
    fn fill_up_to(&self, free: u64) {
        let mut ballast = File::create(self.ballast()).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
        let size = ballast.metadata().unwrap().len();
        ballast.set_len(size - free).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

fn assert_readable(bench: &Bench, before: &[Value]) -> usize {
    let now = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert!(before.iter().all(|b| now.contains(b)), "{now:?}");
    now.len()
}

fn campaign(bench: &Bench) -> PathBuf {
    bench.spec("full", &[("workloads", &workload("[3, 4, 5, 6, 7, 8]", 30))])
}

fn run(bench: &Bench, spec: &Path) -> usize {
    bench.run(spec).assert_code(0).results().len()
}

#[test]
fn a_disk_that_is_full_from_the_start_is_told() {
    let disk = SmallDisk::mount();
    let bench = Bench::with_data(disk.data());
    let before = bench.run(&bench.spec("before", &[])).assert_code(0).results();
    let spec = campaign(&bench);
    disk.fill_up_to(0);
    bench.run(&spec).assert_error(1, &["full", "free some space and run the same command again"]);
    assert_readable(&bench, &before);
    disk.make_room();
    assert_eq!(run(&bench, &spec), 6);
    bench.until_all_gone();
}

#[test]
fn a_disk_that_fills_up_in_the_middle_keeps_what_was_finished() {
    let disk = SmallDisk::mount();
    let bench = Bench::with_data(disk.data());
    let before = bench.run(&bench.spec("before", &[])).assert_code(0).results();
    let spec = campaign(&bench);
    for free in [100_000, 200_000, 300_000, 400_000] {
        disk.fill_up_to(free);
        let ended = bench.run(&spec);
        if ended.code == Some(0) {
            break;
        }
        ended.assert_error(1, &["full", "free some space and run the same command again"]);
        assert_readable(&bench, &before);
        disk.make_room();
    }
    let _ = fs::remove_file(disk.ballast());
    assert_eq!(run(&bench, &spec), 6);
    bench.until_all_gone();
}
