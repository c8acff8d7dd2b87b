//! What is **stated** about a file by whoever imports it: what the file itself does not say.

use std::num::NonZeroU32;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::imported::{Definition, ForeignFormat};
use domain::workload::Protocol;
use domain::{Arrival, Engine, Hardware, Lengths, ModelName, Quantisation, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Statements. One that contradicts the file is refused.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The format; found out from the content when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ForeignFormat>,
    /// The model, by our name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// The precision of its weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<Quantisation>,
    /// What it ran on, such as `h100x2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
    /// The engine that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// Its version. Not asked for: it stays unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// What the traffic is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCase>,
    /// Tokens of a prompt that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Lengths>,
    /// Tokens of an answer that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Lengths>,
    /// Requests that were kept in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<NonZeroU32>,
    /// How requests at a rate followed each other: constant, poisson or gamma:0.5.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_text")]
    #[schemars(with = "Option<String>")]
    pub arrival: Option<Arrival>,
    /// Which endpoint carried them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// When it was measured: an instant, or a day (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "instant_or_day")]
    pub measured_at: Option<DateTime<Utc>>,
    /// Definitions of other tools whose numbers may stand for ours, with commas between them. They are flagged.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "names")]
    #[schemars(with = "String")]
    pub accept: Vec<Definition>,
}

impl Stated {
    /// Reads an instant, or a day as its beginning (UTC).
    ///
    /// # Errors
    /// With the mend.
    pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
        let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let told = text.parse::<DateTime<Utc>>().ok().or_else(day);
        told.ok_or_else(|| format!("`{text}` is no instant: write 2026-11-26 or 2026-11-26T12:00:00Z"))
    }
}

/// An arrival process as it is written, so that a query has it as well.
mod as_text {
    use domain::Arrival;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(arrival: &Option<Arrival>, serializer: S) -> Result<S::Ok, S::Error> {
        match arrival {
            Some(arrival) => serializer.collect_str(arrival),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arrival>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

fn instant_or_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Stated::instant(&text).map_err(serde::de::Error::custom)).transpose()
}

/// A list, or its items with commas between them, as a query has it.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Definition>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        List(Vec<Definition>),
    }
    match Form::deserialize(deserializer)? {
        Form::List(list) => Ok(list),
        Form::Text(text) => text
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| name.trim().parse().map_err(serde::de::Error::custom))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_from_a_query_and_from_json() {
        let read = |value| serde_json::from_value::<Stated>(value).map_err(|e| e.to_string());
        let json = serde_json::json!({
            "hardware": "h100x1", "arrival": "gamma:0.5", "use_case": "chatbot", "input_tokens": "512", "measured_at": "2026-11-26",
            "accept": "ttft_first_chunk,e2e_stream_end",
        });
        let stated = read(json).unwrap();
        assert_eq!(stated.accept, [Definition::TtftFirstChunk, Definition::E2eStreamEnd]);
        assert_eq!(stated.measured_at.unwrap().to_rfc3339(), "2026-11-26T00:00:00+00:00");
        assert_eq!(read(serde_json::to_value(&stated).unwrap()), Ok(stated));
        assert!(
            read(serde_json::json!({"measured_at": "yesterday"})).unwrap_err().contains("write 2026-11-26")
        );
        assert!(read(serde_json::json!({"accept": "ttft"})).unwrap_err().contains("is no definition"));
        assert!(read(serde_json::json!({"gpu": "h100"})).unwrap_err().contains("unknown field `gpu`"));
    }
}
