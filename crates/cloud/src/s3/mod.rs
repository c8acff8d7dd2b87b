//! **Objects in S3**, under `s3://BUCKET/PREFIX`.
//!
//! | promise | kept by |
//! |---|---|
//! | a reader sees an object whole | S3: an object appears when its upload, also one in parts, is complete |
//! | of racing writers one writes | `If-None-Match: *`; each upload names its writer, so that one whose answer was lost and that is tried again knows its own object |
//! | nothing is changed on its way | CRC-32 of every object or part, checked by S3 when it is written and by us when it is read |
//!
//! Every object is tagged with its class, `class=raw` or `class=results`, for the bucket's lifecycle rules; see
//! `docs/aws.md`.

mod folder;
mod multipart;
mod upload;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::ChecksumMode;
use store::{ObjectKey, ObjectPrefix, Objects, StoreError};

use crate::aws::{Aws, Place, timeouts};
pub use folder::{CHECKSUMS_FILE, FolderFile, FolderReading, S3Folder};
use upload::Upload;

/// Objects in a bucket.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: Client,
    bucket: String,
    /// Empty, or ends at a slash.
    prefix: String,
    place: Place,
}

/// Longest from a call to the beginning of its answer: a part must have been sent before.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest that one call may take, all its attempts together.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// Times that an object is read when its connection breaks on the way.
const READS: u32 = 3;

/// What calls S3, within these bounds.
fn client(aws: &Aws) -> Client {
    let config = aws_sdk_s3::config::Builder::from(aws.config())
        .timeout_config(timeouts(ANSWER_TIMEOUT, CALL_TIMEOUT))
        // A bucket need not be a host name, as with emulators and other stores that speak S3.
        .force_path_style(aws.has_own_endpoint("S3"))
        .build();
    Client::from_conf(config)
}

/// A prefix that keys follow: empty, or ending at a slash.
fn as_folder(prefix: &str) -> String {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() { String::new() } else { format!("{prefix}/") }
}

impl S3Objects {
    /// Uses a bucket, which must be there already; `prefix` may be empty.
    #[must_use]
    pub fn new(aws: &Aws, bucket: &str, prefix: &str) -> Self {
        Self {
            client: client(aws),
            bucket: bucket.to_owned(),
            prefix: as_folder(prefix),
            place: Place::new(format!("the S3 bucket {bucket}")),
        }
    }

    fn key(&self, key: &ObjectKey) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Reads an object once; `Err` of the inner kind when its bytes did not all arrive.
    async fn read(&self, key: &ObjectKey) -> Result<Result<Option<Vec<u8>>, String>, StoreError> {
        let asked = self.client.get_object().bucket(&self.bucket).key(self.key(key));
        let object = match asked.checksum_mode(ChecksumMode::Enabled).send().await {
            Err(SdkError::ServiceError(answer)) if matches!(answer.err(), GetObjectError::NoSuchKey(_)) => {
                return Ok(Ok(None));
            }
            answer => answer.map_err(|e| self.place.failure(e))?,
        };
        Ok(object.body.collect().await.map(|bytes| Some(bytes.to_vec())).map_err(|e| e.to_string()))
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError> {
        Upload::new(self, key, bytes).replace().await
    }

    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError> {
        Upload::new(self, key, bytes).create().await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        let mut broken = String::new();
        for _ in 0..READS {
            match self.read(key).await? {
                Ok(object) => return Ok(object),
                Err(detail) => broken = detail,
            }
        }
        Err(self.place.unavailable(format!("the object {key} broke off {READS} times: {broken}")))
    }

    async fn link(
        &self,
        key: &ObjectKey,
        media_type: &str,
        valid_for: Duration,
    ) -> Result<Option<String>, StoreError> {
        let config = PresigningConfig::expires_in(valid_for).map_err(|e| self.place.other(e))?;
        let asked = self.client.get_object().bucket(&self.bucket).key(self.key(key));
        // Nothing is asked over the network: it is signed here.
        let signed = asked.response_content_type(media_type).presigned(config).await;
        Ok(Some(signed.map_err(|e| self.place.failure(e))?.uri().to_owned()))
    }

    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        let under = format!("{}{}", self.prefix, prefix.as_str());
        let mut pages =
            self.client.list_objects_v2().bucket(&self.bucket).prefix(&under).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| self.place.failure(e))?;
            let found = page.contents().iter().filter_map(|object| object.key()?.strip_prefix(&under));
            keys.extend(found.filter_map(|rest| prefix.key(rest)));
        }
        // S3 lists in this order; others that speak its language need not.
        keys.sort_unstable();
        Ok(keys)
    }
}
