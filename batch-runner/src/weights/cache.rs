//! The **cache** of weights is a folder that all runners of a machine share, also at the same time.
//!
//! | in it | what |
//! |---|---|
//! | `files/CHECKSUM` | a file under the name of its checksum, so that it is there once, however many models have it |
//! | `files/CHECKSUM.part` | the beginning of one that is being fetched, or whose fetch was ended; the next fetch goes on there |
//! | `locks/CHECKSUM` | locked by whoever fetches that file; the system frees it when its holder dies |
//! | `models/CONTENT/` | links to the files of one model, under the hash of its listing: what an engine is given |
//! | `listings/ADDRESS.json` | what a commit of a hub has, which never changes, so that nobody is asked for it again |
//!
//! A file gets its name after its bytes came to their checksum. It is then read-only and bears the date of [`CHECKED`]; a
//! file that bears another was written to since, and is checked again before it is used. What is not needed any more is
//! deleted by hand, or with the machine.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use domain::content_hash::{hex, sha256_hex};
use futures::{StreamExt, TryStreamExt, stream};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::fetcher::CACHE_VARIABLE;
use super::listing::{Checksum, Listing, RemoteFile};
use super::{FetchError, WeightsSource};

/// When a file was last changed whose bytes were checked: 2 January 1970.
const CHECKED: Duration = Duration::from_secs(86_400);
/// Files on their way at once.
const FILES_AT_ONCE: usize = 4;
/// Tries in a row that bring no byte before a fetch is given up.
const MAX_TRIES: u32 = 4;
/// How often a lock of another runner is looked at.
const LOCK_POLL: Duration = Duration::from_millis(100);
/// What shall stay free on the disk, bytes: engines write what they compiled.
const RESERVE: u64 = 1 << 30;
/// Bytes that are read from a file at once.
const READ_BYTES: usize = 1 << 20;

/// The folder.
#[derive(Debug, Clone)]
pub struct WeightsCache {
    folder: PathBuf,
    /// Pause before the second try of a file; it doubles.
    pub first_pause: Duration,
}

/// Weights that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// The folder with them.
    pub folder: PathBuf,
    /// Bytes that had to be fetched.
    pub fetched_bytes: u64,
}

/// A checksum that is under way.
enum Hashing {
    Sha256(Sha256),
    GitBlob(Sha1),
}

/// How one try of a file ended.
enum Try {
    /// It is there and checked; so many bytes arrived.
    Whole(u64),
    /// It broke off, after this many new bytes.
    Broken(u64, String),
    /// All bytes arrived and are not the right ones.
    Wrong,
}

