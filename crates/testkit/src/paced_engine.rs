//! A **paced engine** yields the first token of every answer a stated time after its request arrived, and then one at
//! every step, whatever the load: what is right is known beforehand, and every write is stamped.
//!
//! It is as cheap as a server can be, so that on a machine that it shares with a load generator the generator's limit is
//! seen and not its own: one thread, answers made beforehand, one queue of due tokens instead of a timer for each
//! stream. With a step of zero it writes as fast as it can, a token of each stream in turn.

mod request;
mod streams;
mod wire;

use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use crate::stream_truth::StreamTruth;
use streams::Streams;

/// When an engine yields tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From a request's arrival to the first token.
    pub ttft: Duration,
    /// Between two tokens.
    pub step: Duration,
}

/// An engine that stops when it is dropped.
#[derive(Debug)]
pub struct PacedEngine {
    base_url: String,
    truth: Arc<Mutex<Vec<StreamTruth>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PacedEngine {
    /// Starts on a free port, on a thread of its own.
    #[must_use]
    pub fn start(pace: Pace) -> Self {
        let truth = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = oneshot::channel();
        let (told, port) = std::sync::mpsc::channel();
        let report_to = Arc::clone(&truth);
        let thread = std::thread::spawn(move || {
            // New requests are looked for after every turn of the queue.
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().event_interval(1).build().unwrap();
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap().port()).unwrap();
                let streams = Rc::new(Streams::new(pace, report_to));
                tokio::task::spawn_local(Rc::clone(&streams).play());
                let serving = async {
                    while let Ok((socket, _)) = listener.accept().await {
                        socket.set_nodelay(true).unwrap();
                        tokio::task::spawn_local(request::answer_all(socket, Rc::clone(&streams)));
                    }
                };
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        });
        let base_url = format!("http://127.0.0.1:{}", port.recv().unwrap());
        Self { base_url, truth, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What was done for the streams that ended since the last call, in the order of their ends.
    pub fn take_truth(&self) -> Vec<StreamTruth> {
        std::mem::take(&mut self.truth.lock().unwrap())
    }
}

impl Drop for PacedEngine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the engine has been told where it happened.
            let _ = thread.join();
        }
    }
}
