//! **Framing** says where an HTTP/1.1 answer begins and ends (RFC 9112, 6 and 7), whatever pieces it comes in. The
//! body is handed out as it comes, without a copy.

use std::time::Duration;

use chrono::Utc;
use http::StatusCode;

use crate::load::timed::retry_after;

/// Longest head, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// Most headers.
const MAX_HEADERS: usize = 128;

/// An answer that is not HTTP/1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not HTTP/1.1: {0}")]
pub(super) struct BadAnswer(&'static str);

/// What has been understood of an answer.
#[derive(Debug)]
pub(super) struct Framing {
    /// What has come of the head.
    head: Vec<u8>,
    state: State,
    status: StatusCode,
    keeps_alive: bool,
    retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// So many bytes of the body are to come.
    Length(u64),
    UntilClosed,
    Chunked(Chunk),
    Ended,
}

/// Where in a chunked body we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunk {
    /// In the size, of which this much was read; whether it has a digit.
    Size(u64, bool),
    /// In the rest of the size's line.
    Extension(u64),
    /// So many bytes of data are to come.
    Data(u64),
    /// Before the end of the line after the data.
    AfterData,
    /// In a line after the last chunk, of which this much was read.
    Trailer(u32),
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            head: Vec::new(),
            state: State::Head,
            status: StatusCode::OK,
            keeps_alive: false,
            retry_after: None,
        }
    }
}

