//! **Golden answers**: what each route says about one small catalogue, byte for byte. `UPDATE_CONTRACTS=1` writes them anew
//! after a deliberate change.

use std::path::Path;

use domain::result::Flag;
use testkit::fixtures::batch_record;

use super::*;

/// Three measured configurations, one of them flagged, and one that was simulated.
async fn small() -> (Api, Vec<BenchmarkResult>) {
    let results = vec![
        result("golden", 1).build(),
        result("golden", 4).measured_at(at(60)).build(),
        result("golden", 16)
            .measured_at(at(120))
            .metrics(|m| m.output_tps = 4000.0)
            .flag(Flag::NotSteady)
            .build(),
        result("golden", 4).provenance(Provenance::Simulated).measured_at(at(180)).build(),
    ];
    let api = Api::with(&results).await;
    let campaign = campaign_record("golden");
    api.context.ledger.create_campaign(&campaign).await.unwrap();
    let place = |result: &BenchmarkResult, score| store::ports::rollups::PublishedPlace {
        config_id: result.config_id.clone(),
        model: result.configuration.serving.offered(),
        run_id: result.run_id.clone(),
        score,
        on_pareto_front: true,
        probability_first: None,
    };
    let ranking = store::ports::rollups::PublishedRanking {
        use_case: domain::UseCase::Chatbot,
        shape: "512>128".to_owned(),
        provenance: Provenance::Measured,
        entries: vec![place(&results[1], 0.75), place(&results[0], 0.25)],
    };
    let revision = api.context.results.revision().await.unwrap();
    api.context.rollups.publish_rankings(revision, &[ranking], at(240)).await.unwrap();
    api.context.ledger.add_batches(&[batch_record(&campaign.id, 0)]).await.unwrap();
    (api, results)
}

async fn golden(api: &Api, name: &str, method: &str, path: &str, body: &str) {
    let request = Request::builder().method(method).uri(path).header("x-request-id", "golden");
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
    let media_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    let told = format!("{status} {media_type}\n{}\n", serde_json::to_string_pretty(&json).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, told).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        told, stored,
        "{name} is another; UPDATE_CONTRACTS=1 writes it anew after a deliberate change"
    );
}

#[tokio::test]
async fn the_catalogue_is_told_as_it_was() {
    let (api, results) = small().await;
    let (a, b) = (&results[0].config_id, &results[1].config_id);
    for (name, path) in [
        ("catalog", "/v1/catalog?sort=-output_tps&limit=2".to_owned()),
        ("catalog_filtered", "/v1/catalog?provenance=simulated&engine=vllm&engine=sglang".to_owned()),
        ("points", "/v1/catalog/points?x=ttft_p90_ms&y=output_tps".to_owned()),
        ("configuration", format!("/v1/configurations/{b}")),
        ("history", format!("/v1/configurations/{b}/history")),
        ("compare", format!("/v1/compare?id={a}&id={b}")),
    ] {
        golden(&api, name, "GET", &path, "").await;
    }
}

#[tokio::test]
async fn advice_is_told_as_it_was() {
    let (api, _) = small().await;
    let nothing_fits =
        r#"{"use_case": "chatbot", "bounds": [{"metric": "ttft", "statistic": "p90", "max_ms": 10}]}"#;
    for (name, path, body) in [
        ("recommendation", "/v1/recommendations", r#"{"use_case": "chatbot", "target_rps": 50}"#),
        ("nothing_fits", "/v1/recommendations", nothing_fits),
        (
            "estimate",
            "/v1/estimates",
            r#"{"use_case": "chatbot", "input_tokens": 512, "output_tokens": 128, "concurrency": 8}"#,
        ),
    ] {
        golden(&api, name, "POST", path, body).await;
    }
}

#[tokio::test]
async fn campaigns_and_refusals_are_told_as_they_were() {
    let (api, _) = small().await;
    for (name, path) in [
        ("campaigns", "/v1/campaigns"),
        ("campaign", "/v1/campaigns/golden"),
        ("no_such_campaign", "/v1/campaigns/none"),
        ("misspelt", "/v1/catalog?colour=red"),
        ("frameworks", "/v1/frameworks"),
        ("use_cases", "/v1/use-cases"),
        ("rankings", "/v1/rankings?use_case=chatbot"),
    ] {
        golden(&api, name, "GET", path, "").await;
    }
}
