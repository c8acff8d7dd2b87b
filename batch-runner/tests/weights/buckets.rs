//! Weights in a bucket, and one whose files would not fit the disk.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::types::ChecksumAlgorithm;
use batch_runner::weights::bucket::Bucket;
use batch_runner::weights::{
    Checksum, FetchError, Fetched, Hub, Listing, Reading, RemoteFile, WeightsFetcher, WeightsSource,
};
use cloud::aws::Aws;
use sha2::{Digest, Sha256};
use testkit::services::PrivateMoto;
use tokio_util::sync::CancellationToken;

use super::cache;
use super::scripted_hub::hex;

async fn fetch(
    source: &dyn WeightsSource,
    folder: &std::path::Path,
    file: Option<&str>,
) -> Result<Fetched, FetchError> {
    let fetcher = WeightsFetcher::new(cache(folder), Hub::new("https://hub.invalid", None).unwrap());
    fetcher.from(source, "s3://weights/m", false, file, &CancellationToken::new()).await
}

/// A source with one file that is larger than any disk.
struct Huge;

#[async_trait]
impl WeightsSource for Huge {
    async fn list(&self) -> Result<Listing, FetchError> {
        let checksum = Checksum::Sha256("0".repeat(64));
        let file = RemoteFile { path: "m.gguf".to_owned(), bytes: 1 << 60, checksum };
        Ok(Listing { place: "the moon".to_owned(), commit: None, files: vec![file] })
    }

    async fn read(&self, _: &Listing, _: &RemoteFile, _: u64) -> Result<Reading, FetchError> {
        unreachable!("there is no room for it")
    }
}

#[tokio::test]
async fn what_does_not_fit_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(&Huge, folder.path(), None).await.unwrap_err();
    assert!(!error.may_pass());
    let told = error.to_string();
    assert!(told.contains("GiB more; free some, or set ASSAY_WEIGHTS"), "{told}");
}

/// A client to put what people put.
async fn client(url: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::from_conf(config);
    client.create_bucket().bucket("weights").send().await.unwrap();
    client
}

async fn put(client: &Client, key: &str, bytes: &[u8], algorithm: ChecksumAlgorithm) {
    let put = client.put_object().bucket("weights").key(key).checksum_algorithm(algorithm);
    put.body(bytes.to_vec().into()).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_fetched_by_the_checksums_that_it_keeps() {
    let server = PrivateMoto::start();
    let client = client(&server.url()).await;
    let aws = Aws::emulator(&server.url()).await;
    let large: Vec<u8> = (0..200_000_u32).map(|i| (i >> 3) as u8).collect();
    put(&client, "m/model.safetensors", &large, ChecksumAlgorithm::Sha256).await;
    put(&client, "m/sub/config.json", b"{}", ChecksumAlgorithm::Sha256).await;
    let folder = tempfile::tempdir().unwrap();
    let source = Bucket::new(&aws, "weights", "m");

    // What an interrupted fetch left is gone on with.
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    let part = format!("sha256-{}.part", hex(&Sha256::digest(&large)));
    std::fs::write(files.join(part), &large[..150_000]).unwrap();

    let fetched = fetch(&source, folder.path(), None).await.unwrap();
    assert!(std::fs::read(fetched.path.join("model.safetensors")).unwrap() == large);
    assert_eq!(std::fs::read(fetched.path.join("sub/config.json")).unwrap(), b"{}");
    assert_eq!((fetched.used.fetched_bytes, fetched.used.commit), (50_002, None));
    assert_eq!(fetch(&source, folder.path(), None).await.unwrap().used.fetched_bytes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_without_checksums_needs_a_file_with_them() {
    let server = PrivateMoto::start();
    let client = client(&server.url()).await;
    let aws = Aws::emulator(&server.url()).await;
    put(&client, "m/q/m.gguf", b"weights", ChecksumAlgorithm::Crc32).await;
    let folder = tempfile::tempdir().unwrap();
    let source = Bucket::new(&aws, "weights", "m");
    let told = fetch(&source, folder.path(), None).await.unwrap_err().to_string();
    assert!(told.contains("no SHA-256 of q/m.gguf is known") && told.contains("SHA256SUMS"), "{told}");

    let sums = |bytes: &[u8]| format!("{} *./q/m.gguf\n", hex(&Sha256::digest(bytes))).into_bytes();
    put(&client, "m/SHA256SUMS", &sums(b"altered"), ChecksumAlgorithm::Crc32).await;
    let error = fetch(&source, folder.path(), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Altered { .. }), "{error}");

    put(&client, "m/SHA256SUMS", &sums(b"weights"), ChecksumAlgorithm::Crc32).await;
    let fetched = fetch(&source, folder.path(), Some("q/m.gguf")).await.unwrap();
    assert_eq!(std::fs::read(fetched.path).unwrap(), b"weights");

    put(&client, "m/SHA256SUMS", b"what is this", ChecksumAlgorithm::Crc32).await;
    let told = fetch(&source, folder.path(), None).await.unwrap_err().to_string();
    assert!(told.contains("is damaged") && told.contains("which is not there"), "{told}");
    let told = fetch(&Bucket::new(&aws, "weights", "n"), folder.path(), None).await.unwrap_err().to_string();
    assert!(told.contains("s3://weights/n has no files; correct the address"), "{told}");
}
