//! The **kept file** is the published catalogue in a folder of this machine, such as `/tmp` of a function on AWS, which
//! outlives its process: a process that starts there reads a file of its own disk instead of asking for 20 MB.

use std::path::{Path, PathBuf};
use std::{fs, process};

use domain::content_hash::hash_bytes;

/// What its name begins with; the hash of its content follows.
const NAME: &str = "assay-catalogue-";

/// Keeps the latest published file.
#[derive(Debug, Clone)]
pub struct KeptFile {
    folder: PathBuf,
}

impl KeptFile {
    /// Keeps it in a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The file of a hash. None when it is not there, or is not what its name says.
    pub fn get(&self, hash: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.path(hash)).ok()?;
        (hash_bytes(&bytes) == hash).then_some(bytes)
    }

    /// Keeps a file instead of earlier ones. One that cannot be kept is asked for again, which is no error.
    pub fn put(&self, hash: &str, bytes: &[u8]) {
        let path = self.path(hash);
        let written = self.folder.join(format!("{NAME}{hash}.{}.new", process::id()));
        let kept = fs::write(&written, bytes).and_then(|()| fs::rename(&written, &path));
        if let Err(error) = kept {
            tracing::warn!(%error, "the catalogue is not kept in {}", self.folder.display());
            drop(fs::remove_file(&written));
            return;
        }
        let Ok(files) = fs::read_dir(&self.folder) else { return };
        for file in files.flatten().map(|file| file.path()).filter(|file| *file != path) {
            let ours =
                file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(NAME));
            if ours {
                // Another process may have removed it.
                drop(fs::remove_file(file));
            }
        }
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{NAME}{hash}.arrow"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_file_is_kept_and_a_damaged_one_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptFile::in_folder(folder.path());
        let (first, second) = (hash_bytes(b"first"), hash_bytes(b"second"));
        assert_eq!(kept.get(&first), None);
        kept.put(&first, b"first");
        assert_eq!(kept.get(&first).as_deref(), Some(&b"first"[..]));
        kept.put(&second, b"second");
        assert_eq!((kept.get(&first), kept.get(&second).as_deref()), (None, Some(&b"second"[..])));
        fs::write(kept.path(&second), b"secand").unwrap();
        assert_eq!(kept.get(&second), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
