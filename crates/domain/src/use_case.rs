//! A **use case** is what the traffic is for. It sets which criteria matter most when configurations are
//! ranked.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{RequestSlo, known};

/// The use cases of the brief. A pipeline tag of Hugging Face that is of one of them is read as its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UseCase {
    /// Interactive conversation: people wait for the first word.
    Chatbot,
    /// Long input, short output.
    Summarization,
    /// Questions over given text.
    Qa,
    /// Code completion and generation.
    CodeGeneration,
    /// Long output read as it appears.
    CreativeWriting,
}

/// What each group of criteria weighs in a ranking. The five add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Task accuracy: more is better.
    pub accuracy: f64,
    /// TTFT and TPOT: less is better.
    pub latency: f64,
    /// Output tokens per second: more is better.
    pub throughput: f64,
    /// USD per million output tokens: less is better.
    pub cost: f64,
    /// GPU memory used: less is better.
    pub memory: f64,
}

impl UseCase {
    /// Every use case, in the order of the brief.
    pub const ALL: [Self; 5] =
        [Self::Chatbot, Self::Summarization, Self::Qa, Self::CodeGeneration, Self::CreativeWriting];

    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chatbot => "chatbot",
            Self::Summarization => "summarization",
            Self::Qa => "qa",
            Self::CodeGeneration => "code-generation",
            Self::CreativeWriting => "creative-writing",
        }
    }

    /// The default weights.
    #[must_use]
    pub fn default_weights(self) -> Weights {
        known::use_case_facts(self).weights
    }

    /// The use cases of a Hugging Face pipeline tag. A tag such as `text-generation` says little and has several.
    pub fn of_pipeline_tag(tag: &str) -> impl Iterator<Item = Self> + '_ {
        Self::ALL
            .into_iter()
            .filter(move |u| known::use_case_facts(*u).pipeline_tags.iter().any(|t| t == tag))
    }
}

/// Mean and standard deviation of a length, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypicalLength {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
}

/// What is known of a use case before anything is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCaseFacts {
    /// The Hugging Face pipeline tags that it goes by.
    pub pipeline_tags: Vec<String>,
    /// Tokens of a prompt.
    pub input_tokens: TypicalLength,
    /// Tokens of an answer.
    pub output_tokens: TypicalLength,
    /// What a request must meet to count as good.
    pub slo: RequestSlo,
    /// What each group of criteria weighs in a ranking.
    pub weights: Weights,
}

impl std::fmt::Display for UseCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no use case, or not of one alone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnknownUseCase {
    /// Nothing goes by it.
    #[error(
        "`{0}` is not a use case: choose chatbot, summarization, qa, code-generation or creative-writing, or a pipeline \
         tag of Hugging Face that is of one of them"
    )]
    Unknown(String),
    /// A pipeline tag of several.
    #[error("`{tag}` is a pipeline tag of several use cases: choose {}", .use_cases.join(" or "))]
    Several {
        /// The tag.
        tag: String,
        /// What it may mean.
        use_cases: Vec<&'static str>,
    },
}

impl std::str::FromStr for UseCase {
    type Err = UnknownUseCase;
    fn from_str(text: &str) -> Result<Self, UnknownUseCase> {
        // Names first: the facts of a use case, with its tags, are read by its name.
        if let Some(named) = Self::ALL.into_iter().find(|u| u.name() == text) {
            return Ok(named);
        }
        let tagged: Vec<Self> = Self::of_pipeline_tag(text).collect();
        match tagged.as_slice() {
            [one] => Ok(*one),
            [] => Err(UnknownUseCase::Unknown(text.to_owned())),
            several => Err(UnknownUseCase::Several {
                tag: text.to_owned(),
                use_cases: several.iter().map(|u| u.name()).collect(),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for UseCase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_and_names_round_trip() {
        for use_case in UseCase::ALL {
            let w = use_case.default_weights();
            let sum = w.accuracy + w.latency + w.throughput + w.cost + w.memory;
            assert!((sum - 1.0).abs() < 1e-9, "{use_case}");
            assert_eq!(use_case.name().parse(), Ok(use_case));
            assert_eq!(serde_json::to_value(use_case).unwrap(), use_case.name());
        }
    }

    #[test]
    fn a_pipeline_tag_names_its_use_cases() {
        assert!(UseCase::of_pipeline_tag("summarization").eq([UseCase::Summarization]));
        assert_eq!(UseCase::of_pipeline_tag("text-generation").count(), 3);
        assert_eq!(UseCase::of_pipeline_tag("fill-mask").count(), 0);
        assert_eq!("question-answering".parse(), Ok(UseCase::Qa));
        assert_eq!(serde_json::from_str::<UseCase>(r#""question-answering""#).unwrap(), UseCase::Qa);
        let told = |tag: &str| tag.parse::<UseCase>().unwrap_err().to_string();
        assert!(told("text-generation").ends_with("choose chatbot or code-generation or creative-writing"));
        assert!(told("fill-mask").starts_with("`fill-mask` is not a use case: choose chatbot"));
    }
}
