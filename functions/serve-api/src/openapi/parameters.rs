//! The parameters of operations.

use catalog::{Axis, Column, Filter};
use domain::Provenance;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::routes::catalog_query::SEVERAL;

/// An id in the path.
pub fn id(name: &str, of: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": format!("The id of {of}"),
        "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[a-z0-9][a-z0-9._-]*$"}})
}

/// A parameter of the URL.
pub fn query(name: &str, schema: Value, description: &str) -> Value {
    json!({"name": name, "in": "query", "schema": schema, "description": description})
}

/// The same, which must be there.
pub fn needed(name: &str, schema: Value, description: &str) -> Value {
    let mut parameter = query(name, schema, description);
    parameter["required"] = true.into();
    parameter
}

/// How many entries.
pub fn limit(least: usize, most: usize, usual: usize) -> Value {
    let schema = json!({"type": "integer", "minimum": least, "maximum": most, "default": usual});
    query("limit", schema, "Most entries of the answer")
}

/// Where a page begins.
pub fn cursor() -> Value {
    query(
        "cursor",
        json!({"type": "string"}),
        "`next_cursor` of the page before, as it is. 410 when it is of older results",
    )
}

/// A provenance.
pub fn provenance(g: &mut SchemaGenerator) -> Value {
    query("provenance", g.subschema_for::<Provenance>().to_value(), "Where the numbers come from")
}

/// A number of the catalogue.
pub fn column() -> Value {
    json!({"type": "string", "enum": Column::all().map(|column| column.to_string()).collect::<Vec<_>>()})
}

/// The fields of a filter, and the bounds of every number.
pub fn filter_and_ranges(g: &mut SchemaGenerator) -> Vec<Value> {
    // The schemas of the fields, with what they refer to among the components.
    g.subschema_for::<Filter>();
    let filter = g.definitions().get("Filter").cloned().unwrap_or_default();
    let mut parameters = Vec::new();
    for axis in Axis::ALL {
        let name = axis.name();
        let field = &filter["properties"][&name];
        let several = SEVERAL.contains(&axis);
        let schema = if several { values_of(g, field) } else { without_null(field) };
        let description = field["description"].as_str().unwrap_or_default();
        let mut parameter = query(&name, schema, description);
        if several {
            parameter["style"] = "form".into();
            parameter["explode"] = true.into();
        }
        parameters.push(parameter);
    }
    for column in Column::all() {
        for (end, word) in [("min", "least"), ("max", "largest")] {
            let description = format!("The {word} {column} that a result may have");
            parameters.push(query(&format!("{end}_{column}"), json!({"type": "number"}), &description));
        }
    }
    parameters
}

/// What is sorted by.
pub fn sort() -> Value {
    let both = Column::all().flat_map(|column| [column.to_string(), format!("-{column}")]);
    let schema = json!({"type": "string", "enum": both.collect::<Vec<_>>()});
    query("sort", schema, "A number of the catalogue, such as ttft_p90_ms; -output_tps: the largest first")
}

/// Of one value or a list of them, the list.
fn values_of(g: &SchemaGenerator, field: &Value) -> Value {
    let name = field["$ref"].as_str().or_else(|| field["allOf"][0]["$ref"].as_str()).unwrap_or_default();
    let definition = name.rsplit('/').next().and_then(|name| g.definitions().get(name));
    let one =
        definition.map(|any_of| any_of["anyOf"][0].clone()).unwrap_or_else(|| json!({"type": "string"}));
    json!({"type": "array", "items": one})
}

/// An optional field's schema: a parameter that is absent is not null.
fn without_null(field: &Value) -> Value {
    if let Some(one) =
        field["anyOf"].as_array().and_then(|any| any.iter().find(|schema| schema["type"] != "null"))
    {
        return one.clone();
    }
    let mut schema = field.clone();
    if let Some(types) = schema["type"].as_array() {
        let one = types.iter().find(|kind| **kind != "null").cloned().unwrap_or_default();
        schema["type"] = one;
    }
    if let Some(object) = schema.as_object_mut() {
        object.remove("description");
        object.remove("default");
    }
    schema
}
