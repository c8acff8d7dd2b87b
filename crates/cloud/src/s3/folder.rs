//! A **folder** of S3 is what other people put under a prefix of a bucket: files that are read and never written, each with
//! its SHA-256.
//!
//! The checksums are those of a file `SHA256SUMS` in the folder, as `sha256sum` writes it, which then says as well which
//! files there are. Without it they are those that S3 keeps of objects that were uploaded with one
//! (`--checksum-algorithm SHA256`); S3 keeps none of a whole object that came in parts.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use store::StoreError;
use tokio::time::timeout;

use super::{as_folder, client};
use crate::aws::{Aws, Place};

/// The file with the checksums of the others.
pub const CHECKSUMS_FILE: &str = "SHA256SUMS";
/// Longest wait for the next bytes of a file.
const PATIENCE: Duration = Duration::from_secs(30);
const MEND: &str = "put SHA256SUMS beside the files: cd FOLDER && find . -type f ! -name SHA256SUMS | xargs sha256sum > SHA256SUMS";

/// Files under a prefix.
#[derive(Debug, Clone)]
pub struct S3Folder {
    client: Client,
    bucket: String,
    /// Empty, or ends at a slash.
    prefix: String,
    place: Place,
}

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderFile {
    /// Its path within the folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// A file that is being read.
#[derive(Debug)]
pub struct FolderReading(ByteStream);

impl FolderReading {
    /// The next bytes; none at the end. The error is why there will be no more.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        match timeout(PATIENCE, self.0.try_next()).await {
            Err(_) => Err(format!("no bytes for {} s", PATIENCE.as_secs())),
            Ok(next) => next.map(|bytes| bytes.map(|bytes| bytes.to_vec())).map_err(|e| e.to_string()),
        }
    }
}

impl S3Folder {
    /// What is under a prefix, which may be empty.
    #[must_use]
    pub fn new(aws: &Aws, bucket: &str, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self {
            client: client(aws),
            bucket: bucket.to_owned(),
            prefix: as_folder(prefix),
            place: Place::new(format!("the S3 folder s3://{bucket}/{prefix}")),
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix.trim_end_matches('/'))
    }

    /// Its files with their checksums.
    ///
    /// # Errors
    /// When it is empty, a checksum is not known, or S3 does not answer.
    pub async fn files(&self) -> Result<Vec<FolderFile>, StoreError> {
        let lengths = self.lengths().await?;
        if lengths.is_empty() {
            return Err(self.place.missing("files; correct the address"));
        }
        if lengths.contains_key(CHECKSUMS_FILE) {
            return self.summed(&lengths).await;
        }
        let mut files = Vec::new();
        for (path, bytes) in lengths {
            let sha256 = self.checksum(&path).await?;
            files.push(FolderFile { path, bytes, sha256 });
        }
        Ok(files)
    }

    /// Reads a file from a byte on.
    ///
    /// # Errors
    /// When it is not there, or S3 does not answer.
    pub async fn read(&self, path: &str, from: u64) -> Result<FolderReading, StoreError> {
        let asked = self.client.get_object().bucket(&self.bucket).key(format!("{}{path}", self.prefix));
        let asked = if from > 0 { asked.range(format!("bytes={from}-")) } else { asked };
        match asked.send().await {
            Ok(object) => Ok(FolderReading(object.body)),
            Err(SdkError::ServiceError(answer)) if matches!(answer.err(), GetObjectError::NoSuchKey(_)) => {
                Err(self.place.missing(format!("file {path} any more")))
            }
            Err(error) => Err(self.place.failure(error)),
        }
    }

    async fn lengths(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let asked = self.client.list_objects_v2().bucket(&self.bucket).prefix(&self.prefix);
        let mut pages = asked.into_paginator().send();
        let mut lengths = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| self.place.failure(e))?;
            for object in page.contents() {
                let path = object.key().and_then(|key| key.strip_prefix(&self.prefix));
                // A key that ends at a slash is how some tools write a folder.
                if let Some(path) = path.filter(|path| !path.is_empty() && !path.ends_with('/')) {
                    let bytes = u64::try_from(object.size().unwrap_or_default()).unwrap_or_default();
                    lengths.insert(path.to_owned(), bytes);
                }
            }
        }
        Ok(lengths)
    }

    /// The files that `SHA256SUMS` has.
    async fn summed(&self, lengths: &BTreeMap<String, u64>) -> Result<Vec<FolderFile>, StoreError> {
        let mut reading = self.read(CHECKSUMS_FILE, 0).await?;
        let mut text = Vec::new();
        while let Some(bytes) = reading.next().await.map_err(|e| self.place.unavailable(e))? {
            text.extend(bytes);
        }
        let text = String::from_utf8_lossy(&text);
        let file = |line: &str| {
            let (sha256, path) = line.split_once(char::is_whitespace)?;
            // An asterisk is for bytes, as opposed to text.
            let path = path.trim_start().trim_start_matches('*').trim_start_matches("./");
            Some((sha256.to_lowercase(), path.to_owned()))
        };
        let mut files = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let damaged = |detail: String| self.place.damaged(detail, MEND);
            let (sha256, path) =
                file(line).ok_or_else(|| damaged(format!("{CHECKSUMS_FILE} has the line {line:?}")))?;
            let bytes = *lengths
                .get(&path)
                .ok_or_else(|| damaged(format!("{CHECKSUMS_FILE} names {path}, which is not there")))?;
            files.push(FolderFile { path, bytes, sha256 });
        }
        Ok(files)
    }

    /// What S3 keeps of an object.
    async fn checksum(&self, path: &str) -> Result<String, StoreError> {
        let key = format!("{}{path}", self.prefix);
        let asked = self.client.head_object().bucket(&self.bucket).key(key);
        let object = asked.checksum_mode(ChecksumMode::Enabled).send().await;
        let object = object.map_err(|e| self.place.failure(e))?;
        let is_whole = object.checksum_type().is_none_or(|kind| *kind == ChecksumType::FullObject);
        let kept = object.checksum_sha256().filter(|_| is_whole).and_then(hex_of_base64);
        kept.ok_or_else(|| self.place.refused(format!("no SHA-256 of {path} is known"), MEND))
    }
}

/// 32 bytes of base64 as hexadecimal digits. A checksum of parts has their number behind it and is none.
fn hex_of_base64(text: &str) -> Option<String> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits = text.strip_suffix('=').filter(|digits| digits.len() == 43)?;
    let mut bits: Vec<u8> = Vec::with_capacity(258);
    for c in digits.bytes() {
        let value = value(c)?;
        bits.extend((0..6).rev().map(|place| (value >> place) & 1));
    }
    let nibble = |bits: &[u8]| bits.iter().fold(0_u32, |sum, bit| sum * 2 + u32::from(*bit));
    bits.chunks_exact(4).take(64).map(|four| char::from_digit(nibble(four), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_becomes_hexadecimal() {
        let of_nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex_of_base64(of_nothing).as_deref(), Some(hex));
        assert_eq!(hex_of_base64(&format!("{of_nothing}-2")), None);
        assert_eq!(hex_of_base64("AA=="), None);
    }
}
