//! `assay up`: campaigns and questions over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE, Running, until};

/// A campaign as the API takes it: nothing in it starts a program of its own.
const SPEC: &str = "
name: over-http
models: [llama-3.1-8b-instruct]
quantisations: [int4]
hardware: [h100x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4, concurrency: [1, 2], requests: 40, warm_up: 1}
";

/// `assay up` and where it listens.
struct Api {
    process: Running,
    address: String,
}

struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The problem, with its detail naming all of `parts`.
    fn assert_problem(&self, status: u16, parts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.headers.contains("application/problem+json"), "{}", self.headers);
        let problem = self.json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(parts.iter().all(|part| detail.contains(part)), "{detail}");
    }
}

impl Api {
    fn start(bench: &Bench) -> Self {
        Self::start_with(bench, &[])
    }

    fn start_with(bench: &Bench, arguments: &[&str]) -> Self {
        let process = bench.start(&[&["up", "--listen", "127.0.0.1:0"], arguments].concat());
        let address = until("the API says where it listens", || {
            let told = process.stderr();
            Some(told.split_once("serving on http://")?.1.split_once(';')?.0.to_owned())
        });
        Self { process, address }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, headers: headers.to_lowercase(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// Posts a spec and gives the path of its campaign.
    fn post(&self, spec: &str) -> String {
        let answer = self.ask("POST", "/v1/campaigns", spec);
        assert_eq!(answer.status, 202, "{}", answer.body);
        let path = format!("/v1/campaigns/{}", answer.json()["id"].as_str().unwrap());
        assert!(answer.headers.contains(&format!("location: {path}")), "{}", answer.headers);
        path
    }

    fn until_completed(&self, path: &str) -> Value {
        until("the campaign is completed", || {
            let campaign = self.get(path).json();
            assert_ne!(campaign["state"], "failed", "{campaign}");
            (campaign["state"] == "completed").then_some(campaign)
        })
    }

    fn stop(self) {
        self.process.signal(Signal::INT);
        self.process.end().assert_code(0);
    }
}

#[test]
fn a_campaign_over_http_from_spec_to_recommendation() {
    let bench = Bench::new();
    let api = Api::start(&bench);
    assert_eq!((api.get("/healthz").status, api.get("/healthz").body.as_str()), (200, "ok"));
    let paths = api.get("/openapi.json").json()["paths"].clone();
    for path in ["/healthz", "/v1/campaigns", "/v1/campaigns/{id}", "/v1/catalog", "/v1/recommendations"] {
        assert!(paths.get(path).is_some(), "{path} is not in {paths}");
    }
    assert!(api.get("/").body.contains("<html"));
    let question = json!({"use_case": "chatbot", "provenance": "simulated"});
    let ask = |question: &Value| api.ask("POST", "/v1/recommendations", &question.to_string());
    assert_eq!(ask(&question).status, 422, "there is nothing yet");

    let campaign = api.post(SPEC);
    let completed = api.until_completed(&campaign);
    assert_eq!(completed["batches"][0]["state"], "finished");
    assert_eq!(api.get("/v1/campaigns").json()["campaigns"].as_array().unwrap().len(), 1);

    let catalog = api.get("/v1/catalog").json();
    assert_eq!(catalog["total"], 2);
    assert_eq!(catalog["entries"][0]["provenance"], "simulated");
    assert_eq!(api.get("/v1/catalog?limit=1").json()["entries"].as_array().unwrap().len(), 1);
    assert_eq!(api.get("/v1/catalog?use_case=qa").json()["total"], 0);
    assert_eq!(
        api.get("/v1/catalog?use_case=chatbot&provenance=simulated&input_tokens=16").json()["total"],
        2
    );
    api.get("/v1/catalog?hardwear=h100x1").assert_problem(400, &["hardwear"]);
    api.get("/v1/catalog?limit=many").assert_problem(400, &[]);

    let answer = ask(&question);
    assert_eq!(answer.status, 200, "{}", answer.body);
    // A run in which a busy machine held the client up is in the catalogue and not ranked.
    assert!((1..=2).contains(&answer.json()["entries"].as_array().unwrap().len()), "{}", answer.body);
    assert!(answer.headers.contains("x-results-revision: 2"), "{}", answer.headers);
    assert_eq!(ask(&question).body, answer.body);
    ask(&json!({"use_case": "chatbot"})).assert_problem(422, &["simulated"]);
    let impossible = json!({"use_case": "chatbot", "provenance": "simulated", "max_usd_per_hour": 0.01});
    ask(&impossible).assert_problem(422, &[]);
    ask(&json!({"use_case": "chatbot", "colour": "red"})).assert_problem(400, &["colour"]);
    api.ask("POST", "/v1/recommendations", "not JSON").assert_problem(400, &[]);
    api.stop();
    bench.until_all_gone();
}

#[test]
fn what_the_api_cannot_use_is_a_problem_with_its_field() {
    let bench = Bench::new();
    let api = Api::start(&bench);
    let post = |spec: &str| api.ask("POST", "/v1/campaigns", spec);
    post("name: x").assert_problem(400, &["models"]);
    let answer = post(&SPEC.replace("[1, 2]", "[]"));
    answer.assert_problem(400, &["`workloads[0].concurrency`", "is empty"]);
    assert_eq!(answer.json()["field"], "workloads[0].concurrency");
    let program = SPEC.replace("[simulated]", "[{name: simulated, program: /bin/sh}]");
    post(&program).assert_problem(400, &["`frameworks[0].program`", "assay run"]);
    api.get("/v1/campaigns/no-such").assert_problem(404, &["/v1/campaigns lists them"]);
    api.get("/v1/nothing").assert_problem(404, &["/openapi.json"]);
    // One host for one folder.
    bench.run(&bench.spec("tiny", &[])).assert_error(1, &["another assay", "--data"]);
    api.stop();
}

#[test]
fn a_restarted_api_goes_on_with_its_campaigns() {
    let bench = Bench::new();
    let spec = SPEC.replace("[1, 2]", "[1, 2, 3, 4, 5, 6]").replace("requests: 40", "requests: 80");
    let api = Api::start(&bench);
    let campaign = api.post(&spec);
    until("a result is there", || (api.get("/v1/catalog").json()["total"] != 0).then_some(()));
    let kept = api.get("/v1/catalog").json()["entries"].clone();
    api.process.signal(Signal::KILL);
    api.process.end();

    // Nobody asks for the campaign: it goes on by itself.
    let api = Api::start(&bench);
    api.until_completed(&campaign);
    let entries = api.get("/v1/catalog").json()["entries"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 6);
    for entry in kept.as_array().unwrap() {
        assert!(entries.as_array().unwrap().contains(entry), "{entry}");
    }
    // The same spec is the same campaign, and there is nothing left to do.
    assert_eq!(api.post(&spec), campaign);
    api.until_completed(&campaign);
    assert_eq!(api.get("/v1/catalog").json()["entries"], entries);
    api.stop();
    bench.until_all_gone();
}

#[test]
fn the_same_spec_posted_after_a_kill_goes_on() {
    let bench = Bench::new();
    let spec = SPEC.replace("requests: 40", "requests: 120");
    let api = Api::start(&bench);
    let campaign = api.post(&spec);
    until("its engine runs", || {
        bench.processes().iter().any(|p| p.is("simulated-engine", "--port")).then_some(())
    });
    api.process.signal(Signal::KILL);
    api.process.end();
    let api = Api::start(&bench);
    assert_eq!(api.post(&spec), campaign);
    api.until_completed(&campaign);
    assert_eq!(api.get("/v1/catalog").json()["total"], 2);
    api.stop();
    bench.until_all_gone();
}

#[test]
fn a_schedule_begins_a_campaign_while_the_host_runs() {
    let bench = Bench::new();
    let spec = bench.write("over-http.yaml", SPEC);
    let spec = spec.to_str().unwrap();
    let add =
        |cron: &str| bench.assay(&["campaign", "schedule", "add", spec, "--name", "often", "--cron", cron]);
    add("0 3 * *").assert_code(2);
    let added = add("* * * * *");
    assert!(added.assert_code(0).stdout.contains("schedule often: * * * * *; next at "), "{}", added.stdout);
    let listed = bench.assay(&["campaign", "schedule", "list"]);
    assert!(listed.assert_code(0).stdout.contains("over-http"), "{}", listed.stdout);
    // Years of instants were missed: one campaign catches up, and the next is due at New Year.
    let path = bench.data().join("schedules.json");
    let mut schedules: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    schedules["often"]["cron"] = "0 0 1 1 *".into();
    schedules["often"]["added_at"] = "2020-06-01T00:00:00Z".into();
    std::fs::write(&path, schedules.to_string()).unwrap();
    let api = Api::start(&bench);
    let id = until("the campaign is complete", || {
        let campaigns = api.get("/v1/campaigns").json();
        let campaign = campaigns["campaigns"].as_array().unwrap().first()?.clone();
        (campaign["state"] == "completed").then(|| campaign["id"].as_str().unwrap().to_owned())
    });
    assert!(api.process.stderr().contains(&format!("schedule often: campaign {id}")));
    assert_eq!(api.get("/v1/campaigns").json()["campaigns"].as_array().unwrap().len(), 1);
    bench.assay(&["campaign", "schedule", "remove", "often"]).assert_code(0);
    bench
        .assay(&["campaign", "schedule", "remove", "often"])
        .assert_error(2, &["there is no schedule often"]);
    api.process.signal(Signal::INT);
}

#[test]
fn where_others_can_reach_the_server_they_need_keys() {
    let bench = Bench::new();
    let refused = bench.assay(&["up", "--listen", "0.0.0.0:0"]);
    refused.assert_error(2, &["can be reached by others", "assay key new", "--keys"]);

    let file = bench.data().with_extension("keys.json");
    let file = file.to_str().unwrap();
    let made = bench.assay(&["key", "new", "page", "--scope", "read", "--file", file]);
    let key = made.assert_code(0).stdout.trim().to_owned();
    assert!(!std::fs::read_to_string(file).unwrap().contains(&key), "only its hash is kept");
    bench.assay(&["key", "new", "page", "--file", file]).assert_error(2, &["has a key of the name page"]);

    let api = Api::start_with(&bench, &["--keys", file, "--rate-limit", "1000"]);
    assert_eq!((api.get("/healthz").status, api.get("/openapi.json").status), (200, 200));
    api.get("/v1/campaigns").assert_problem(401, &["authorization: Bearer KEY"]);
    let mut stream = TcpStream::connect(&api.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /v1/campaigns HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(!api.process.stderr().contains(&key));
    api.stop();
    bench.assay(&["up", "--jwks", "https://id.example/keys"]).assert_error(2, &["jwt-issuer"]);
    std::fs::write(file, "[]").unwrap();
    bench.assay(&["up", "--keys", file]).assert_error(2, &["assay key new"]);
}

#[test]
fn a_stream_of_a_campaign_ends_with_the_server() {
    let bench = Bench::new();
    let api = Api::start(&bench);
    let campaign = api.post(&SPEC.replace("requests: 40", "requests: 100000"));
    let mut stream = TcpStream::connect(&api.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {campaign}/events HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    let mut head = [0; 4096];
    let read = stream.read(&mut head).unwrap();
    assert!(String::from_utf8_lossy(&head[..read]).contains("text/event-stream"));
    api.stop();
    // The first event may have come with the head.
    let mut told = head[..read].to_vec();
    stream.read_to_end(&mut told).unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("event: progress") && told.ends_with("0\r\n\r\n"), "{told}");
}
