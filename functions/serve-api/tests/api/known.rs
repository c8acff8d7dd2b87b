//! What can be asked for, and how much is known of it.

use super::*;

#[tokio::test]
async fn what_is_known_is_listed_with_its_results() {
    let simulated = result("known", 2).provenance(Provenance::Simulated).build();
    let measured = result("known", 1).build();
    let serving = measured.configuration.serving.clone();
    let api = Api::with(&[measured, simulated]).await;
    let named = |list: &Value, name: &str| {
        let all = list.as_array().unwrap();
        all.iter().find(|known| known["name"] == name).unwrap_or_else(|| panic!("{name} in {list}")).clone()
    };
    let both = serde_json::json!({"measured": 1, "simulated": 1});
    let models = api.get("/v1/models").await.body;
    assert_eq!(named(&models["models"], serving.model().as_str())["results"], both);
    assert!(models["models"].as_array().unwrap().len() > 50);
    let hosted = models["models"].as_array().unwrap().iter().find(|m| m["provider"] == "openai").unwrap();
    assert!(hosted["usd_per_mtok"]["output"].as_f64().unwrap() > 0.0);

    let hardware = api.get("/v1/hardware").await.body;
    assert_eq!(named(&hardware["hardware"], &serving.hardware().to_string())["results"], both);
    assert!(named(&hardware["hardware"], "h100x8")["rent"]["spot"]["usd_per_hour"].as_f64().unwrap() > 0.0);

    let frameworks = api.get("/v1/frameworks").await.body;
    assert_eq!(named(&frameworks["frameworks"], "tgi")["results"], serde_json::json!({}));
    let counted: u64 = frameworks["frameworks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["results"]["measured"].as_u64())
        .sum();
    assert_eq!(counted, 1);

    let use_cases = api.get("/v1/use-cases").await.body;
    let chatbot = named(&use_cases["use_cases"], "chatbot");
    assert_eq!(chatbot["results"], both);
    assert_eq!(chatbot["shapes"].as_object().unwrap().len(), 1);
    assert!(chatbot["weights"]["latency"].as_f64().unwrap() > 0.0);

    let refused = api.get("/v1/models?provider=openai").await;
    assert_eq!((refused.status, &refused.body["field"]), (StatusCode::BAD_REQUEST, &"provider".into()));
    api.results.away.store(true, Ordering::SeqCst);
    for path in ["/v1/models", "/v1/hardware", "/v1/frameworks", "/v1/use-cases"] {
        let stale = api.get(path).await;
        assert_eq!(stale.status, StatusCode::OK);
        assert!(stale.warning.unwrap().starts_with("110 "));
    }
}
