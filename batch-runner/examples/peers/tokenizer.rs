//! The **tokenizer** of the simulated engine, for peers that want the model's own: a token is a word.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value, json};

/// Words that prompts may be made of.
const WORDS: u32 = 512;

/// Writes it in the form that `transformers` reads, and returns its folder.
pub(crate) fn write(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder.join("tokenizer");
    let vocabulary: Map<String, Value> = std::iter::once("<unk>".to_owned())
        .chain((1..WORDS).map(|n| format!("word{n}")))
        .zip((0..).map(Value::from))
        .collect();
    let model = json!({"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"});
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null, "model": model,
    });
    let config = json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "eos_token": "word1",
        "model_max_length": 32_768,
    });
    let write = |name: &str, content: &Value| std::fs::write(folder.join(name), content.to_string());
    std::fs::create_dir(&folder)
        .and_then(|()| write("tokenizer.json", &tokenizer))
        .and_then(|()| write("tokenizer_config.json", &config))
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder)
}
