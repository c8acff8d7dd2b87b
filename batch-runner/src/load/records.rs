//! The **records** of a run, in the order of sending.
//!
//! What is kept of a request is small, but not the timeline of its events: an hour of 8,000 streams has half a thousand
//! million. Timelines stay in memory up to [`MOST_KEPT`] bytes, which is four bytes an event; those of requests that end
//! later go to a file without a name in the folder of temporary files and are read back when their events are gone
//! through. Whoever has gone through them asks [`Records::check`] whether all could be read. Where the file cannot be
//! written, timelines stay in memory, which is logged.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use measurement::RequestRecord;
use measurement::timeline::Archive;

/// Most bytes of timelines that stay in memory.
pub const MOST_KEPT: usize = 256 << 20;
/// Environment variable with the folder of temporary files.
pub const TEMPORARY_VARIABLE: &str = "TMPDIR";
/// Where temporary files are kept that may be large, unless told otherwise: `/tmp` lies in memory on many machines.
const LARGE_TEMPORARY: &str = "/var/tmp";

/// Every record of a run.
#[derive(Debug, Clone, Default)]
pub struct Records {
    records: Vec<RequestRecord>,
    /// Where the timelines are that are not in memory.
    spill: Option<Arc<SpillFile>>,
}

/// Records that are being added.
#[derive(Debug)]
pub struct Growing {
    records: Records,
    folder: PathBuf,
    /// Bytes that may still be kept in memory.
    room: usize,
    /// Length of the file.
    spilled: u64,
    /// Whether there is a file that can be written.
    spills: bool,
}

/// A file of timelines that nobody else can open.
#[derive(Debug)]
struct SpillFile {
    file: File,
    /// The first read that failed.
    failed: Mutex<Option<String>>,
}

impl Growing {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        let told = std::env::var_os(TEMPORARY_VARIABLE).map(PathBuf::from);
        let usual = || Some(PathBuf::from(LARGE_TEMPORARY)).filter(|folder| folder.is_dir());
        Self::in_folder(told.or_else(usual).unwrap_or_else(std::env::temp_dir), MOST_KEPT)
    }

    fn in_folder(folder: PathBuf, room: usize) -> Self {
        Self { records: Records::default(), folder, room, spilled: 0, spills: true }
    }

    /// Adds one, the last to have ended.
    pub fn push(&mut self, mut record: RequestRecord) {
        let bytes = record.content.bytes().len();
        if bytes <= self.room {
            self.room -= bytes;
        } else if self.spills
            && let Err(error) = self.spill(&mut record)
        {
            self.spills = false;
            tracing::warn!(
                "instants of tokens stay in memory, since {} cannot be written ({error}): set {TEMPORARY_VARIABLE} to a folder with room",
                self.folder.display()
            );
        }
        self.records.records.push(record);
    }

    fn spill(&mut self, record: &mut RequestRecord) -> io::Result<()> {
        let file = match &self.records.spill {
            Some(file) => Arc::clone(file),
            None => {
                let file = tempfile::tempfile_in(&self.folder)?;
                Arc::clone(self.records.spill.insert(Arc::new(SpillFile { file, failed: Mutex::default() })))
            }
        };
        let bytes = record.content.bytes();
        let length = bytes.len() as u64;
        // Where a write fails half-way, what it left behind is written over or never read.
        file.file.write_all_at(bytes, self.spilled)?;
        record.content.moved_to(file, self.spilled);
        self.spilled += length;
        Ok(())
    }

    /// Those so far, in the order of ending.
    #[must_use]
    pub fn so_far(&self) -> &[RequestRecord] {
        &self.records
    }

    /// All, in the order of sending.
    #[must_use]
    pub fn all(self) -> Records {
        let mut records = self.records;
        records.records.sort_unstable_by_key(|record| record.index);
        records
    }
}

impl Default for Growing {
    fn default() -> Self {
        Self::new()
    }
}

impl Records {
    /// Whether every event that was asked for so far could be read.
    ///
    /// # Errors
    /// When one could not: what was computed from them is wrong.
    pub fn check(&self) -> io::Result<()> {
        let Some(spill) = &self.spill else { return Ok(()) };
        match &*spill.failed.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(why) => Err(io::Error::other(format!("instants of tokens cannot be read back: {why}"))),
        }
    }
}

