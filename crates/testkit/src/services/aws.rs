//! Private emulators of AWS. They prove which calls we make and what those calls mean; they are not AWS.
//!
//! | emulator | used for | because |
//! |---|---|---|
//! | [`PrivateMinistack`] | S3, DynamoDB, SQS, EventBridge | its conditional writes, also of uploads in parts, and its transactions are atomic, and it refuses a wrong checksum |
//! | [`PrivateMoto`] | tags in S3, EventBridge | it keeps the tags of uploads in parts, and tells the entries of `PutEvents` that fail |
//!
//! `scripts/install-deps.sh test` installs them. They know no credentials: any will do.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

/// Longest that a start may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// `https://github.com/getmoto/moto`. Each program serves on its standard input, which is a listening socket: so a
/// port is never free for a moment between being chosen and being used.
const MOTO: &str = r#"
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
app = DomainDispatcherApplication(create_backend_app)
make_server("127.0.0.1", 0, app, threaded=True, fd=0).serve_forever()
"#;

/// `https://github.com/ministackorg/ministack`, in one process.
const MINISTACK: &str = r#"
import asyncio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
config = Config()
config.bind = ["fd://0"]
asyncio.run(serve(app, config))
"#;

/// A moto server of one test.
#[derive(Debug)]
pub struct PrivateMoto(Emulator);

/// A ministack server of one test.
#[derive(Debug)]
pub struct PrivateMinistack(Emulator);

macro_rules! emulator {
    ($name:ident, $program:ident) => {
        impl $name {
            /// Starts a server that has nothing in it.
            ///
            /// # Panics
            /// When it is not installed or does not start.
            #[must_use]
            pub fn start() -> Self {
                Self(Emulator::start($program))
            }

            /// Its address, for `AWS_ENDPOINT_URL`. It stays the same over [`Self::stop`] and
            /// [`Self::start_again`].
            #[must_use]
            pub fn url(&self) -> String {
                format!("http://{}", self.0.address)
            }

            /// Stops the server at once: connections are refused.
            pub fn stop(&mut self) {
                self.0.stop();
            }

            /// Starts the server again at the same address, with nothing in it.
            ///
            /// # Panics
            /// As [`Self::start`].
            pub fn start_again(&mut self) {
                self.0.start_again();
            }

            /// The server accepts connections and answers nothing, until [`Self::resume`].
            pub fn pause(&self) {
                self.0.signal("STOP");
            }

            /// The server goes on where it was.
            pub fn resume(&self) {
                self.0.signal("CONT");
            }
        }
    };
}

emulator!(PrivateMoto, MOTO);
emulator!(PrivateMinistack, MINISTACK);

impl PrivateMinistack {
    /// Makes an S3 bucket.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn create_bucket(&self, name: &str) {
        let status =
            request(self.0.address, "PUT", &format!("/{name}"), &[], "").expect("the emulator answers");
        assert_eq!(status, "HTTP/1.1 200", "the bucket {name} cannot be made");
    }

    /// Puts a secret into Secrets Manager.
    ///
    /// # Panics
    /// When it cannot be put there.
    pub fn keep_secret(&self, name: &str, text: &str) {
        let headers =
            [("x-amz-target", "secretsmanager.CreateSecret"), ("content-type", "application/x-amz-json-1.1")];
        let asked = json!({"Name": name, "SecretString": text}).to_string();
        let status = request(self.0.address, "POST", "/", &headers, &asked).expect("the emulator answers");
        assert_eq!(status, "HTTP/1.1 200", "the secret {name} cannot be kept");
    }
}

#[derive(Debug)]
struct Emulator {
    program: &'static str,
    address: SocketAddr,
    server: Child,
}

impl Emulator {
    fn start(program: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        Self { program, address, server: serve(program, listener) }
    }

    fn start_again(&mut self) {
        self.stop();
        self.server = serve(self.program, TcpListener::bind(self.address).expect("the same port"));
    }

    fn stop(&mut self) {
        // It may be gone already.
        drop(self.server.kill());
        drop(self.server.wait());
    }

    fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        let sent = Command::new("kill").args([&signal, &self.server.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the emulator is gone");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(program: &str, listener: TcpListener) -> Child {
    let address = listener.local_addr().expect("an address");
    let python = python();
    let server = Command::new(&python)
        .args(["-c", program])
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // ministack names itself in the addresses of queues.
        .envs([("MINISTACK_HOST", "127.0.0.1"), ("GATEWAY_PORT", &address.port().to_string())])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .spawn()
        .unwrap_or_else(|e| {
            panic!("{} cannot be run ({e}); install the emulators: make deps-test", python.display())
        });
    // The socket listens already, so the first answer says that the server is there.
    if let Err(e) = request(address, "GET", "/", &[], "") {
        panic!(
            "the emulator at {address} does not answer ({e}); install it again: rm -r {}; make deps-test",
            folder().display()
        );
    }
    server
}

/// The beginning of the answer: the protocol and the status.
fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut status = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}

fn python() -> PathBuf {
    folder().join("bin/python")
}

/// Where `scripts/install-deps.sh` puts them.
fn folder() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    cache.unwrap_or_default().join("assay/emulators")
}
