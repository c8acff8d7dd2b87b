//! The **streams** under way and the queue of their tokens.
//!
//! All streams have the same step, so those whose next token is due later were put in line later: two queues in order, one of
//! first tokens and one of the others, take the place of a timer for each stream.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

use super::wire::{self, Api, Place, Usage};
use super::{Pace, StreamTruth};

/// Most tokens that are written before new requests are looked for.
const MOST_AT_ONCE: usize = 32;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub request_id: Option<String>,
    pub received: Instant,
    pub api: Api,
    /// Tokens of the answer.
    pub tokens: u32,
    /// Tokens of the prompt, where the answer is to end with usage.
    pub usage_of_prompt: Option<u32>,
}

#[derive(Debug)]
struct Stream {
    socket: TcpStream,
    api: Api,
    tokens: u32,
    usage: Option<Usage>,
    truth: StreamTruth,
    /// What the socket had no room for.
    unsent: Vec<u8>,
    /// Where the socket goes when the answer has ended.
    ended: oneshot::Sender<TcpStream>,
}

#[derive(Debug)]
struct Due {
    at: Instant,
    stream: Stream,
}

#[derive(Debug, Default)]
struct Queues {
    first: VecDeque<Due>,
    further: VecDeque<Due>,
}

/// All streams of an engine.
#[derive(Debug)]
pub(super) struct Streams {
    pace: Pace,
    queues: RefCell<Queues>,
    added: Notify,
    report_to: Arc<Mutex<Vec<StreamTruth>>>,
    /// A token in the middle of an answer, of which there are most: for a chat and for a completion.
    usual: [Vec<u8>; 2],
}

impl Queues {
    /// The line in which somebody is due first, and when.
    fn next(&mut self) -> Option<(Instant, &mut VecDeque<Due>)> {
        let Self { first, further } = self;
        let at = |queue: &VecDeque<Due>| queue.front().map(|due| due.at);
        match (at(first), at(further)) {
            (Some(a), Some(b)) if a <= b => Some((a, first)),
            (_, Some(b)) => Some((b, further)),
            (Some(a), None) => Some((a, first)),
            (None, None) => None,
        }
    }
}

impl Streams {
    pub(super) fn new(pace: Pace, report_to: Arc<Mutex<Vec<StreamTruth>>>) -> Self {
        let usual = [Api::Chat, Api::Completions].map(|api| {
            let mut bytes = Vec::new();
            wire::write(&mut bytes, api, Place { first: false, last: false }, None);
            bytes
        });
        Self { pace, queues: RefCell::default(), added: Notify::new(), report_to, usual }
    }

    /// Answers a request. Returns the socket when the answer has been written.
    pub(super) async fn play_one(&self, socket: TcpStream, asked: Asked) -> TcpStream {
        let (ended, end) = oneshot::channel();
        let Asked { request_id, received, api, tokens, usage_of_prompt } = asked;
        let writes = Vec::with_capacity(tokens as usize);
        let stream = Stream {
            socket,
            api,
            tokens,
            usage: usage_of_prompt.map(|prompt| Usage { prompt, completion: tokens }),
            truth: StreamTruth { request_id, received, writes },
            unsent: Vec::new(),
            ended,
        };
        self.queues.borrow_mut().first.push_back(Due { at: received + self.pace.ttft, stream });
        self.added.notify_one();
        // The queue holds a stream until it has ended it.
        end.await.unwrap()
    }

    /// Writes every token when it is due.
    pub(super) async fn play(self: std::rc::Rc<Self>) {
        loop {
            let next = self.play_those_due(Instant::now());
            match next {
                Some(at) if at <= Instant::now() => tokio::task::yield_now().await,
                Some(at) => tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {}
                    () = self.added.notified() => {}
                },
                None => self.added.notified().await,
            }
        }
    }

    /// Writes the tokens that are due. Returns when the next one is.
    fn play_those_due(&self, now: Instant) -> Option<Instant> {
        let mut queues = self.queues.borrow_mut();
        for _ in 0..MOST_AT_ONCE {
            let (at, queue) = queues.next()?;
            if at > now {
                return Some(at);
            }
            let Some(Due { mut stream, .. }) = queue.pop_front() else { continue };
            match stream.write(&self.usual) {
                Ok(false) => {
                    // Without a step streams take turns.
                    let keeps_pace = stream.unsent.is_empty() && !self.pace.step.is_zero();
                    let at = if keeps_pace { at } else { now };
                    queues.further.push_back(Due { at: at + self.pace.step, stream });
                }
                Ok(true) => {
                    self.report_to.lock().unwrap().push(stream.truth);
                    let _ = stream.ended.send(stream.socket);
                }
                // The client went away.
                Err(_) => drop(stream.ended.send(stream.socket)),
            }
        }
        queues.next().map(|(at, _)| at)
    }
}

impl Stream {
    /// Writes the next token, or what is left of the last one. Says whether that was the end.
    fn write(&mut self, usual: &[Vec<u8>; 2]) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let nth = self.truth.writes.len() + 1;
            let place = Place { first: nth == 1, last: nth >= self.tokens as usize };
            self.truth.writes.push(Instant::now());
            if place.first || place.last {
                wire::write(&mut self.unsent, self.api, place, self.usage);
            } else {
                let bytes = &usual[self.api as usize];
                let sent = some_of(self.socket.try_write(bytes))?;
                self.unsent.extend_from_slice(&bytes[sent..]);
                return Ok(false);
            }
        }
        let sent = some_of(self.socket.try_write(&self.unsent))?;
        self.unsent.drain(..sent);
        Ok(self.unsent.is_empty() && self.truth.writes.len() >= self.tokens as usize)
    }
}

/// A socket without room has taken nothing.
fn some_of(written: io::Result<usize>) -> io::Result<usize> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        other => other,
    }
}
