//! **Calls** of the functions and of the runner at AWS, as they go over the wire to an emulator: what each program is allowed at
//! AWS (infra/contracts/calls.json, found in the sources) is held against what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use serde_json::Value;
use tokio::sync::Semaphore;

const CONTRACT: &str = include_str!("../../infra/contracts/calls.json");
const PORTS: &str = include_str!("../../infra/contracts/ports.json");

/// Longest that a call is waited for.
const PATIENCE: Duration = Duration::from_secs(100);

/// What each program called, such as `s3:PutObject`.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    noted: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
    held_back: Arc<Mutex<Option<HeldBack>>>,
}

/// A call of a program that goes no further until it is let go.
#[derive(Debug, Clone)]
pub struct HeldBack {
    program: &'static str,
    call: &'static str,
    waits: Arc<Semaphore>,
    goes: Arc<Semaphore>,
}

impl HeldBack {
    /// Until such a call was made.
    pub async fn waits(&self) {
        let made = tokio::time::timeout(PATIENCE, self.waits.acquire()).await;
        made.unwrap_or_else(|_| panic!("{} does not call {}", self.program, self.call)).unwrap().forget();
    }

    /// That call and all that follow go on.
    pub fn let_go(&self) {
        self.goes.close();
    }
}

/// One program, its recorder and where its calls go to.
#[derive(Clone)]
struct Wire {
    program: String,
    calls: Calls,
    to: String,
}

