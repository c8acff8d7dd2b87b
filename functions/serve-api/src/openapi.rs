//! The API described by itself (OpenAPI 3.1). The shapes come from the types that are served.

use axum::Json;
use catalog::{Column, EstimateRequest, Estimates, Filter, Page, Recommendation, RecommendationRequest};
use domain::CampaignSpec;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// `GET /openapi.json`
pub async fn document() -> Json<Value> {
    Json(build())
}

fn build() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|s| s.definitions_path = "/components/schemas".into())
        .into_generator();
    let reference = |g: &mut SchemaGenerator| {
        json!({
            "spec": g.subschema_for::<CampaignSpec>(),
            "request": g.subschema_for::<RecommendationRequest>(),
            "answer": g.subschema_for::<Recommendation>(),
            "page": g.subschema_for::<Page>(),
            "estimate": g.subschema_for::<EstimateRequest>(),
            "estimates": g.subschema_for::<Estimates>(),
        })
    };
    let refs = reference(&mut generator);
    let parameters = catalog_parameters();
    let problem = json!({"description": "A problem; `detail` says what is wrong and the mend",
        "content": {"application/problem+json": {"schema": {"type": "object"}}}});
    let ok = |description: &str, schema: Value| json!({"description": description, "content": {"application/json": {"schema": schema}}});
    let control = |summary: &str| {
        json!({"post": {"summary": summary,
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"202": ok("The campaign", json!({"type": "object"})), "400": problem, "404": problem,
                "409": problem}}})
    };
    let report = |form: &str, media_type: &str| {
        json!({"summary": format!("The report of a campaign {form}"),
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "The report", "content": {media_type: {}}}, "400": problem, "404": problem}})
    };
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Assay", "version": env!("CARGO_PKG_VERSION"),
            "description": "Which model version, engine and hardware to run, from measurements."},
        "paths": {
            "/healthz": {"get": {"summary": "Whether the server runs",
                "responses": {"200": {"description": "ok"}}}},
            "/v1/campaigns": {
                "get": {"summary": "Every campaign, newest first",
                    "responses": {"200": ok("Campaigns", json!({"type": "array", "items": {"type": "object"}})), "500": problem}},
                "post": {"summary": "Measure the matrix of a spec, or go on with it",
                    "requestBody": {"required": true, "content": {"application/json": {"schema": refs["spec"]},
                        "application/yaml": {"schema": refs["spec"]}}},
                    "responses": {"202": ok("The campaign's id", json!({"type": "object"})), "400": problem, "500": problem}}},
            "/v1/campaigns/{id}": {"get": {"summary": "How far a campaign is",
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "responses": {"200": ok("The campaign and its batches", json!({"type": "object"})), "400": problem, "404": problem}}},
            "/v1/campaigns/{id}/pause": control("Nothing of the campaign runs until it is resumed"),
            "/v1/campaigns/{id}/resume": control("A paused campaign goes on"),
            "/v1/campaigns/{id}/cancel": control("Nothing more of the campaign runs; what was measured is kept"),
            "/v1/campaigns/{id}/report": {"get": report("with all of its numbers", "application/json")},
            "/v1/campaigns/{id}/report.html": {"get": report("as a page", "text/html")},
            "/v1/campaigns/{id}/report.pdf": {"get": report("for print", "application/pdf")},
            "/v1/catalog": {"get": {"summary": "The latest result of every configuration",
                "parameters": parameters,
                "responses": {"200": ok("A page of the catalogue, with facets", refs["page"].clone()), "400": problem, "503": problem}}},
            "/v1/recommendations": {"post": {"summary": "Which configurations to run for a use case",
                "requestBody": {"required": true, "content": {"application/json": {"schema": refs["request"]}}},
                "responses": {"200": ok("The ranking", refs["answer"].clone()), "400": problem, "422": problem, "503": problem}}},
            "/v1/estimates": {"post": {"summary": "What traffic that was not measured would yield: a forecast",
                "requestBody": {"required": true, "content": {"application/json": {"schema": refs["estimate"]}}},
                "responses": {"200": ok("Every launch that was measured near enough", refs["estimates"].clone()), "400": problem, "422": problem, "503": problem}}},
        },
        "components": {"schemas": generator.take_definitions(true)},
    })
}

/// The fields of a filter, the bounds of every number, and which page.
fn catalog_parameters() -> Vec<Value> {
    let filter = schemars::schema_for!(Filter).to_value();
    let mut parameters: Vec<Value> = filter["properties"]
        .as_object()
        .map(|properties| {
            properties
                .keys()
                .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}))
                .collect()
        })
        .unwrap_or_default();
    for column in Column::all() {
        for end in ["min", "max"] {
            let name = format!("{end}_{column}");
            parameters.push(json!({"name": name, "in": "query", "schema": {"type": "number"}}));
        }
    }
    parameters.push(json!({"name": "sort", "in": "query", "schema": {"type": "string"},
        "description": "A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first"}));
    for name in ["skip", "limit"] {
        parameters.push(json!({"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0}}));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        let document = build();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        assert!(text.contains("RecommendationRequest"));
    }
}