impl WeightsCache {
    /// A folder, made when it is needed.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder, first_pause: Duration::from_secs(1) }
    }

    /// Sees to it that everything of a listing is there, and whole.
    ///
    /// # Errors
    /// When it cannot be fetched, is not what was listed, or has no room, and when `cancel` is cancelled. What was fetched
    /// is kept.
    pub async fn obtain(
        &self,
        source: &dyn WeightsSource,
        listing: &Listing,
        cancel: &CancellationToken,
    ) -> Result<Cached, FetchError> {
        for folder in ["files", "locks", "models", "listings"] {
            let folder = self.folder.join(folder);
            fs::create_dir_all(&folder).await.map_err(|e| failed(&folder, e))?;
        }
        let missing = self.missing(listing).await;
        self.check_room(&missing).await?;
        let fetches: Vec<_> = missing.iter().map(|file| self.file(source, listing, file)).collect();
        let fetching = stream::iter(fetches).buffer_unordered(FILES_AT_ONCE).try_collect::<Vec<u64>>();
        let fetched = tokio::select! {
            fetched = fetching => fetched?,
            () = cancel.cancelled() => return Err(FetchError::Cancelled),
        };
        Ok(Cached { folder: self.model(listing).await?, fetched_bytes: fetched.iter().sum() })
    }

    /// What is known of a commit from an earlier time.
    pub(super) async fn known_listing(&self, address: &str) -> Option<Listing> {
        let text = fs::read(self.listing_file(address)).await.ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Remembers what a commit has. Where that fails it is asked for again.
    pub(super) async fn remember(&self, address: &str, listing: &Listing) {
        let file = self.listing_file(address);
        let Ok(text) = serde_json::to_vec(listing) else { return };
        let write = || -> io::Result<()> {
            let folder = file.parent().unwrap_or(&self.folder);
            std::fs::create_dir_all(folder)?;
            let mut written = tempfile::NamedTempFile::new_in(folder)?;
            io::Write::write_all(&mut written, &text)?;
            written.persist(&file).map(drop).map_err(|e| e.error)
        };
        if let Err(error) = write() {
            tracing::debug!(%error, "the listing of a commit is not kept");
        }
    }

    fn listing_file(&self, address: &str) -> PathBuf {
        self.folder.join("listings").join(format!("{}.json", sha256_hex(address.as_bytes())))
    }

    /// The files that are not there, each once.
    async fn missing<'a>(&self, listing: &'a Listing) -> Vec<&'a RemoteFile> {
        let mut missing: Vec<&RemoteFile> = Vec::new();
        for file in &listing.files {
            let is_there = is_checked(&self.path(&file.checksum), file.bytes).await;
            if !is_there && !missing.iter().any(|other| other.checksum == file.checksum) {
                missing.push(file);
            }
        }
        // The largest first, so that none of them is alone at the end.
        missing.sort_by_key(|file| std::cmp::Reverse(file.bytes));
        missing
    }

    async fn check_room(&self, missing: &[&RemoteFile]) -> Result<(), FetchError> {
        if missing.is_empty() {
            return Ok(());
        }
        let mut needed = RESERVE;
        for file in missing {
            let begun = fs::metadata(self.part(&file.checksum)).await.map_or(0, |part| part.len());
            needed += file.bytes.saturating_sub(begun);
        }
        let free = rustix::fs::statvfs(&self.folder).map_err(|e| failed(&self.folder, e.into()))?;
        let free = free.f_bavail.saturating_mul(free.f_frsize);
        if needed > free {
            let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            return Err(FetchError::NoRoom {
                folder: self.folder.display().to_string(),
                free_gib: gib(free),
                needed_gib: gib(needed),
                variable: CACHE_VARIABLE,
            });
        }
        Ok(())
    }

    /// Fetches a file, unless another runner just did. Yields the bytes that arrived.
    async fn file(
        &self,
        source: &dyn WeightsSource,
        listing: &Listing,
        file: &RemoteFile,
    ) -> Result<u64, FetchError> {
        let _lock = self.lock(&file.checksum).await?;
        let path = self.path(&file.checksum);
        if self.is_whole(&path, file).await? {
            return Ok(0);
        }
        let (mut fetched, mut fruitless, mut was_wrong) = (0, 0, false);
        loop {
            let (new, problem) = match self.try_once(source, listing, file).await {
                Ok(Try::Whole(new)) => return Ok(fetched + new),
                Ok(Try::Wrong) if was_wrong => {
                    let [place, file] = [&listing.place, &file.path].map(String::clone);
                    return Err(FetchError::Altered { place, file });
                }
                Ok(Try::Wrong) => {
                    tracing::warn!("{} of {} arrived altered and is fetched anew", file.path, listing.place);
                    was_wrong = true;
                    continue;
                }
                Ok(Try::Broken(new, problem)) => (new, FetchError::unavailable(&listing.place, problem)),
                Err(error) if error.may_pass() => (0, error),
                Err(error) => return Err(error),
            };
            fetched += new;
            fruitless = if new > 0 { 1 } else { fruitless + 1 };
            if fruitless >= MAX_TRIES {
                return Err(problem);
            }
            tracing::info!("{problem}; it goes on");
            sleep(self.first_pause * 2_u32.saturating_pow(fruitless - 1)).await;
        }
    }

    /// Fetches what is missing of a file, checks it and gives it its name.
    async fn try_once(
        &self,
        source: &dyn WeightsSource,
        listing: &Listing,
        file: &RemoteFile,
    ) -> Result<Try, FetchError> {
        let part = self.part(&file.checksum);
        let failed = |e| failed(&part, e);
        let mut hashing = Hashing::begin(file);
        let mut have = hash_file(&part, &mut hashing).await.map_err(failed)?;
        if have > file.bytes {
            fs::remove_file(&part).await.map_err(failed)?;
            (hashing, have) = (Hashing::begin(file), 0);
        }
        let begun = have;
        let mut open = fs::OpenOptions::new();
        let mut out = open.create(true).append(true).open(&part).await.map_err(failed)?;
        if have < file.bytes {
            let mut reading = source.read(listing, file, have).await?;
            if reading.from != have {
                out.set_len(0).await.map_err(failed)?;
                (hashing, have) = (Hashing::begin(file), 0);
            }
            loop {
                match reading.chunks.next().await {
                    Ok(Some(bytes)) => {
                        have += bytes.len() as u64;
                        hashing.update(&bytes);
                        out.write_all(&bytes).await.map_err(failed)?;
                        if have > file.bytes {
                            break;
                        }
                    }
                    Ok(None) if have < file.bytes => {
                        out.flush().await.map_err(failed)?;
                        let problem = format!("{} ended after {have} of {} bytes", file.path, file.bytes);
                        return Ok(Try::Broken(have.saturating_sub(begun), problem));
                    }
                    Ok(None) => break,
                    Err(problem) => {
                        out.flush().await.map_err(failed)?;
                        let problem = format!("{} broke off after {have} bytes: {problem}", file.path);
                        return Ok(Try::Broken(have.saturating_sub(begun), problem));
                    }
                }
            }
        }
        out.flush().await.map_err(failed)?;
        if have != file.bytes || hashing.end() != file.checksum {
            drop(out);
            fs::remove_file(&part).await.map_err(failed)?;
            return Ok(Try::Wrong);
        }
        out.sync_all().await.map_err(failed)?;
        let out = out.into_std().await;
        fs::rename(&part, self.path(&file.checksum)).await.map_err(failed)?;
        // Last: a part that is read-only could not be gone on with.
        mark(&out).map_err(failed)?;
        Ok(Try::Whole(have.saturating_sub(begun)))
    }

    /// Whether a file is there with the right bytes. One that was written to is checked, and deleted if it is another.
    async fn is_whole(&self, path: &Path, file: &RemoteFile) -> Result<bool, FetchError> {
        if is_checked(path, file.bytes).await {
            return Ok(true);
        }
        let failed = |e| failed(path, e);
        let Ok(found) = fs::metadata(path).await else { return Ok(false) };
        if found.len() == file.bytes {
            let mut hashing = Hashing::begin(file);
            hash_file(path, &mut hashing).await.map_err(failed)?;
            if hashing.end() == file.checksum {
                mark(&std::fs::File::open(path).map_err(failed)?).map_err(failed)?;
                return Ok(true);
            }
        }
        tracing::warn!("{} was changed since it was fetched, and is fetched anew", path.display());
        fs::remove_file(path).await.map_err(failed)?;
        Ok(false)
    }

    /// The folder of a model: links to its files. It appears when it is complete.
    async fn model(&self, listing: &Listing) -> Result<PathBuf, FetchError> {
        let models = self.folder.join("models");
        let model = models.join(listing.content());
        if fs::metadata(&model).await.is_ok() {
            return Ok(model);
        }
        let make = || -> io::Result<()> {
            let new = tempfile::Builder::new().prefix("new-").tempdir_in(&models)?;
            for file in &listing.files {
                let link = new.path().join(&file.path);
                std::fs::create_dir_all(link.parent().unwrap_or(new.path()))?;
                let up = "../".repeat(2 + file.path.matches('/').count());
                std::os::unix::fs::symlink(format!("{up}files/{}", file.checksum), link)?;
            }
            // Engines may run as somebody else.
            std::fs::set_permissions(new.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
            match std::fs::rename(new.path(), &model) {
                Ok(()) => {
                    let _moved = new.keep();
                    Ok(())
                }
                // Another runner was faster.
                Err(_) if model.is_dir() => Ok(()),
                Err(error) => Err(error),
            }
        };
        make().map_err(|e| failed(&model, e))?;
        Ok(model)
    }

    /// Waits until nobody else fetches a file.
    async fn lock(&self, checksum: &Checksum) -> Result<std::fs::File, FetchError> {
        let path = self.folder.join("locks").join(checksum.to_string());
        let open = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        let lock = open.map_err(|e| failed(&path, e))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(std::fs::TryLockError::WouldBlock) => sleep(LOCK_POLL).await,
                Err(std::fs::TryLockError::Error(e)) => return Err(failed(&path, e)),
            }
        }
    }

    fn path(&self, checksum: &Checksum) -> PathBuf {
        self.folder.join("files").join(checksum.to_string())
    }

    fn part(&self, checksum: &Checksum) -> PathBuf {
        self.folder.join("files").join(format!("{checksum}.part"))
    }
}

