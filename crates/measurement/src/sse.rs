//! A **server-sent event** is a block of `field: value` lines that ends with an empty line; its data is the
//! text of its `data` lines joined by line feeds.
//!
//! A [`Recording`] is the body of a response as it arrived: the bytes, and for each read how far it got and
//! when. [`Recording::events`] cuts it into events afterwards, off the timed path. An event's instant is
//! that of the read that brought the last byte it needed, so how the bytes were split never changes which
//! events there are, only when they were complete.

use std::borrow::Cow;

use memchr::memchr2;

/// Bytes of the mark at the start that some servers send.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One read: everything before `end` had arrived at `at_ns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ReadMark {
    end: usize,
    at_ns: u64,
}

/// The body of a response as it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    bytes: Vec<u8>,
    marks: Vec<ReadMark>,
}

impl Recording {
    /// Room for `bytes` bytes in `reads` reads, so that recording allocates nothing until they are used up.
    #[must_use]
    pub fn with_capacity(bytes: usize, reads: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), marks: Vec::with_capacity(reads) }
    }

    /// Adds what one read brought at the instant `at_ns`. Instants must not decrease.
    pub fn push(&mut self, read: &[u8], at_ns: u64) {
        if read.is_empty() {
            return;
        }
        self.bytes.extend_from_slice(read);
        let end = self.bytes.len();
        match self.marks.last_mut() {
            // A read may come in pieces, freed of what lay between them.
            Some(last) if last.at_ns == at_ns => last.end = end,
            _ => self.marks.push(ReadMark { end, at_ns }),
        }
    }

    /// All bytes so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The events in it.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        let start = if self.bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        Events { recording: self, position: start, mark: 0 }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its data.
    pub data: Cow<'a, [u8]>,
    /// When the read that completed it arrived, ns.
    pub at_ns: u64,
    /// Whether its empty line was there. The last event of a stream that breaks off may lack it, and its
    /// data may then be cut short.
    pub terminated: bool,
}

/// Iterator over the events of a recording. Events without data (comments, keep-alives) are left out.
#[derive(Debug, Clone)]
pub struct Events<'a> {
    recording: &'a Recording,
    position: usize,
    mark: usize,
}

impl<'a> Events<'a> {
    /// The next line without its end, and whether it had one. `\r\n`, `\n` and `\r` all end a line.
    fn next_line(&mut self) -> Option<(&'a [u8], bool)> {
        let rest = self.recording.bytes.get(self.position..).filter(|rest| !rest.is_empty())?;
        let Some(length) = memchr2(b'\n', b'\r', rest) else {
            self.position += rest.len();
            return Some((rest, false));
        };
        let crlf = rest[length] == b'\r' && rest.get(length + 1) == Some(&b'\n');
        self.position += length + 1 + usize::from(crlf);
        Some((&rest[..length], true))
    }

    /// The instant at which the first `end` bytes were there.
    fn instant_of(&mut self, end: usize) -> u64 {
        let marks = &self.recording.marks;
        while marks.get(self.mark).is_some_and(|m| m.end < end) {
            self.mark += 1;
        }
        marks.get(self.mark).or(marks.last()).map_or(0, |m| m.at_ns)
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let mut data: Option<Cow<'a, [u8]>> = None;
        loop {
            let before = self.position;
            let Some((line, ended)) = self.next_line() else {
                // The stream ended inside an event: a server may close right after its last line.
                let data = data?;
                let at_ns = self.instant_of(self.recording.bytes.len());
                return Some(Event { data, at_ns, terminated: false });
            };
            if line.is_empty() {
                let Some(data) = data.take() else { continue };
                // One byte ends the line, whether or not a line feed follows a carriage return.
                let at_ns = self.instant_of(before + 1);
                return Some(Event { data, at_ns, terminated: true });
            }
            if let Some(value) = data_of(line) {
                match &mut data {
                    None => data = Some(Cow::Borrowed(value)),
                    Some(lines) => {
                        let lines = lines.to_mut();
                        lines.push(b'\n');
                        lines.extend_from_slice(value);
                    }
                }
            }
            if !ended && data.is_none() {
                return None;
            }
        }
    }
}

/// The value of a `data` line; None for comments and other fields.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(stream: &[u8]) -> Vec<(String, bool)> {
        let mut recording = Recording::default();
        recording.push(stream, 1);
        recording.events().map(|e| (String::from_utf8_lossy(&e.data).into_owned(), e.terminated)).collect()
    }

    fn whole(items: &[&str]) -> Vec<(String, bool)> {
        items.iter().map(|s| ((*s).to_owned(), true)).collect()
    }

    #[test]
    fn every_line_end_is_understood() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = format!("data: a{end}{end}data: b{end}{end}");
            assert_eq!(texts(stream.as_bytes()), whole(&["a", "b"]), "{end:?}");
        }
    }

    #[test]
    fn comments_other_fields_and_empty_events_are_skipped() {
        let stream =
            b": ping\n\nevent: x\nid: 1\n\n\n\ndata:no space\nretry: 5\n\ndatabase: no\n\ndata: z\n\n";
        assert_eq!(texts(stream), whole(&["no space", "z"]));
    }

    #[test]
    fn data_lines_are_joined_and_the_byte_order_mark_is_dropped() {
        assert_eq!(texts(b"\xef\xbb\xbfdata: a\ndata\ndata:  b\n\n"), whole(&["a\n\n b"]));
    }

    #[test]
    fn the_last_event_may_lack_its_empty_line() {
        assert_eq!(texts(b"data: a\n\ndata: b\n"), [("a".to_owned(), true), ("b".to_owned(), false)]);
        assert_eq!(texts(b"data: a"), [("a".to_owned(), false)]);
        assert!(texts(b": only a comment").is_empty());
    }

    #[test]
    fn an_event_has_the_instant_of_the_read_that_completed_it() {
        let mut recording = Recording::with_capacity(64, 8);
        for (read, at) in [("data: a\n", 10), ("\ndata: b", 20), ("\n\nda", 30), ("", 35), ("ta: c\r", 40)] {
            recording.push(read.as_bytes(), at);
        }
        recording.push(b"\n\r", 50);
        recording.push(b"\n", 60);
        let instants: Vec<u64> = recording.events().map(|e| e.at_ns).collect();
        assert_eq!(instants, [20, 30, 50]);
    }
}
