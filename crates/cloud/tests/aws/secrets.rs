//! Secrets Manager: what is there is read, and what is not is told without the secret.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{Config, Credentials, Region};
use aws_sdk_secretsmanager::primitives::Blob;
use cloud::aws::Aws;
use cloud::open::{or_secret, secret_address};
use cloud::secrets::Secrets;
use testkit::services::PrivateMoto;

pub fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version_latest()
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_read_by_its_name() {
    let server = PrivateMoto::start();
    let client = client(&server.url());
    client.create_secret().name("prod/openai").secret_string("sk-s3cret").send().await.unwrap();
    let bytes = client.create_secret().name("bytes").secret_binary(Blob::new(b"\x00".to_vec()));
    bytes.send().await.unwrap();
    let secrets = Secrets::new(&Aws::emulator(&server.url()).await);
    assert_eq!(secrets.text("prod/openai").await.unwrap(), "sk-s3cret");
    let absent = secrets.text("prod/nothing").await.unwrap_err().to_string();
    assert!(absent.contains("the secret prod/nothing in AWS Secrets Manager"), "{absent}");
    let bytes = secrets.text("bytes").await.unwrap_err().to_string();
    assert!(bytes.contains("as a text"), "{bytes}");
    let address = "postgres://assay:s3cret@db/assay";
    client.create_secret().name("prod/store").secret_string(format!("{address}\n")).send().await.unwrap();
    assert_eq!(secret_address(&secrets, "prod/store").await.unwrap(), address);
    assert_eq!(or_secret(address).await.unwrap(), address, "what is no secret's name stays as it is");
}
