//! A **bucket** of weights: a folder of S3 whose checksums are known.

use async_trait::async_trait;
use bytes::Bytes;
use cloud::aws::Aws;
use cloud::s3::{FolderFile, FolderReading, S3Folder};

use super::listing::{Checksum, Listing, RemoteFile};
use super::{Chunks, FetchError, Reading, WeightsSource};

/// A folder of a bucket.
pub struct Bucket(S3Folder);

impl Bucket {
    /// A bucket and what the keys of its weights begin with.
    #[must_use]
    pub fn new(aws: &Aws, bucket: &str, prefix: &str) -> Self {
        Self(S3Folder::new(aws, bucket, prefix))
    }
}

#[async_trait]
impl WeightsSource for Bucket {
    async fn list(&self) -> Result<Listing, FetchError> {
        let to_file = |FolderFile { path, bytes, sha256 }| RemoteFile {
            path,
            bytes,
            checksum: Checksum::Sha256(sha256),
        };
        let files = self.0.files().await?.into_iter().map(to_file).collect();
        Ok(Listing { place: self.0.url(), commit: None, files })
    }

    async fn read(&self, _: &Listing, file: &RemoteFile, from: u64) -> Result<Reading, FetchError> {
        let chunks = Box::new(self.0.read(&file.path, from).await?);
        Ok(Reading { from, chunks })
    }
}

#[async_trait]
impl Chunks for FolderReading {
    async fn next(&mut self) -> Result<Option<Bytes>, String> {
        self.next().await.map(|bytes| bytes.map(Bytes::from))
    }
}
