//! A **timeline** is when the content events of an answer arrived, and how many tokens each carried where the server
//! told.
//!
//! A run of an hour has hundreds of millions of events, so that each is kept in few bytes: the time since the one
//! before it, in as many groups of seven bits as it needs. At 20 ms between events that is four bytes, exact to the
//! nanosecond. What is asked for most (the first and the last instant, the number of events) is kept beside them. The
//! bytes may be moved to an [`Archive`] and are then read back whenever the events are gone through.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where the bytes of timelines are kept, if not in memory. What it cannot read back it remembers as an error, so that
/// whoever computed something asks it afterwards.
pub trait Archive: fmt::Debug + Send + Sync {
    /// Reads `length` bytes that are kept at `at`. None when they cannot be read.
    fn read(&self, at: u64, length: usize) -> Option<Vec<u8>>;
}

/// A content event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentEvent {
    /// When it arrived, ns.
    pub at_ns: u64,
    /// Its tokens, where the server told.
    pub tokens: Option<u32>,
}

/// The content events of an answer, in order.
#[derive(Clone, Default)]
pub struct Timeline {
    count: u32,
    first_ns: u64,
    last_ns: u64,
    /// Of the first event, where the server told those of all.
    first_tokens: Option<u32>,
    kept: Kept,
}

/// The bytes of all events.
#[derive(Clone)]
enum Kept {
    Here(Box<[u8]>),
    Archived { archive: Arc<dyn Archive>, at: u64, length: u32 },
}

impl Default for Kept {
    fn default() -> Self {
        Self::Here(Box::default())
    }
}

impl Timeline {
    /// Events at instants in order, with the tokens of each, or none where the server did not tell.
    #[must_use]
    pub fn new(instants: &[u64], tokens: &[u32]) -> Self {
        let told = tokens.len() == instants.len();
        // Most times between events need four bytes.
        let mut bytes = Vec::with_capacity(instants.len() * 4 + instants.len() * usize::from(told) + 8);
        let mut before = 0;
        for (event, at_ns) in instants.iter().enumerate() {
            // Instants that go back, as no clock of ours does, come back as they were all the same.
            write(&mut bytes, at_ns.wrapping_sub(before));
            before = *at_ns;
            if let Some(tokens) = tokens.get(event).filter(|_| told) {
                write(&mut bytes, u64::from(*tokens));
            }
        }
        Self {
            count: u32::try_from(instants.len()).unwrap_or(u32::MAX),
            first_ns: instants.first().copied().unwrap_or(0),
            last_ns: before,
            first_tokens: tokens.first().copied().filter(|_| told),
            kept: Kept::Here(bytes.into()),
        }
    }

    /// Number of events.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// When the first event arrived, ns.
    #[must_use]
    pub fn first_ns(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.first_ns)
    }

    /// When the last event arrived, ns.
    #[must_use]
    pub fn last_ns(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.last_ns)
    }

    /// Tokens of the first event, where the server told.
    #[must_use]
    pub const fn first_tokens(&self) -> Option<u32> {
        self.first_tokens
    }

    /// Whether the server told the tokens of each event.
    #[must_use]
    pub const fn tells_tokens(&self) -> bool {
        self.first_tokens.is_some()
    }

    /// Every event, in order.
    pub fn events(&self) -> impl Iterator<Item = ContentEvent> + '_ {
        let bytes = match &self.kept {
            Kept::Here(bytes) => Cow::Borrowed(&**bytes),
            Kept::Archived { archive, at, length } => {
                Cow::Owned(archive.read(*at, *length as usize).unwrap_or_default())
            }
        };
        let (mut position, mut at_ns, told) = (0, 0_u64, self.tells_tokens());
        std::iter::from_fn(move || {
            at_ns = at_ns.wrapping_add(read(&bytes, &mut position)?);
            let tokens = if told { u32::try_from(read(&bytes, &mut position)?).ok() } else { None };
            Some(ContentEvent { at_ns, tokens })
        })
    }

    /// When each event arrived, ns.
    pub fn instants_ns(&self) -> impl Iterator<Item = u64> + '_ {
        self.events().map(|event| event.at_ns)
    }

    /// Times between consecutive events, ns; 0 where an instant goes back.
    pub fn gaps_ns(&self) -> impl Iterator<Item = u64> + '_ {
        let mut before = None;
        self.instants_ns().filter_map(move |at_ns| Some(at_ns.saturating_sub(before.replace(at_ns)?)))
    }

    /// The bytes that are kept in memory; none of those that were moved.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.kept {
            Kept::Here(bytes) => bytes,
            Kept::Archived { .. } => &[],
        }
    }

    /// Lets go of the bytes, which lie at `at` of an archive now.
    pub fn moved_to(&mut self, archive: Arc<dyn Archive>, at: u64) {
        if let Kept::Here(bytes) = &self.kept
            && let Ok(length) = u32::try_from(bytes.len())
        {
            self.kept = Kept::Archived { archive, at, length };
        }
    }
}

