//! S3: the suite, and what the suite cannot see.

use aws_sdk_s3::types::{ChecksumMode, Tag};
use std::io::{Read, Write};
use std::time::Duration;

use cloud::aws::Aws;
use cloud::s3::S3Objects;
use domain::{CampaignId, ConfigId, RunId};
use store::{ObjectKey, Objects, ReportForm, StoreError};
use testkit::conformance;
use testkit::services::{PrivateMinistack, PrivateMoto};

/// A client of a test, to look behind the adapter.
async fn client(url: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_s3::config::Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn conformance() {
    let server = PrivateMinistack::start();
    let aws = Aws::emulator(&server.url()).await;
    server.create_bucket("results");
    conformance::objects(&S3Objects::new(&aws, "results", "")).await;
    // Another prefix is another store.
    conformance::objects(&S3Objects::new(&aws, "results", "/a/b/")).await;
}

/// What a plain client reads at a link.
fn read(link: &str) -> String {
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_link_reads_the_object_without_a_key() {
    let server = PrivateMoto::start();
    let aws = Aws::emulator(&server.url()).await;
    client(&server.url()).await.create_bucket().bucket("results").send().await.unwrap();
    let objects = S3Objects::new(&aws, "results", "team");
    let report = ObjectKey::report(&"demo".parse().unwrap(), ReportForm::Html);
    objects.put(&report, b"<p>it is so</p>").await.unwrap();
    let link =
        objects.link(&report, "text/html; charset=utf-8", Duration::from_secs(300)).await.unwrap().unwrap();
    for part in ["/results/team/reports/demo.html?", "X-Amz-Expires=300", "X-Amz-Signature="] {
        assert!(link.contains(part), "{link}");
    }
    let answer = read(&link);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("content-type: text/html; charset=utf-8"), "{answer}");
    assert!(answer.ends_with("<p>it is so</p>"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_carry_their_class_and_a_checksum_and_trouble_is_told() {
    // ministack forgets the tags of uploads in parts.
    let server = PrivateMoto::start();
    let aws = Aws::emulator(&server.url()).await;
    let client = client(&server.url()).await;
    client.create_bucket().bucket("results").send().await.unwrap();
    let objects = S3Objects::new(&aws, "results", "team");

    let campaign: CampaignId = "demo".parse().unwrap();
    let config: ConfigId = "00ff".parse().unwrap();
    let raw = ObjectKey::raw_records(&campaign, &RunId::new(&campaign, &config, 1));
    objects.put(&raw, &vec![7; 17 << 20]).await.unwrap();
    objects.put(&ObjectKey::spec(&campaign), b"{}").await.unwrap();
    for (key, class) in [(raw, "raw"), (ObjectKey::spec(&campaign), "results")] {
        let key = format!("team/{key}");
        let tags = client.get_object_tagging().bucket("results").key(&key).send().await.unwrap();
        assert_eq!(tags.tag_set(), [Tag::builder().key("class").value(class).build().unwrap()], "{key}");
    }
    let spec = client.head_object().bucket("results").key("team/campaigns/demo/spec.json");
    let spec = spec.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert!(spec.checksum_crc32().is_some());

    let absent = S3Objects::new(&aws, "absent", "");
    let error = absent.put(&ObjectKey::rankings(), b"x").await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(error.to_string().starts_with("the S3 bucket absent has no "), "{error}");
}
