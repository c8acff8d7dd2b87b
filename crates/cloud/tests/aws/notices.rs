//! Notices through SNS and to webhooks: told as they are, and nothing secret in what went wrong.

use cloud::aws::Aws;
use cloud::secrets::Secrets;
use cloud::slack::SlackNotifier;
use cloud::sns::{SnsNotifier, create_topic};
use store::{LogNotifier, Notifier, StoreError};
use testkit::conformance;
use testkit::services::PrivateMoto;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers each request with the next status, and gives the bodies that it was sent.
async fn webhook(statuses: Vec<u16>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/services/T0/S3CRET", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut bodies = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            loop {
                let text = String::from_utf8_lossy(&seen).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.to_ascii_lowercase();
                    let length =
                        length.split("content-length: ").nth(1).unwrap().lines().next().unwrap().to_owned();
                    if body.len() >= length.trim().parse().unwrap() {
                        bodies.push(body.to_owned());
                        break;
                    }
                }
                assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
            }
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        bodies
    });
    (url, served)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_notifier_tells() {
    conformance::notifier(&LogNotifier).await;
    let (url, served) = webhook(vec![200; 3]).await;
    conformance::notifier(&SlackNotifier::new("OPS", &url).unwrap()).await;
    for body in served.await.unwrap() {
        let message: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(message["blocks"][0]["type"], "header");
        assert!(!message["text"].as_str().unwrap().is_empty());
    }
    let moto = PrivateMoto::start();
    let aws = Aws::emulator(&moto.url()).await;
    let arn = create_topic(&aws, "ops").await.unwrap();
    conformance::notifier(&SnsNotifier::new(&aws, &arn)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_webhook_answers_is_told_apart_and_its_address_never_shown() {
    let (url, served) = webhook(vec![503, 429, 404]).await;
    let slack = SlackNotifier::new("OPS", &url).unwrap();
    let notice = conformance::notice();
    for unavailable in [true, true, false] {
        let error = slack.tell(&notice).await.unwrap_err();
        assert_eq!(matches!(error, StoreError::Unavailable { .. }), unavailable, "{error}");
        assert!(error.to_string().contains("OPS") && !format!("{error:?}").contains("S3CRET"), "{error:?}");
    }
    served.await.unwrap();
    // Nobody listens any more.
    let error = slack.tell(&notice).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Unavailable { .. }) && !format!("{error:?}").contains("S3CRET"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_in_a_secret_is_read_when_somebody_is_told() {
    let moto = PrivateMoto::start();
    let aws = Aws::emulator(&moto.url()).await;
    let slack = SlackNotifier::of_secret(Secrets::new(&aws), "prod/slack");
    assert_eq!(slack.address(), "slack:aws-sm:prod/slack");
    let notice = conformance::notice();
    let error = slack.tell(&notice).await.unwrap_err().to_string();
    assert!(error.contains("the secret prod/slack in AWS Secrets Manager"), "{error}");

    let client = super::secrets::client(&moto.url());
    client.create_secret().name("prod/slack").secret_string("S3CRET").send().await.unwrap();
    let error = slack.tell(&notice).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("store the https:// address of the webhook as its text"), "{told}");
    assert!(!format!("{error:?}").contains("S3CRET"), "{error:?}");

    let (url, served) = webhook(vec![200; 3]).await;
    client.put_secret_value().secret_id("prod/slack").secret_string(&url).send().await.unwrap();
    conformance::notifier(&slack).await;
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_not_there_is_named() {
    let moto = PrivateMoto::start();
    let aws = Aws::emulator(&moto.url()).await;
    let absent = SnsNotifier::new(&aws, "arn:aws:sns:us-east-1:123456789012:absent");
    let error = absent.tell(&conformance::notice()).await.unwrap_err();
    assert!(error.to_string().contains(":absent"), "{error}");
}
