//! Uploads **in parts**: several at once, put together by S3 in one step.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};
use store::StoreError;

use super::S3Objects;
use super::upload::{Upload, Uploaded, WRITER, outcome_of};

/// Bytes of each part but the last; S3 wants at least 5 MiB and at most 10,000 parts.
const PART_BYTES: usize = 8 << 20;

/// Parts on their way at once.
const PARTS_AT_ONCE: usize = 4;

impl Upload<'_> {
    /// Uploads the parts and puts them together. When that fails, S3 is told to forget them; those that are left
    /// after a crash are for the bucket's lifecycle rule.
    pub(super) async fn in_parts(&self, condition: Option<&str>) -> Result<Uploaded, StoreError> {
        let S3Objects { client, bucket, place, .. } = self.store;
        let key = self.store.key(self.key);
        let begun = client
            .create_multipart_upload()
            .bucket(bucket)
            .key(&key)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .tagging(self.tag())
            .metadata(WRITER, &self.writer)
            .send()
            .await
            .map_err(|e| place.failure(e))?;
        let id = begun.upload_id().ok_or_else(|| place.unavailable("it began an upload without an id"))?;
        let uploaded = self.upload_and_complete(&key, id, condition).await;
        if !matches!(uploaded, Ok(Uploaded::Written)) {
            let aborted = client.abort_multipart_upload().bucket(bucket).key(&key).upload_id(id).send().await;
            if let Err(error) = aborted {
                tracing::debug!(key, error = %place.failure(error), "parts of an upload are left");
            }
        }
        uploaded
    }

    async fn upload_and_complete(
        &self,
        key: &str,
        id: &str,
        condition: Option<&str>,
    ) -> Result<Uploaded, StoreError> {
        let S3Objects { client, bucket, place, .. } = self.store;
        let numbered = (1..).zip(self.bytes.chunks(PART_BYTES));
        let uploads: Vec<_> =
            numbered.map(|(number, part)| self.upload_part(key, id, number, part)).collect();
        let parts: Vec<CompletedPart> = stream::iter(uploads).buffered(PARTS_AT_ONCE).try_collect().await?;
        let completed = client
            .complete_multipart_upload()
            .bucket(bucket)
            .key(key)
            .upload_id(id)
            .set_if_none_match(condition.map(str::to_owned))
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await;
        match completed {
            Ok(_) => Ok(Uploaded::Written),
            Err(error) => outcome_of(&error).ok_or_else(|| place.failure(error)),
        }
    }

    async fn upload_part(
        &self,
        key: &str,
        id: &str,
        number: i32,
        part: &[u8],
    ) -> Result<CompletedPart, StoreError> {
        let S3Objects { client, bucket, place, .. } = self.store;
        let uploaded = client
            .upload_part()
            .bucket(bucket)
            .key(key)
            .upload_id(id)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .body(ByteStream::from(part.to_vec()))
            .send()
            .await
            .map_err(|e| place.failure(e))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(uploaded.e_tag)
            .set_checksum_crc32(uploaded.checksum_crc32)
            .build())
    }
}