impl Calls {
    /// An address that notes the calls of a program and hands them on to another address.
    pub async fn recorded(&self, program: &str, to: &str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let wire = Wire { program: program.to_owned(), calls: self.clone(), to: to.to_owned() };
        let router = Router::new().fallback(hand_on).with_state(wire);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    /// Holds back a call of a program from now on.
    pub fn hold_back(&self, program: &'static str, call: &'static str) -> HeldBack {
        let (waits, goes) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let held_back = HeldBack { program, call, waits, goes };
        *self.held_back.lock().unwrap() = Some(held_back.clone());
        held_back
    }

    /// Whether a program made a call.
    pub fn has(&self, program: &str, call: &str) -> bool {
        self.noted.lock().unwrap().get(program).is_some_and(|calls| calls.contains(call))
    }

    async fn note(&self, program: &str, calls: Vec<String>) {
        let held_back = self.held_back.lock().unwrap().clone();
        let held_back =
            held_back.filter(|held| held.program == program && calls.iter().any(|call| call == held.call));
        self.noted.lock().unwrap().entry(program.to_owned()).or_default().extend(calls);
        if let Some(held_back) = held_back {
            held_back.waits.add_permits(1);
            // It is closed when calls go on.
            drop(held_back.goes.acquire().await);
        }
    }

    /// Every program called what the contract lists for it, less what is excused, and nothing else.
    pub fn check(&self) {
        let read = |text| -> Value { serde_json::from_str(text).unwrap() };
        let (listed, not_recorded) = (&read(CONTRACT)["programs"], &read(PORTS)["not_recorded"]);
        let names = |list: &Value| -> BTreeSet<String> {
            list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let excused = |program: &str| -> BTreeSet<String> {
            let entries = not_recorded.as_array().unwrap().iter();
            let of_program = entries.filter(|entry| names(&entry["programs"]).contains(program));
            of_program.flat_map(|entry| names(&entry["calls"])).collect()
        };
        let expected: BTreeMap<String, BTreeSet<String>> = listed
            .as_object()
            .unwrap()
            .iter()
            .map(|(program, calls)| (program.clone(), &names(calls) - &excused(program)))
            .collect();
        let recorded = self.noted.lock().unwrap().clone();
        let differences: Vec<String> = expected
            .keys()
            .chain(recorded.keys())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .flat_map(|program| {
                let of = |calls: &BTreeMap<String, BTreeSet<String>>| {
                    calls.get(program).cloned().unwrap_or_default()
                };
                let (expected, recorded) = (of(&expected), of(&recorded));
                let more =
                    (&recorded - &expected).into_iter().map(move |call| format!("{program} calls {call}"));
                let never = (&expected - &recorded)
                    .into_iter()
                    .map(move |call| format!("{program} never calls {call}"));
                more.chain(never)
            })
            .collect();
        assert!(
            differences.is_empty(),
            "programs and infra/contracts/ports.json differ; mend the ports or `not_recorded` there, then `npm run \
             calls`:\n{}",
            differences.join("\n")
        );
    }
}

async fn hand_on(State(wire): State<Wire>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let calls = calls_in(&parts.method, &parts.uri, &parts.headers, &body);
    wire.calls.note(&wire.program, calls).await;
    let is_head = parts.method == Method::HEAD;
    let answered = tokio::task::spawn_blocking(move || {
        let mut sent =
            ureq::http::Request::builder().method(parts.method).uri(format!("{}{}", wire.to, parts.uri));
        for (name, value) in &parts.headers {
            if ![header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT]
                .contains(name)
            {
                sent = sent.header(name, value);
            }
        }
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.run(sent.body(&body[..]).unwrap())?;
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok::<_, ureq::Error>((answer.status(), answer.headers().clone(), body))
    });
    // An emulator that ends with its test may break off.
    let Ok((status, headers, body)) = answered.await.unwrap() else {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap();
    };
    let mut answer = Response::builder().status(status);
    for (name, value) in &headers {
        // The length of what a HEAD is about is told, of other answers it follows.
        if *name != header::TRANSFER_ENCODING
            && *name != header::CONNECTION
            && (is_head || *name != header::CONTENT_LENGTH)
        {
            answer = answer.header(name, value);
        }
    }
    answer.body(Body::from(body)).unwrap()
}

/// What a request calls; a transaction of DynamoDB is allowed by what is in it.
fn calls_in(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Vec<String> {
    if let Some(target) = headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        let (service, operation) = target.split_once('.').unwrap();
        let service = match service {
            "AWSEvents" => "events",
            "AmazonSQS" => "sqs",
            "DynamoDB_20120810" => "dynamodb",
            other => other,
        };
        return match operation {
            "TransactWriteItems" => written_in(body),
            operation => vec![format!("{service}:{operation}")],
        };
    }
    let batch = uri.path().strip_prefix("/v1/").and_then(|path| match path {
        "submitjob" => Some("SubmitJob"),
        "describejobs" => Some("DescribeJobs"),
        "listjobs" => Some("ListJobs"),
        "terminatejob" => Some("TerminateJob"),
        _ => None,
    });
    if let Some(operation) = batch {
        return vec![format!("batch:{operation}")];
    }
    if uri.path() == "/" {
        let form = String::from_utf8_lossy(body);
        let action = form.split('&').find_map(|field| field.strip_prefix("Action="));
        return vec![format!("sns:{}", action.unwrap_or("of no action"))];
    }
    let query = uri.query().unwrap_or_default();
    let operation = match *method {
        Method::GET if query.contains("list-type=2") => "ListObjectsV2",
        Method::GET => "GetObject",
        Method::HEAD => "HeadObject",
        Method::PUT if query.contains("partNumber=") => "UploadPart",
        Method::PUT => "PutObject",
        Method::POST if query.contains("uploadId=") => "CompleteMultipartUpload",
        Method::POST => "CreateMultipartUpload",
        Method::DELETE if query.contains("uploadId=") => "AbortMultipartUpload",
        Method::DELETE => "DeleteObject",
        _ => method.as_str(),
    };
    vec![format!("s3:{operation}")]
}

fn written_in(transaction: &Bytes) -> Vec<String> {
    let transaction: Value = serde_json::from_slice(transaction).unwrap();
    let items = transaction["TransactItems"].as_array().unwrap();
    let kinds = items.iter().flat_map(|item| item.as_object().unwrap().keys());
    kinds
        .map(|kind| {
            if kind == "ConditionCheck" {
                "dynamodb:ConditionCheckItem".to_owned()
            } else {
                format!("dynamodb:{kind}Item")
            }
        })
        .collect()
}

#[test]
fn calls_are_known_by_what_is_sent() {
    let called = |method: Method, uri: &str, target: Option<&'static str>, body: &'static str| {
        let mut headers = HeaderMap::new();
        if let Some(target) = target {
            headers.insert("x-amz-target", target.parse().unwrap());
        }
        calls_in(&method, &uri.parse().unwrap(), &headers, &Bytes::from(body)).join(" ")
    };
    let transaction = r#"{"TransactItems": [{"ConditionCheck": {}}, {"Put": {}}, {"Delete": {}}]}"#;
    assert_eq!(
        called(Method::POST, "/", Some("DynamoDB_20120810.TransactWriteItems"), transaction),
        "dynamodb:ConditionCheckItem dynamodb:PutItem dynamodb:DeleteItem"
    );
    assert_eq!(called(Method::POST, "/", Some("AWSEvents.PutEvents"), "{}"), "events:PutEvents");
    assert_eq!(called(Method::POST, "/", Some("AmazonSQS.GetQueueUrl"), "{}"), "sqs:GetQueueUrl");
    assert_eq!(called(Method::POST, "/v1/submitjob", None, "{}"), "batch:SubmitJob");
    assert_eq!(called(Method::POST, "/", None, "Action=Publish&Version=2010-03-31"), "sns:Publish");
    for (method, uri, operation) in [
        (Method::GET, "/b?list-type=2&prefix=x", "ListObjectsV2"),
        (Method::GET, "/b/k?x-id=GetObject", "GetObject"),
        (Method::PUT, "/b/k?partNumber=1&uploadId=u", "UploadPart"),
        (Method::POST, "/b/k?uploads", "CreateMultipartUpload"),
        (Method::POST, "/b/k?uploadId=u", "CompleteMultipartUpload"),
        (Method::DELETE, "/b/k?uploadId=u", "AbortMultipartUpload"),
    ] {
        assert_eq!(called(method, uri, None, ""), format!("s3:{operation}"));
    }
}
