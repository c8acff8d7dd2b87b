//! The **shape** of traffic is everything about its requests but what they are for and how they arrive: how long they
//! are and how that spreads, what their prompts share and come from, and which endpoint carries them. Results are only
//! compared within one shape: more tokens take longer on any engine.

use std::fmt;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lengths::Spread;
use crate::workload::Protocol;
use crate::{Lengths, Variety, Workload};

/// Digits of a dataset's hash that tell it from another one of the same name.
const HASH_DIGITS: usize = 6;

/// The shape of a workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Tokens of a prompt: their mean, where they vary.
    pub input_tokens: NonZeroU32,
    /// Tokens of an answer: their mean, where they vary.
    pub output_tokens: NonZeroU32,
    /// How requests differ.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub variety: Variety,
    /// Which endpoint carries them.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub protocol: Protocol,
}

impl Shape {
    /// Requests of two lengths that do not vary, as chat.
    #[must_use]
    pub fn plain(input_tokens: NonZeroU32, output_tokens: NonZeroU32) -> Self {
        Self { input_tokens, output_tokens, variety: Variety::default(), protocol: Protocol::default() }
    }

    /// `512>128`, `lognormal:512,400>128`, or `~512>~128` where the lengths are those of a dataset.
    pub(crate) fn lengths(&self) -> String {
        let of_file = self.variety.dataset.is_some();
        let name = |mean, spread: Spread| {
            let about = if of_file && spread.is_none() { "~" } else { "" };
            format!("{about}{}", Lengths::new(mean, spread))
        };
        let input = name(self.input_tokens, self.variety.input);
        format!("{input}>{}", name(self.output_tokens, self.variety.output))
    }

    /// What else is not as usual: `, 64 shared, chats.jsonl 3f2a1b, completions`.
    pub(crate) fn rest(&self) -> String {
        let mut rest = String::new();
        if self.variety.shared_prefix_tokens > 0 {
            rest += &format!(", {} shared", self.variety.shared_prefix_tokens);
        }
        if let Some(conversation) = &self.variety.conversation {
            rest += &format!(", {conversation}");
        }
        if let Some(dataset) = &self.variety.dataset {
            rest +=
                &format!(", {} {}", dataset.name, dataset.hash.get(..HASH_DIGITS).unwrap_or(&dataset.hash));
        }
        if self.protocol != Protocol::default() {
            rest += &format!(", {}", self.protocol);
        }
        rest
    }
}

/// As queries name it: `512>128, 64 shared`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&(self.lengths() + &self.rest()))
    }
}

impl Workload {
    /// Its shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            variety: self.variety.clone(),
            protocol: self.protocol,
        }
    }

    /// Shape and load, for people: `512>128 c16, 64 shared`.
    #[must_use]
    pub fn label(&self) -> String {
        let shape = self.shape();
        format!("{} {}{}", shape.lengths(), self.load, shape.rest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::DataFile;
    use crate::{Arrival, Conversation, Load, UseCase};

    fn shape(lengths: &str) -> Shape {
        let lengths: Lengths = lengths.parse().unwrap();
        let variety = Variety { input: lengths.spread(), ..Variety::default() };
        Shape { variety, ..Shape::plain(lengths.mean(), NonZeroU32::MIN) }
    }

    #[test]
    fn shapes_that_differ_are_called_differently() {
        let dataset = |hash: &str| {
            let dataset = Some(DataFile { name: "chats.jsonl".to_owned(), hash: hash.to_owned() });
            Shape { variety: Variety { dataset, ..Variety::default() }, ..shape("512") }
        };
        let conversation = Conversation {
            turns: "uniform:2-4".parse().unwrap(),
            turn_input_tokens: "20".parse().unwrap(),
            think_time: "5s".parse().unwrap(),
        };
        let conversation = Variety { conversation: Some(conversation), ..Variety::default() };
        let shared = Variety { shared_prefix_tokens: 64, ..Variety::default() };
        let shapes = [
            (shape("512"), "512>1"),
            (shape("normal:512,128"), "normal:512,128>1"),
            (shape("lognormal:512,128"), "lognormal:512,128>1"),
            (Shape { variety: shared, ..shape("512") }, "512>1, 64 shared"),
            (Shape { variety: conversation, ..shape("512") }, "512>1, uniform:2-4 turns of 20 5s apart"),
            (dataset("3f2a1b0000000000"), "~512>~1, chats.jsonl 3f2a1b"),
            (dataset("3f2a1c0000000000"), "~512>~1, chats.jsonl 3f2a1c"),
            (Shape { protocol: Protocol::CompletionsTokens, ..shape("512") }, "512>1, completions-tokens"),
        ];
        for (shape, name) in &shapes {
            assert_eq!(shape.to_string(), *name);
            let json = serde_json::to_string(shape).unwrap();
            assert_eq!(serde_json::from_str::<Shape>(&json).unwrap(), *shape, "{json}");
        }
        assert_eq!(serde_json::to_string(&shapes[0].0).unwrap(), r#"{"input_tokens":512,"output_tokens":1}"#);
    }

    #[test]
    fn the_label_has_the_load_as_well() {
        let lengths: Lengths = "lognormal:512,400".parse().unwrap();
        let variety = Variety { input: lengths.spread(), ..Variety::default() };
        let workload = Workload {
            use_case: UseCase::Chatbot,
            input_tokens: lengths.mean(),
            output_tokens: NonZeroU32::MIN,
            load: Load::OpenLoop { rate_rps: "1-5:2m".parse().unwrap(), arrival: Arrival::Poisson },
            protocol: Protocol::Chat,
            variety: Variety { shared_prefix_tokens: 64, ..variety },
        };
        assert_eq!(workload.label(), "lognormal:512,400>1 1-5:120s/s poisson, 64 shared");
    }
}
