//! A private PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

const MISSING: &str = "PostgreSQL is not installed; install postgresql: make deps-test";

/// Loads TimescaleDB when the server starts.
const PRELOADED: &str = " -c shared_preload_libraries=timescaledb -c timescaledb.telemetry_level=off";

/// The user that runs the server when the tests run as root, which PostgreSQL refuses.
const SERVER_USER: &str = "postgres";

/// A PostgreSQL server of one test.
#[derive(Debug)]
pub struct PrivatePostgres {
    folder: TempDir,
    programs: PathBuf,
    as_server_user: bool,
    /// What it is started with, in pg_ctl's form.
    options: String,
    databases: AtomicU32,
}

/// Where a PostgreSQL with TimescaleDB is: the folder of its programs.
pub const TIMESCALE_VARIABLE: &str = "ASSAY_TEST_TIMESCALE";

impl PrivatePostgres {
    /// Starts a server.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_from(programs(), "")
    }

    /// Starts a server that has TimescaleDB, loaded or not.
    ///
    /// # Panics
    /// When there is none, or it does not start.
    #[must_use]
    pub fn start_with_timescale(is_preloaded: bool) -> Self {
        let programs = std::env::var_os(TIMESCALE_VARIABLE).unwrap_or_else(|| {
            panic!("set {TIMESCALE_VARIABLE} to the folder of the programs of a PostgreSQL with TimescaleDB")
        });
        Self::start_from(programs.into(), if is_preloaded { PRELOADED } else { "" })
    }

    fn start_from(programs: PathBuf, options: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let as_server_user = is_root(folder.path());
        if as_server_user {
            give_to_server_user(folder.path());
        }
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c max_connections=200 {options}",
            folder.path().display()
        );
        let server = Self { folder, programs, as_server_user, options, databases: AtomicU32::new(0) };
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", SERVER_USER, "-A", "trust", "-E", "UTF8", "--no-sync"]);
        server.start_again();
        server
    }

    /// Starts the server again after [`Self::stop`], at the same address and with the same data.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let log = self.folder.path().join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-o", &self.options, "-w", "start"]);
    }

    /// The same with TimescaleDB loaded.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again_preloaded(&mut self) {
        self.options += PRELOADED;
        self.start_again();
    }

    /// The server keeps its connections and answers nothing, until [`Self::resume`].
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// The server goes on where it was.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Signals the server and every process that it has for a connection.
    fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().expect("its process id");
        for command in [vec!["kill", "-s", name, pid], vec!["pkill", &format!("-{name}"), "-P", pid]] {
            let sent = Command::new(command[0]).args(&command[1..]).status();
            assert!(sent.is_ok_and(|status| status.success()), "the server is gone");
        }
    }

    /// Creates an empty database and returns its address.
    ///
    /// # Panics
    /// When it cannot be created.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.path().display().to_string();
        self.run("createdb", &["-h", &folder, "-U", SERVER_USER, &name]);
        format!("postgres:///{name}?host={folder}&user={SERVER_USER}")
    }

    /// The socket that it listens on.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.output(program, arguments);
        assert!(
            output.status.success(),
            "{program} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn output(&self, program: &str, arguments: &[&str]) -> Output {
        let path = self.programs.join(program);
        let mut command = if self.as_server_user {
            let mut command = Command::new("setpriv");
            let user = [format!("--reuid={SERVER_USER}"), format!("--regid={SERVER_USER}")];
            command.args(user).arg("--init-groups").arg(path);
            command
        } else {
            Command::new(path)
        };
        command.args(arguments).current_dir(self.folder.path()).env("LC_ALL", "C").env_remove("PGHOST");
        // pg_ctl leaves its standard output to the server, so it must not be a pipe that somebody reads.
        if program == "pg_ctl" {
            let status = command
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .unwrap_or_else(|e| panic!("{program} cannot be started ({e}); {MISSING}"));
            return Output { status, stdout: vec![], stderr: self.log() };
        }
        command.output().unwrap_or_else(|e| panic!("{program} cannot be started ({e}); {MISSING}"))
    }

    fn log(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Stops the server at once, as a crash would; its address stays.
    pub fn stop(&self) {
        // It may be stopped already.
        drop(self.output("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]));
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder of the newest version's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").map(|entries| {
        entries.flatten().filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").exists().then_some((version, programs))
        })
    });
    let newest = versions.ok().and_then(|versions| versions.max_by_key(|(version, _)| *version));
    newest.map_or_else(|| panic!("{MISSING}"), |(_, programs)| programs)
}

/// What this process creates belongs to root.
fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == 0)
}

fn give_to_server_user(folder: &Path) {
    let owner = format!("{SERVER_USER}:{SERVER_USER}");
    let given = Command::new("chown").arg(owner).arg(folder).status();
    assert!(given.is_ok_and(|status| status.success()), "{MISSING}");
}
