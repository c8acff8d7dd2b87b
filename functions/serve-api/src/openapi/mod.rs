//! The API **described by itself** (OpenAPI 3.1), well enough to generate a client. Shapes are those of the types that are
//! served.

mod operation;
mod operations;
mod parameters;

use std::sync::LazyLock;

use axum::response::Response;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::answers::typed;
use crate::problem::WrittenProblem;

/// Worked out when it is first asked for.
static DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| serde_json::to_vec(&build()).unwrap_or_default());

/// `GET /openapi.json`
pub async fn document() -> Response {
    typed("application/json", DOCUMENT.as_slice())
}

/// What a generator of clients needs to know of every answer.
const DESCRIPTION: &str = "Which model version, engine and hardware to run, from measurements.\n\nEvery number has its \
    provenance: `measured`, `imported`, `simulated` or `forecast`; results of different provenance are never compared. \
    Latencies are in milliseconds. An error is `application/problem+json` with the field that is wrong. Answers from the \
    catalogue carry `x-results-revision`, `x-catalog` and an `etag`; while the stores are away the last ones are given \
    with `warning: 110`.";

fn build() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|s| s.definitions_path = "/components/schemas".into())
        .into_generator();
    let problem = generator.subschema_for::<WrittenProblem<'_>>();
    let mut paths = Map::new();
    for (path, method, operation) in operations::all(&mut generator) {
        let of_path = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(methods) = of_path {
            methods.insert(method.to_owned(), operation.written(path));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Assay",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": operations::TAGS.map(|(name, description)| json!({"name": name, "description": description})),
        "paths": paths,
        "components": {
            "schemas": schemas(&mut generator),
            "responses": {
                "Problem": {
                    "description": "A problem: `detail` says what is wrong and the mend, `field` where",
                    "headers": {"x-request-id": {"$ref": "#/components/headers/RequestId"}},
                    "content": {"application/problem+json": {"schema": problem}},
                },
                "NotModified": {"description": "Whoever asks has it already"},
            },
            "headers": {
                "RequestId": {"description": "Names the request, in our logs as well", "schema": {"type": "string"}},
                "Etag": {"description": "Names the answer, for `if-none-match`", "schema": {"type": "string"}},
                "Revision": {"description": "The revision of the results that it was made from", "schema": {"type": "integer"}},
                "Source": {"description": "What the catalogue was read from", "schema": {"enum": ["published", "results"]}},
                "Warning": {"description": "`110 …` where newer results may exist", "schema": {"type": "string"}},
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer",
                    "description": "An API key, or a JWT of the issuer that the server trusts, with scopes read < run < admin. \
                        A server without keys answers everybody."},
                "header": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "An API key"},
            },
        },
    })
}

/// Every shape. Those of the domain leave room for what is added later, so that an old client reads a new answer.
fn schemas(generator: &mut SchemaGenerator) -> Value {
    Value::Object(generator.take_definitions(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        let document = build();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"").skip(1) {
            let pointer = reference.split('"').next().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn the_document_has_the_paths_that_are_answered() {
        let document = build();
        let described: std::collections::BTreeSet<&str> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let answered = crate::router::paths().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, answered);
    }

    #[test]
    fn every_operation_has_an_id_of_its_own_and_says_what_it_is() {
        let document = build();
        let mut ids = std::collections::BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id}");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
                for name in path.split('{').skip(1).map(|part| part.split('}').next().unwrap()) {
                    let parameters = operation["parameters"].as_array().unwrap();
                    assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{path}");
                }
            }
        }
        assert!(ids.len() > 25, "{ids:?}");
    }
}
