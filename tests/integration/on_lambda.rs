//! What people and hosts do to campaigns, by the programs that run on AWS: from an uploaded spec to a served recommendation,
//! pauses, killed runners, failures that are tried again, hosted models, imports. What the programs call at AWS meanwhile is
//! held against what they are allowed.

use std::path::PathBuf;

use serde_json::{Value, json};
use simulated_engine::SimulationConfig;
use testkit::fixtures;

use crate::deployment::{self, Deployment, call};

const SPEC: &str = "
name: uploaded
models: [llama-3.1-8b-instruct]
quantisations: [int4]
hardware: [h100x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4, concurrency: [1, 2], requests: 20, warm_up: 1}
";

/// A campaign that does not end by itself while somebody waits.
const LONG: &str = "
name: long
models: [llama-3.1-8b-instruct]
quantisations: [int4]
hardware: [h100x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 500, concurrency: [1], requests: 5000, warm_up: 1}
";

/// A model that others host, with a key in Secrets Manager, beside one whose weights are in a bucket without checksums.
fn mixed(service: &str) -> String {
    format!(
        "
name: mixed
models:
  - name: llama-3.1-8b-instruct
    artifacts: [{{quantisation: int4, format: gguf, path: 's3://assay/weights/m.gguf'}}]
  - name: house
    hosted:
      provider: openai
      url: {service}
      key: aws-sm:assay/house
      served_model: llama-3.1-8b-instruct
      usd_per_mtok: {{input: 1, output: 4}}
quantisations: [int4]
hardware: [cpu]
frameworks: [llama.cpp]
workloads:
  - {{name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4, concurrency: [1], requests: 20, warm_up: 1}}
"
    )
}

const SCHEDULE: &str = include_str!("../../events/examples/foreign/scheduler.json");

/// Where cargo puts programs.
fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(|deps| deps.parent()).unwrap().to_owned()
}

