//! An **upload** writes one object, in one piece or in parts, replacing what is there or not.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use store::{ObjectKey, StoreError};
use uuid::Uuid;

use super::S3Objects;

/// Objects above this size are written in parts.
pub const SINGLE_MAX_BYTES: usize = 16 << 20;

/// The only condition that there is: nothing is there.
pub const IF_ABSENT: &str = "*";

/// The name of the metadata entry that says which upload wrote an object.
pub const WRITER: &str = "writer";

/// Times that an upload is begun anew because another write of the same key was under way.
const CONFLICTS: u32 = 8;

/// What an upload came to.
pub enum Uploaded {
    /// The object is there and is ours.
    Written,
    /// Something was there.
    Present,
    /// Another write was under way, and S3 asks for this one to be tried again.
    Conflict,
}

/// One object on its way.
pub struct Upload<'a> {
    pub store: &'a S3Objects,
    pub key: &'a ObjectKey,
    pub bytes: &'a [u8],
    pub writer: String,
}

impl<'a> Upload<'a> {
    pub fn new(store: &'a S3Objects, key: &'a ObjectKey, bytes: &'a [u8]) -> Self {
        Self { store, key, bytes, writer: Uuid::new_v4().simple().to_string() }
    }

    /// Writes the object whatever is there.
    pub async fn replace(self) -> Result<(), StoreError> {
        match self.write(None).await? {
            Uploaded::Written => Ok(()),
            Uploaded::Present | Uploaded::Conflict => Err(self.conflict()),
        }
    }

    /// Writes the object if nothing is there, and says whether it did.
    pub async fn create(self) -> Result<bool, StoreError> {
        // Parts are not uploaded for nothing.
        if self.bytes.len() > SINGLE_MAX_BYTES && self.present_writer().await?.is_some() {
            return Ok(false);
        }
        for _ in 0..CONFLICTS {
            match self.write(Some(IF_ABSENT)).await? {
                Uploaded::Written => return Ok(true),
                // An attempt whose answer was lost may have been the one that wrote it.
                Uploaded::Present => return Ok(self.present_writer().await?.as_ref() == Some(&self.writer)),
                Uploaded::Conflict => {}
            }
        }
        Err(self.conflict())
    }

    fn conflict(&self) -> StoreError {
        self.store.place.unavailable(format!("others keep writing the object {}", self.key))
    }

    async fn write(&self, condition: Option<&str>) -> Result<Uploaded, StoreError> {
        if self.bytes.len() > SINGLE_MAX_BYTES {
            return self.in_parts(condition).await;
        }
        let S3Objects { client, bucket, place, .. } = self.store;
        let put = client
            .put_object()
            .bucket(bucket)
            .key(self.store.key(self.key))
            .set_if_none_match(condition.map(str::to_owned))
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .tagging(self.tag())
            .metadata(WRITER, &self.writer)
            .body(ByteStream::from(self.bytes.to_vec()));
        match put.send().await {
            Ok(_) => Ok(Uploaded::Written),
            Err(error) => outcome_of(&error).ok_or_else(|| place.failure(error)),
        }
    }

    /// The class of the object, as S3 wants tags: `name=value`.
    pub fn tag(&self) -> String {
        format!("class={}", self.key.class().as_str())
    }

    /// Who wrote what is there.
    async fn present_writer(&self) -> Result<Option<String>, StoreError> {
        let S3Objects { client, bucket, place, .. } = self.store;
        match client.head_object().bucket(bucket).key(self.store.key(self.key)).send().await {
            Ok(object) => {
                Ok(Some(object.metadata().and_then(|m| m.get(WRITER)).cloned().unwrap_or_default()))
            }
            Err(SdkError::ServiceError(answer)) if matches!(answer.err(), HeadObjectError::NotFound(_)) => {
                Ok(None)
            }
            Err(error) => Err(place.failure(error)),
        }
    }
}

/// What a refusal means that a condition caused; `None` for any other.
pub fn outcome_of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Uploaded> {
    match error.as_service_error()?.code()? {
        "PreconditionFailed" => Some(Uploaded::Present),
        "ConditionalRequestConflict" => Some(Uploaded::Conflict),
        _ => None,
    }
}
