//! Objects as files in a **directory**. An object is written to a temporary file, flushed, and then given its
//! name in one step, so that a reader or a crash never sees half of it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use crate::{ObjectKey, ObjectPrefix, Objects, StoreError};

/// Makes names of temporary files differ within this process.
static NEXT_TEMPORARY: AtomicU64 = AtomicU64::new(0);

/// Objects in a directory.
pub struct DirectoryObjects {
    root: PathBuf,
}

impl DirectoryObjects {
    /// Opens a directory, creating it when it is not there.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root).map_err(|e| failure(root, e))?;
        Ok(Self { root: root.to_owned() })
    }

    fn path(&self, key: &ObjectKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Runs file work where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        path: PathBuf,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let named = path.clone();
        match tokio::task::spawn_blocking(move || work(&path)).await {
            Ok(done) => done.map_err(|e| failure(&named, e)),
            Err(e) => Err(StoreError::Other { place: place(&named), source: Box::new(e) }),
        }
    }
}

#[async_trait]
impl Objects for DirectoryObjects {
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError> {
        let bytes = bytes.to_vec();
        self.blocking(self.path(key), move |path| {
            let temporary = write_temporary(path, &bytes)?;
            fs::rename(&temporary, path).inspect_err(|_| _ = fs::remove_file(&temporary))?;
            sync_folder(path)
        })
        .await
    }

    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError> {
        let bytes = bytes.to_vec();
        self.blocking(self.path(key), move |path| {
            let temporary = write_temporary(path, &bytes)?;
            // A link is made only where nothing is: of racing writers one succeeds, with its whole content.
            let linked = fs::hard_link(&temporary, path);
            fs::remove_file(&temporary)?;
            match linked {
                Ok(()) => sync_folder(path).map(|()| true),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
                Err(e) => Err(e),
            }
        })
        .await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocking(self.path(key), |path| match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        })
        .await
    }

    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        let mut files = self
            .blocking(self.root.join(prefix.as_str()), |folder| {
                let mut files = Vec::new();
                files_under(folder, "", &mut files).map(|()| files)
            })
            .await?;
        files.sort_unstable();
        Ok(files.iter().filter_map(|file| prefix.key(file)).collect())
    }
}

/// Collects the files of a folder and of those in it, named from where the first call began.
fn files_under(folder: &Path, name: &str, files: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("{name}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            files_under(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}

fn write_temporary(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let number = NEXT_TEMPORARY.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{}.{number}.tmp", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.inspect_err(|_| _ = fs::remove_file(&temporary))?;
    Ok(temporary)
}

/// A name is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn place(path: &Path) -> String {
    format!("the object {}", path.display())
}

fn failure(path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            StoreError::Full { place: place(path), detail: error.to_string() }
        }
        ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::ReadOnlyFilesystem => {
            StoreError::Unavailable { place: place(path), detail: error.to_string() }
        }
        _ => StoreError::Other { place: place(path), source: Box::new(error) },
    }
}
