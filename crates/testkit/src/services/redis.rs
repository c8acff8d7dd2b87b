//! A private Redis.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longest that a start may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis of one test.
#[derive(Debug)]
pub struct PrivateRedis {
    server: Child,
    folder: TempDir,
}

impl PrivateRedis {
    /// Starts a server.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = spawn(folder.path());
        let redis = Self { server, folder };
        redis.wait_until_ready();
        redis
    }

    /// Starts the server again at the same address, with nothing in it.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_again(&mut self) {
        self.stop();
        self.server = spawn(self.folder.path());
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(
                start.elapsed() < PATIENCE,
                "redis-server does not listen on {}",
                self.socket().display()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        socket(self.folder.path())
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Stops the server at once; its address stays.
    pub fn stop(&mut self) {
        // It may be gone already.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        self.stop();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("redis.sock")
}

fn spawn(folder: &Path) -> Child {
    Command::new("redis-server")
        .args(["--port", "0", "--save", "", "--appendonly", "no"])
        .arg("--unixsocket")
        .arg(socket(folder))
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("redis-server cannot be started ({e}); install redis: make deps-test"))
}
