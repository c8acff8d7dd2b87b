//! The **cache** keeps the ceiling of each host in a file of the user's cache folder. Without a folder, or where it
//! cannot be written to, the ceiling is found at every start; a file that cannot be read or is of another host is
//! written anew.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::content_hash::content_hash;
use measurement::certificate::Ceiling;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::host::Host;
use crate::cache_folder::own_cache_folder;

/// Where ceilings are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeilingCache {
    folder: Option<PathBuf>,
}

/// A ceiling and how it was come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// What this client can do on this host.
    pub ceiling: Ceiling,
    /// How long it took to find, where it was not known.
    pub took: Option<Duration>,
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    host: Host,
    ceiling: Ceiling,
}

impl CeilingCache {
    /// The user's: `$XDG_CACHE_HOME/assay`, else `~/.cache/assay`.
    #[must_use]
    pub fn of_user() -> Self {
        Self { folder: own_cache_folder() }
    }

    /// A folder.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder: Some(folder) }
    }

    /// The ceiling of this host: what is kept, or what is found now and kept for the next time.
    ///
    /// # Errors
    /// When it is not known and cannot be found.
    pub fn ceiling(&self) -> io::Result<Found> {
        self.ceiling_by(&Host::this(), super::find)
    }

    fn ceiling_by(&self, host: &Host, find: impl FnOnce() -> io::Result<Ceiling>) -> io::Result<Found> {
        let file = self.file(host);
        if let Some(ceiling) = file.as_deref().and_then(|file| read(file, host)) {
            return Ok(Found { ceiling, took: None });
        }
        let began = Instant::now();
        let ceiling = find()?;
        if let Some(file) = file {
            // It is found again the next time.
            let _ = write(&file, &Kept { host: host.clone(), ceiling });
        }
        Ok(Found { ceiling, took: Some(began.elapsed()) })
    }

    fn file(&self, host: &Host) -> Option<PathBuf> {
        let name = format!("client-{}.json", content_hash(host).ok()?);
        Some(self.folder.as_ref()?.join(name))
    }
}

fn read(file: &Path, host: &Host) -> Option<Ceiling> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let good = |rate: f64| rate.is_finite() && rate > 0.0;
    let usable = kept.host == *host && good(kept.ceiling.events_per_s) && good(kept.ceiling.requests_per_s);
    usable.then_some(kept.ceiling)
}

/// Writes a file that is there whole or not at all.
fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    std::fs::create_dir_all(folder)?;
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(&serde_json::to_vec(kept)?)?;
    draft.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CEILING: Ceiling = Ceiling { events_per_s: 2e5, requests_per_s: 3e4 };

    fn cached(cache: &CeilingCache) -> Found {
        cache.ceiling_by(&Host::this(), || panic!("it is known")).unwrap()
    }

    fn found(cache: &CeilingCache) -> Found {
        cache.ceiling_by(&Host::this(), || Ok(CEILING)).unwrap()
    }

    #[test]
    fn it_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CeilingCache::at(folder.path().join("new/assay"));
        assert!(found(&cache).took.is_some());
        assert_eq!(cached(&cache), Found { ceiling: CEILING, took: None });
        // Nothing but the file is left.
        assert_eq!(std::fs::read_dir(folder.path().join("new/assay")).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_used_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CeilingCache::at(folder.path().to_owned());
        let host = Host::this();
        let file = cache.file(&host).unwrap();
        let other = Host { kernel: "1.0".to_owned(), ..host.clone() };
        let kept = |host, events_per_s| {
            let ceiling = Ceiling { events_per_s, ..CEILING };
            serde_json::to_string(&Kept { host, ceiling }).unwrap()
        };
        for text in ["", "{}", "\u{0}", &kept(other, 2e5), &kept(host.clone(), 0.0), &kept(host, -1.0)] {
            std::fs::write(&file, text).unwrap();
            assert!(found(&cache).took.is_some(), "{text}");
            assert!(cached(&cache).took.is_none());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for cache in [CeilingCache::at(file.join("below")), CeilingCache { folder: None }] {
            assert!(found(&cache).took.is_some());
            assert!(found(&cache).took.is_some());
        }
    }
}
