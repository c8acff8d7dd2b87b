//! **Fidelity** is asked for once for each launch, when its engine is up and before its first trial: the shipped prompts are
//! continued greedily, one after the other, so that no batch changes what is rounded.
//!
//! The answers are kept as objects. Those of the unquantised model that are there first are the reference of the model; it is
//! asked twice, since no engine quite repeats itself. A launch whose answers are kept is asked again only when another version
//! of the engine answers. What asking takes is charged as a part of the start.

use bytes::Bytes;
use domain::fidelity::Fidelity;
use domain::known::{FIDELITY_PROMPTS, FIDELITY_PROMPTS_HASH};
use domain::manifest::FidelityPlan;
use domain::workload::Protocol;
use domain::{LaunchId, LaunchPlan, ModelVersion, Quantisation};
use measurement::fidelity::{Tokens, compare};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::ObjectKey;

use super::JobError;
use super::claimed::Job;
use super::error::{one_line, single_line};
use super::launch_session::REQUEST_TIMEOUT;
use crate::control::{self, ControlError};
use crate::engine::ServerFacts;
use crate::load::protocols;

/// The continuations of one launch, as an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    /// Which launch.
    launch: LaunchId,
    /// What was loaded.
    model: ModelVersion,
    /// The engine with the version that it told.
    engine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    engine_version: Option<String>,
    /// Hash of the prompts.
    prompts: String,
    /// Most tokens of a continuation.
    output_tokens: u32,
    /// One continuation for each prompt.
    first: Vec<Tokens>,
    /// The same again.
    second: Vec<Tokens>,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    text: String,
    #[serde(default)]
    logprobs: Option<Logprobs>,
}

/// The tokens, as OpenAI's completions tell them (vLLM, SGLang), or as its chats do (llama.cpp).
#[derive(Deserialize)]
struct Logprobs {
    #[serde(default)]
    tokens: Option<Vec<String>>,
    #[serde(default)]
    content: Option<Vec<Token>>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Choice {
    /// Its tokens; words with what is around them where the engine does not tell any.
    fn tokens(self) -> Tokens {
        let told = self.logprobs.and_then(|told| {
            let of_chat = told.content.map(|tokens| tokens.into_iter().map(|token| token.token).collect());
            told.tokens.or(of_chat)
        });
        told.filter(|tokens: &Tokens| !tokens.is_empty())
            .unwrap_or_else(|| self.text.split_inclusive(char::is_whitespace).map(str::to_owned).collect())
    }
}

/// What a launch keeps of what its model says unquantised. None where there is no reference yet, or the engine does not
/// answer the prompts: that costs no trial.
pub(super) async fn fidelity(
    job: &Job<'_>,
    plan: &LaunchPlan,
    facts: &ServerFacts,
    asked: FidelityPlan,
) -> Result<Option<Fidelity>, JobError> {
    let objects = &job.context.objects;
    let say = |line: &str| (job.context.progress)(line);
    let name = format!("{}-{}", *FIDELITY_PROMPTS_HASH, asked.output_tokens);
    let own_key = ObjectKey::answers(facts.provenance, &plan.launch.id(), &name);
    let kept = objects.get(&own_key).await?.and_then(|bytes| serde_json::from_slice::<Answers>(&bytes).ok());
    let own = match kept.filter(|kept| kept.engine_version == facts.version) {
        Some(own) => own,
        None => match ask_all(plan, facts, asked).await {
            Ok(own) => own,
            Err(error) => {
                say(&format!("the fidelity of {} is not known: {}", plan.launch, one_line(&error)));
                return Ok(None);
            }
        },
    };
    // Texts and numbers: writing them as JSON cannot fail.
    let bytes = serde_json::to_vec(&own).unwrap_or_default();
    objects.put(&own_key, &bytes).await?;
    let reference_key = ObjectKey::reference(facts.provenance, &plan.launch.model.model, &name);
    if plan.launch.model.quantisation == Quantisation::Fp16 {
        objects.put_if_absent(&reference_key, &bytes).await?;
    }
    let Some(bytes) = objects.get(&reference_key).await? else {
        say(&format!(
            "the fidelity of {} is not known: nothing in fp16 was asked yet; measure that first, then this --again",
            plan.launch.model
        ));
        return Ok(None);
    };
    let Ok(reference) = serde_json::from_slice::<Answers>(&bytes) else {
        say(&single_line(&format!(
            "{reference_key} is no reference; remove it, and measure the model in fp16 again"
        )));
        return Ok(None);
    };
    // The reference's own first pass would agree with itself.
    let other = if reference.launch == own.launch { &own.second } else { &own.first };
    Ok(compare(&reference.first, &reference.second, other))
}

async fn ask_all(
    plan: &LaunchPlan,
    facts: &ServerFacts,
    asked: FidelityPlan,
) -> Result<Answers, ControlError> {
    let mut passes = [Vec::new(), Vec::new()];
    for pass in &mut passes {
        for prompt in FIDELITY_PROMPTS.values().flatten() {
            pass.push(ask(facts, prompt, asked.output_tokens).await?);
        }
    }
    let [first, second] = passes;
    Ok(Answers {
        launch: plan.launch.id(),
        model: plan.launch.model.clone(),
        engine: plan.launch.framework.to_string(),
        engine_version: facts.version.clone(),
        prompts: FIDELITY_PROMPTS_HASH.clone(),
        output_tokens: asked.output_tokens,
        first,
        second,
    })
}

/// The greedy continuation of one prompt.
async fn ask(facts: &ServerFacts, prompt: &str, output_tokens: u32) -> Result<Tokens, ControlError> {
    let protocol = Protocol::Completions;
    let body = json!({
        "model": facts.model, "prompt": prompt, "max_tokens": output_tokens, "temperature": 0, "logprobs": 1, "stream": false,
    });
    let (path, headers) = (protocols::path(protocol), protocols::headers(protocol, None));
    let body = Bytes::from(body.to_string());
    let answer = control::post(&facts.address, path, headers, body, REQUEST_TIMEOUT).await?;
    let completion: Completion = answer.success()?.json()?;
    let none = || ControlError::Unexpected("an answer without choices".to_owned());
    completion.choices.into_iter().next().map(Choice::tokens).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_in_every_form_and_words_stand_for_them() {
        let tokens = |choice: &str| serde_json::from_str::<Choice>(choice).unwrap().tokens();
        assert_eq!(
            tokens(r#"{"text":"ab c","logprobs":{"tokens":["ab"," c"],"token_logprobs":[0,0]}}"#),
            ["ab", " c"]
        );
        assert_eq!(
            tokens(r#"{"text":"ab c","logprobs":{"content":[{"token":"ab"},{"token":" c"}]}}"#),
            ["ab", " c"]
        );
        assert_eq!(tokens(r#"{"text":"ab c d","logprobs":null}"#), ["ab ", "c ", "d"]);
    }
}