impl Archive for SpillFile {
    fn read(&self, at: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        match self.file.read_exact_at(&mut bytes, at) {
            Ok(()) => Some(bytes),
            Err(error) => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| error.to_string());
                None
            }
        }
    }
}

impl Deref for Records {
    type Target = [RequestRecord];

    fn deref(&self) -> &[RequestRecord] {
        &self.records
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = &'a RequestRecord;
    type IntoIter = std::slice::Iter<'a, RequestRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

impl From<Vec<RequestRecord>> for Records {
    fn from(records: Vec<RequestRecord>) -> Self {
        Self { records, spill: None }
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

#[cfg(test)]
mod tests {
    use domain::result::TokenSource;
    use measurement::gaps::summarise_gaps;
    use measurement::record::{Outcome, Phase};
    use measurement::timeline::Timeline;
    use measurement::window::{Selects, Window};
    use proptest::prelude::*;

    use super::*;

    fn record(index: u32, gaps_ns: &[u64]) -> RequestRecord {
        let mut at_ns = u64::from(index) * 1_000_000;
        let at = |gap_ns: &u64| {
            at_ns += gap_ns;
            at_ns
        };
        let instants: Vec<u64> = gaps_ns.iter().map(at).collect();
        RequestRecord {
            index,
            phase: Phase::Measured,
            turn: None,
            t_sched_ns: at_ns,
            t_send_ns: Some(at_ns),
            content: Timeline::new(&instants, &[]),
            first_output: Some(0),
            t_end_ns: at_ns,
            retry_wait_ns: None,
            input_tokens: None,
            cached_input_tokens: 0,
            output_tokens: instants.len() as u64,
            token_source: TokenSource::ServerUsage,
            finish_reason: None,
            outcome: Outcome::Succeeded,
        }
    }

    fn kept(records: &[RequestRecord]) -> usize {
        records.iter().map(|record| record.content.bytes().len()).sum()
    }

    fn grown(records: &[RequestRecord], room: usize) -> Records {
        let mut growing = Growing::in_folder(std::env::temp_dir(), room);
        for record in records.iter().rev() {
            growing.push(record.clone());
            assert!(kept(growing.so_far()) <= room);
        }
        growing.all()
    }

    proptest! {
        #[test]
        fn what_was_spilled_is_the_same_and_not_in_memory(
            answers in prop::collection::vec(prop::collection::vec(0..90_000_000_u64, 0..50), 1..40),
            room in 0..2_000_usize,
        ) {
            let records: Vec<RequestRecord> = (0..).zip(&answers).map(|(n, gaps)| record(n, gaps)).collect();
            let spilled = grown(&records, room);
            prop_assert_eq!(&spilled, &Records::from(records.clone()));
            prop_assert!(spilled.check().is_ok());
            let lines = |records: &[RequestRecord]| serde_json::to_string(records).unwrap();
            prop_assert_eq!(lines(&spilled), lines(&records));
            let gaps = |records: &[RequestRecord]| summarise_gaps(&records.iter().collect::<Vec<_>>());
            prop_assert_eq!(gaps(&spilled), gaps(&records));
            let (start_ns, end_ns) = (100_000_000, 900_000_000);
            let window = Window { start_ns, end_ns, steady: true, selects: Selects::Sent };
            let tokens = |records: &[RequestRecord]| {
                (window.output_tokens(records), window.tokens_per_interval(records, 1e7))
            };
            prop_assert_eq!(tokens(&spilled), tokens(&records));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_costs_memory_and_no_record() {
        let mut growing = Growing::in_folder(PathBuf::from("/nowhere"), 10);
        let records: Vec<RequestRecord> = (0..5).map(|n| record(n, &[20_000_000; 8])).collect();
        records.iter().cloned().for_each(|record| growing.push(record));
        let all = growing.all();
        assert_eq!((&*all, kept(&all)), (&*records, kept(&records)));
    }

    #[test]
    fn what_cannot_be_read_back_is_told() {
        let all = grown(&[record(0, &[20_000_000; 8])], 0);
        assert_eq!((all[0].content.events().count(), all.check().is_ok()), (8, true));
        all.spill.as_ref().unwrap().file.set_len(0).unwrap();
        assert_eq!(all[0].content.events().count(), 0);
        let error = all.check().unwrap_err().to_string();
        assert!(error.starts_with("instants of tokens cannot be read back"), "{error}");
    }
}