/// Writes a number in groups of seven bits, lowest first; all but the last have the eighth bit set.
fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads the number at a position. None at the end.
fn read(bytes: &[u8], position: &mut usize) -> Option<u64> {
    let (mut number, mut shift) = (0_u64, 0_u32);
    loop {
        let byte = *bytes.get(*position)?;
        *position += 1;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

impl PartialEq for Timeline {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.events().eq(other.events())
    }
}

impl Eq for Timeline {}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.events()).finish()
    }
}

/// As it is written: instants and tokens side by side.
#[derive(Serialize, Deserialize)]
struct Columns {
    content_ns: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    content_tokens: Vec<u32>,
}

impl Serialize for Timeline {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content_ns = self.instants_ns().collect();
        let content_tokens = self.events().filter_map(|event| event.tokens).collect();
        Columns { content_ns, content_tokens }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Timeline {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Columns { content_ns, content_tokens } = Columns::deserialize(deserializer)?;
        Ok(Self::new(&content_ns, &content_tokens))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes of all timelines, one after the other.
    #[derive(Debug)]
    struct Shelf(Vec<u8>);

    impl Archive for Shelf {
        fn read(&self, at: u64, length: usize) -> Option<Vec<u8>> {
            let at = usize::try_from(at).ok()?;
            self.0.get(at..at + length).map(<[u8]>::to_vec)
        }
    }

    fn events() -> impl Strategy<Value = Vec<(u64, u32)>> {
        let gap = prop_oneof![Just(0), 0..1_000_u64, 0..40_000_000_u64, any::<u64>()];
        prop::collection::vec((gap, any::<u32>()), 0..40).prop_map(|gaps| {
            let mut at_ns = 0_u64;
            let at = |(gap, tokens)| {
                at_ns = at_ns.wrapping_add(gap);
                (at_ns, tokens)
            };
            gaps.into_iter().map(at).collect()
        })
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_wherever_it_is_kept(events in events(), told: bool) {
            let (instants, mut tokens): (Vec<u64>, Vec<u32>) = events.into_iter().unzip();
            if !told {
                tokens.clear();
            }
            let here = Timeline::new(&instants, &tokens);
            let shelf = Shelf([b"before", here.bytes(), b"after"].concat());
            let mut moved = here.clone();
            moved.moved_to(Arc::new(shelf), 6);
            prop_assert!(moved.bytes().is_empty());
            for timeline in [&here, &moved] {
                prop_assert_eq!(timeline.instants_ns().collect::<Vec<_>>(), instants.clone());
                let all = timeline.events().map(|event| event.tokens).collect::<Option<Vec<u32>>>();
                prop_assert_eq!(all.unwrap_or_default(), tokens.clone());
                prop_assert_eq!((timeline.len(), timeline.first_ns()), (instants.len(), instants.first().copied()));
                prop_assert_eq!((timeline.last_ns(), timeline.first_tokens()),
                                (instants.last().copied(), tokens.first().copied()));
            }
            prop_assert_eq!(&here, &moved);
            let json = serde_json::to_string(&moved).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timeline>(&json).unwrap(), here);
        }
    }

    #[test]
    fn an_event_of_a_usual_stream_takes_four_bytes() {
        let instants: Vec<u64> = (0..100).map(|n| 3_000_000_000 + n * 20_123_457).collect();
        let bytes = Timeline::new(&instants, &[]).bytes().len();
        assert!(bytes <= 4 * 100 + 1, "{bytes}");
    }

    #[test]
    fn what_an_archive_has_lost_is_no_event() {
        let mut timeline = Timeline::new(&[5, 7], &[]);
        timeline.moved_to(Arc::new(Shelf(Vec::new())), 0);
        assert_eq!((timeline.len(), timeline.events().count()), (2, 0));
    }
}