impl Hashing {
    fn begin(file: &RemoteFile) -> Self {
        match file.checksum {
            Checksum::Sha256(_) => Self::Sha256(Sha256::new()),
            Checksum::GitBlob(_) => Self::GitBlob(Sha1::new_with_prefix(format!("blob {}\0", file.bytes))),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::GitBlob(hash) => hash.update(bytes),
        }
    }

    fn end(self) -> Checksum {
        match self {
            Self::Sha256(hash) => Checksum::Sha256(hex(&hash.finalize())),
            Self::GitBlob(hash) => Checksum::GitBlob(hex(&hash.finalize())),
        }
    }
}

/// Hashes a file from its beginning, if it is there. Yields its length.
async fn hash_file(path: &Path, hashing: &mut Hashing) -> io::Result<u64> {
    let mut file = match fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut buffer = vec![0; READ_BYTES];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(length) };
        hashing.update(bytes);
        length += read as u64;
    }
}

/// Whether a file has its length and the date of a checked one.
async fn is_checked(path: &Path, bytes: u64) -> bool {
    let found = fs::metadata(path).await;
    found.is_ok_and(|found| {
        found.len() == bytes && found.modified().is_ok_and(|at| at == SystemTime::UNIX_EPOCH + CHECKED)
    })
}

/// Marks a file as checked.
fn mark(file: &std::fs::File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o444))?;
    file.set_modified(SystemTime::UNIX_EPOCH + CHECKED)
}

fn failed(path: &Path, error: io::Error) -> FetchError {
    FetchError::Cache {
        path: path.display().to_string(),
        detail: error.to_string(),
        variable: CACHE_VARIABLE,
    }
}