impl Framing {
    /// Takes in what was read and hands out what of it is the body's.
    ///
    /// # Errors
    /// When it is not HTTP/1.1.
    pub(super) fn take<'a>(
        &mut self,
        mut read: &'a [u8],
        mut body: impl FnMut(&'a [u8]),
    ) -> Result<(), BadAnswer> {
        while !read.is_empty() {
            match &mut self.state {
                State::Head => read = self.take_head(read)?,
                State::Length(left) => {
                    let piece = up_to(&mut read, *left);
                    *left -= piece.len() as u64;
                    if *left == 0 {
                        self.state = State::Ended;
                    }
                    body(piece);
                }
                State::UntilClosed => body(std::mem::take(&mut read)),
                State::Chunked(Chunk::Data(left)) => {
                    let piece = up_to(&mut read, *left);
                    *left -= piece.len() as u64;
                    if *left == 0 {
                        self.state = State::Chunked(Chunk::AfterData);
                    }
                    body(piece);
                }
                State::Chunked(chunk) => {
                    self.state = chunk.after(read[0])?;
                    read = &read[1..];
                }
                State::Ended => {
                    // Nothing was asked: whatever this is, the connection cannot be trusted.
                    self.keeps_alive = false;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether anything has come.
    pub(super) fn has_begun(&self) -> bool {
        self.has_head() || !self.head.is_empty()
    }

    /// Whether the head is complete.
    pub(super) fn has_head(&self) -> bool {
        self.state != State::Head
    }

    /// Whether the answer is complete.
    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Whether the answer is complete when the connection ends now.
    pub(super) fn ends_with_the_connection(&self) -> bool {
        matches!(self.state, State::UntilClosed | State::Ended)
    }

    /// Whether another request may be sent after the answer.
    pub(super) const fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// The status; 200 until it is known.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// How long the server asks to be left alone.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Takes in a piece of the head. Returns what comes after it.
    fn take_head<'a>(&mut self, read: &'a [u8]) -> Result<&'a [u8], BadAnswer> {
        self.head.extend_from_slice(read);
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = answer.parse(&self.head).map_err(|error| bad(&error))?
        else {
            return if self.head.len() > MAX_HEAD { Err(BadAnswer("its head has no end")) } else { Ok(&[]) };
        };
        // Without this piece the head was not complete, so what comes after it is in this piece.
        let rest = read.get(read.len().saturating_sub(self.head.len() - length)..).unwrap_or_default();
        let status = answer.code.and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.ok_or(BadAnswer("its status is none"))?;
        let head = Head::read(answer.headers)?;
        // HTTP/1.0 closes unless it says otherwise.
        let keeps_alive = head.keeps_alive.unwrap_or(answer.version == Some(1));
        self.head.clear();
        if status.is_informational() {
            return Ok(rest);
        }
        self.status = status;
        self.retry_after = head.retry_after;
        self.state = match (head.chunked, head.length) {
            _ if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => State::Ended,
            (true, _) => State::Chunked(Chunk::Size(0, false)),
            (false, Some(0)) => State::Ended,
            (false, Some(length)) => State::Length(length),
            (false, None) => State::UntilClosed,
        };
        self.keeps_alive = keeps_alive && self.state != State::UntilClosed;
        Ok(rest)
    }
}

/// What a head says of the body.
#[derive(Debug, Default)]
struct Head {
    chunked: bool,
    length: Option<u64>,
    keeps_alive: Option<bool>,
    retry_after: Option<Duration>,
}

impl Head {
    fn read(headers: &[httparse::Header<'_>]) -> Result<Self, BadAnswer> {
        let mut head = Self::default();
        for header in headers {
            let value = header.value.trim_ascii();
            let name = header.name;
            if name.eq_ignore_ascii_case("transfer-encoding") {
                let last = value.rsplit(|b| *b == b',').next().unwrap_or_default();
                head.chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
            } else if name.eq_ignore_ascii_case("content-length") {
                let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                if length.is_none() || (head.length.is_some() && head.length != length) {
                    return Err(BadAnswer("its length is no number"));
                }
                head.length = length;
            } else if name.eq_ignore_ascii_case("retry-after") {
                head.retry_after = retry_after::read(value, Utc::now());
            } else if name.eq_ignore_ascii_case("connection") {
                for word in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                    if word.eq_ignore_ascii_case(b"close") {
                        head.keeps_alive = Some(false);
                    } else if word.eq_ignore_ascii_case(b"keep-alive") {
                        head.keeps_alive.get_or_insert(true);
                    }
                }
            }
        }
        Ok(head)
    }
}

impl Chunk {
    /// The state after a byte of the framing.
    fn after(self, byte: u8) -> Result<State, BadAnswer> {
        Ok(State::Chunked(match (self, byte) {
            (Self::Size(size, _), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                let size = size.checked_mul(16).ok_or(BadAnswer("a chunk's size is too large"))?;
                Self::Size(size + u64::from(digit), true)
            }
            (Self::Size(size, true), b'\r' | b';' | b' ' | b'\t') => Self::Extension(size),
            (Self::Size(size, true) | Self::Extension(size), b'\n') => match size {
                0 => Self::Trailer(0),
                _ => Self::Data(size),
            },
            (Self::Size(..), _) => return Err(BadAnswer("a chunk's size is no number")),
            (Self::Extension(_), _) | (Self::AfterData, b'\r') | (Self::Trailer(_), b'\r') => self,
            (Self::AfterData, b'\n') => Self::Size(0, false),
            (Self::AfterData, _) => return Err(BadAnswer("a chunk is longer than its size")),
            (Self::Trailer(0), b'\n') => return Ok(State::Ended),
            (Self::Trailer(_), b'\n') => Self::Trailer(0),
            (Self::Trailer(read), _) => Self::Trailer(read.saturating_add(1)),
            // Data is taken whole, not byte by byte.
            (Self::Data(_), _) => self,
        }))
    }
}

/// Takes at most `most` bytes off the front.
fn up_to<'a>(read: &mut &'a [u8], most: u64) -> &'a [u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(read.len());
    let (piece, rest) = read.split_at(most);
    *read = rest;
    piece
}

const fn bad(error: &httparse::Error) -> BadAnswer {
    BadAnswer(match error {
        httparse::Error::Status => "its status is none",
        httparse::Error::Version => "its first line names no version",
        httparse::Error::TooManyHeaders => "it has too many headers",
        httparse::Error::HeaderName | httparse::Error::HeaderValue => "a header is not one",
        httparse::Error::NewLine | httparse::Error::Token => "its first line is not one",
    })
}

#[cfg(test)]
mod tests;