fn get(deployment: &Deployment, path: &str) -> (u16, Value) {
    let (status, body) = call("GET", &format!("{}{path}", deployment.api), &[], &[]);
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn post(deployment: &Deployment, path: &str, body: &str) -> (u16, Value) {
    let json = [("content-type", "application/json")];
    let (status, body) = call("POST", &format!("{}{path}", deployment.api), &json, body.as_bytes());
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn completed(deployment: &Deployment, campaign: &str) -> Value {
    let path = format!("/v1/campaigns/{campaign}");
    let is_over =
        || Some(get(deployment, &path).1).filter(|c| c["state"] == "completed" || c["state"] == "failed");
    deployment.until(&path, is_over).await
}

/// The first batch of a campaign, once it is as it should be.
async fn first_batch(deployment: &Deployment, campaign: &str, is: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/v1/campaigns/{campaign}");
    let batch = || Some(get(deployment, &path).1["batches"][0].clone()).filter(&is);
    deployment.until(&format!("batch of {path}"), batch).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_of_aws_call_what_they_are_allowed_and_do_their_work() {
    let deployment = Deployment::start(&programs()).await;
    an_uploaded_spec_becomes_a_recommendation(&deployment).await;
    a_campaign_is_paused_killed_and_cancelled(&deployment).await;
    a_campaign_is_paused_while_it_is_split(&deployment).await;
    what_failed_is_tried_again(&deployment).await;
    what_cannot_be_read_is_put_off(&deployment);
    deployment.calls.check();
}

async fn an_uploaded_spec_becomes_a_recommendation(deployment: &Deployment) {
    assert_eq!(call("GET", &format!("{}/healthz", deployment.api), &[], &[]), (200, b"ok".to_vec()));
    let question = json!({"use_case": "chatbot", "provenance": "simulated"}).to_string();
    assert_eq!(post(deployment, "/v1/recommendations", &question).0, 422, "nothing is known yet");

    deployment.upload("specs/a+b.yaml", SPEC);
    let note = deployment.object("specs/a+b.yaml.note.json").await;
    assert_eq!(note["outcome"], "campaign");
    let campaign = completed(deployment, note["id"].as_str().unwrap()).await;
    assert_eq!(campaign["message"], Value::Null, "{campaign}");
    assert_eq!((&campaign["state"], &campaign["feasible"]), (&json!("completed"), &json!(2)));

    let recommended =
        || Some(post(deployment, "/v1/recommendations", &question)).filter(|(status, _)| *status == 200);
    let (_, recommendation) = deployment.until("recommendation", recommended).await;
    assert_eq!(recommendation["provenance"], "simulated");
    assert_eq!(recommendation["entries"][0]["configuration"]["model"]["model"], "llama-3.1-8b-instruct");
    let published = deployment.object("catalog/published.json").await;
    assert!(published["revision"].as_u64().unwrap() > 0, "{published}");

    // Asked for over HTTP, by upload; and what makes no sense, told at once, and noted.
    let (status, asked) =
        post(deployment, "/v1/campaigns", &SPEC.replace("uploaded", "over-http").replace("[1, 2]", "[3]"));
    assert_eq!(status, 202, "{asked}");
    let over_http = completed(deployment, asked["id"].as_str().unwrap()).await;
    assert_eq!((&over_http["state"], &over_http["name"]), (&json!("completed"), &json!("over-http")));
    let nonsense = SPEC.replace("[1, 2]", "[0]");
    assert_eq!(post(deployment, "/v1/campaigns", &nonsense).0, 400);
    deployment.upload("specs/nonsense.yaml", &nonsense);
    let note = deployment.object("specs/nonsense.yaml.note.json").await;
    assert!(note["reason"].as_str().unwrap().starts_with("line 8: `workloads[0].concurrency"), "{note}");

    // A schedule without a spec fails with a kind that stays, and with one it begins the spec's next campaign.
    assert_eq!(deployment.invoke("trigger-campaign", SCHEDULE)["errorType"], "NoSpec");
    deployment.upload("schedules/nightly.yaml", SPEC);
    let later = SCHEDULE.replace("2026-11-24T02:00:00Z", &chrono::Utc::now().to_rfc3339());
    assert_eq!(deployment.invoke("trigger-campaign", &later), Value::Null);
    let note = deployment.object("schedules/nightly.yaml.note.json").await;
    assert_eq!(note["id"].as_str().unwrap(), format!("{}.2", campaign["id"].as_str().unwrap()));

    // Results of elsewhere are in the catalogue when publish-catalog was told that it is time.
    let result = fixtures::result("elsewhere", 1).build();
    let mut bad = json!([result]);
    bad[0]["metrics"]["rps"] = json!(-1.0);
    deployment.upload("imports/bad.json", &bad.to_string());
    let note = deployment.object("imports/bad.json.note.json").await;
    assert!(note["reason"].as_str().unwrap().starts_with("`[0].metrics.rps` cannot be"), "{note}");
    deployment.upload("imports/results.json", &json!([result]).to_string());
    let note = deployment.object("imports/results.json.note.json").await;
    assert_eq!((&note["outcome"], &note["new"]), (&json!("stored"), &json!(1)), "{note}");
    // Another campaign may publish at the same time, and what it knew.
    let published = || {
        assert_eq!(deployment.invoke("publish-catalog", SCHEDULE), Value::Null);
        let (_, imported) = get(deployment, "/v1/catalog?provenance=imported");
        (imported["entries"][0]["config_id"] == json!(result.config_id)).then_some(())
    };
    deployment.until("imported result in the catalogue", published).await;
}

async fn a_campaign_is_paused_killed_and_cancelled(deployment: &Deployment) {
    let (status, planned) = post(deployment, "/v1/campaigns/plan", LONG);
    assert_eq!((status, planned["batches"].as_array().map(Vec::len)), (200, Some(1)), "{planned}");
    deployment.upload("specs/long.yaml", LONG);
    let note = deployment.object("specs/long.yaml.note.json").await;
    let campaign = note["id"].as_str().unwrap();
    let wanted = |what| wanted(deployment, campaign, what);
    first_batch(deployment, campaign, |batch| batch["attempt"] == 1).await;
    wanted("pause");
    first_batch(deployment, campaign, |batch| batch["state"] == "pending").await;
    wanted("resume");
    first_batch(deployment, campaign, |batch| batch["attempt"] == 2).await;
    deployment.kill_runners();
    let batch = first_batch(deployment, campaign, |batch| batch["attempt"] == 3).await;
    assert!(batch["message"].as_str().is_some_and(|why| why.contains("was killed (137)")), "{batch}");
    wanted("cancel");
    reported(deployment, campaign).await;
}

/// The jobs are submitted when nobody wants them any more: whoever submitted them takes them back.
async fn a_campaign_is_paused_while_it_is_split(deployment: &Deployment) {
    let submission = deployment.calls.hold_back("split-batches", "batch:SubmitJob");
    deployment.upload("specs/raced.yaml", &LONG.replace("name: long", "name: raced"));
    let note = deployment.object("specs/raced.yaml.note.json").await;
    let campaign = note["id"].as_str().unwrap();
    submission.waits().await;
    wanted(deployment, campaign, "pause");
    submission.let_go();
    let taken_back = || deployment.calls.has("split-batches", "batch:TerminateJob").then_some(());
    deployment.until("job that is taken back", taken_back).await;
    first_batch(deployment, campaign, |batch| batch["state"] == "pending").await;
    wanted(deployment, campaign, "cancel");
    reported(deployment, campaign).await;
}

fn wanted(deployment: &Deployment, campaign: &str, what: &str) {
    let (status, told) = post(deployment, &format!("/v1/campaigns/{campaign}/{what}"), "");
    assert_eq!(status, 202, "{what}: {told}");
}

async fn reported(deployment: &Deployment, campaign: &str) {
    let path = format!("/v1/campaigns/{campaign}/report");
    let report = || Some(get(deployment, &path)).filter(|(status, _)| *status == 200);
    deployment.until(&path, report).await;
}

/// A person uploads the same spec again, and what failed is tried again.
async fn what_failed_is_tried_again(deployment: &Deployment) {
    let config = SimulationConfig {
        served_model_name: "llama-3.1-8b-instruct".to_owned(),
        step_base_ms: 1.0,
        ..SimulationConfig::default()
    };
    let service = simulated_engine::start(config, None).await.unwrap();
    deployment.keep_secret("assay/house", "sk-house-s3cret-0123456789");
    deployment.put("weights/m.gguf", "no weights");
    let mut requests = Vec::new();
    for key in ["specs/mixed.yaml", "specs/mixed-again.yaml"] {
        deployment.upload(key, &mixed(&service.base_url()));
        let note = deployment.object(&format!("{key}.note.json")).await;
        let campaign = completed(deployment, note["id"].as_str().unwrap()).await;
        let progress = &campaign["progress"];
        assert_eq!((&progress["stored"], &progress["failed"]), (&json!(1), &json!(1)), "{campaign}");
        requests.push(campaign["request"].clone());
    }
    assert_eq!(requests, [1, 2]);
}

/// Every function that is told by a queue names the message that failed, and puts it off in the queue that it came from.
fn what_cannot_be_read_is_put_off(deployment: &Deployment) {
    for function in deployment::told() {
        let message = json!({
            "messageId": "m1", "receiptHandle": "r1", "body": "nonsense", "eventSource": "aws:sqs",
            "eventSourceARN": deployment::queue(), "attributes": {"ApproximateReceiveCount": "1"},
        });
        let answer = deployment.invoke(function, &json!({"Records": [message]}).to_string());
        assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m1"}]}), "{function}");
    }
}
