//! Events of AWS, in the form that its documents give, are read.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use events::foreign::{Foreign, Notice, Unreadable};

fn read(name: &str) -> Foreign {
    let path = format!("{}/examples/foreign/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Foreign::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn an_uploaded_spec() {
    let event = read("s3-object-created");
    assert_eq!(event.time.to_rfc3339(), "2026-11-24T08:00:00+00:00");
    let Notice::ObjectCreated { bucket, key, size, sequencer } = event.notice else { panic!("{event:?}") };
    assert_eq!(sequencer.unwrap(), "00692F1B40A1B2C3D4");
    // A plus in a key is a plus.
    assert_eq!((bucket.as_str(), key.as_str(), size), ("assay-results", "specs/nightly+h100.yaml", 1412));
}

#[test]
fn an_uploaded_spec_told_by_s3_itself() {
    let path = format!("{}/examples/foreign/s3-notification.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let told = Foreign::read_all(&text).unwrap();
    let [Foreign { notice: Notice::ObjectCreated { key, size, sequencer, .. }, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((key.as_str(), *size), ("specs/nightly+h100 \u{fc}ber.yaml", 1412));
    assert_eq!(sequencer.as_deref(), Some("00692F1B40A1B2C3D4"));
    let plain = text.replace("nightly%2Bh100+%C3%BCber", "100%-%4").replace("Put", "Copy");
    let told = Foreign::read_all(&plain).unwrap();
    assert!(
        matches!(&told[0].notice, Notice::ObjectCreated { key, .. } if key == "specs/100%-%4.yaml"),
        "{told:?}"
    );
    let removed = text.replace("ObjectCreated:Put", "ObjectRemoved:Delete");
    assert!(matches!(Foreign::read_all(&removed), Err(Unreadable::Unknown { .. })));
    let test = r#"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-24T08:00:00.000Z", "Bucket": "b"}"#;
    assert_eq!(Foreign::read_all(test).unwrap(), []);
    assert!(matches!(Foreign::read_all(r#"{"Event": "other"}"#), Err(Unreadable::Json(_))));
}

#[test]
fn a_schedule_that_is_due() {
    let schedule = "arn:aws:scheduler:us-east-1:111122223333:schedule/assay/nightly".to_owned();
    assert_eq!(read("scheduler").notice, Notice::Scheduled { schedule });
}

#[test]
fn what_is_published_to_a_topic() {
    let path = format!("{}/examples/foreign/sns-notification.json", env!("CARGO_MANIFEST_DIR"));
    let told = Foreign::read_all(&std::fs::read_to_string(path).unwrap()).unwrap();
    let topic = "arn:aws:sns:us-east-1:111122223333:assay-trial-spent".to_owned();
    assert_eq!(told.into_iter().map(|told| told.notice).collect::<Vec<_>>(), [Notice::Published { topic }]);
}

#[test]
fn a_job_whose_host_is_gone() {
    let Notice::JobStateChange { job, status, reason } = read("batch-job-state-change").notice else {
        panic!()
    };
    assert_eq!((job.as_str(), status.as_str()), ("4c7599ae-0a82-49aa-ba5a-4727fcce14a8", "FAILED"));
    assert!(reason.unwrap().starts_with("Host EC2"));
}

#[test]
fn a_spot_instance_that_will_be_taken_away() {
    let (instance, action) = ("i-0b662ef9931388ba0".to_owned(), "terminate".to_owned());
    assert_eq!(read("ec2-spot-interruption").notice, Notice::InstanceInterruption { instance, action });
}

#[test]
fn what_nobody_asked_for_is_told_by_its_teller() {
    let other = r#"{"source": "aws.health", "detail-type": "AWS Health Event", "time": "2026-11-24T08:00:00Z", "detail": {}}"#;
    let error = Foreign::read(other).unwrap_err();
    assert!(
        matches!(error, Unreadable::Unknown { .. }) && error.to_string().contains("aws.health"),
        "{error}"
    );
    assert!(matches!(Foreign::read("{}").unwrap_err(), Unreadable::Json(_)));
    let half = other.replace("aws.health", "aws.s3").replace("AWS Health Event", "Object Created");
    assert!(matches!(Foreign::read(&half).unwrap_err(), Unreadable::Json(_)));
}
