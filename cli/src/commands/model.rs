//! `assay model`: the models that a spec can name without more ado. Those that are added are kept in the data folder.

use anyhow::{Context, Result};
use domain::{Architecture, ModelName, known};

use super::{progress, say};
use crate::arguments::Model;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::{fetch, tables};

/// Adds or lists models.
pub fn model(data: &DataFolder, command: &Model) -> Result<Exit> {
    match command {
        Model::Add { config, name } => add(data, config, name.as_deref()),
        Model::List => {
            let added = data.models()?;
            let known = known::MODELS.iter().map(|(name, model)| (name, &model.architecture));
            say(format!("{}\n\n{}", tables::models(known.chain(&added)), tables::hosted_models()))?;
            Ok(Exit::Done)
        }
    }
}

fn add(data: &DataFolder, config: &str, name: Option<&str>) -> Result<Exit> {
    let name = name.map_or_else(|| name_of(config), |name| Some(name.to_owned()));
    let name =
        name.ok_or_else(|| Unusable(format!("{config} does not say what the model is called; add --name")))?;
    let name: ModelName = name.parse().map_err(|e| Unusable(format!("--name {e}")))?;
    if known::MODELS.contains_key(&name) {
        return Err(Unusable(format!("{name} ships with Assay; choose another --name")).into());
    }
    let text = if fetch::is_url(config) {
        fetch::text(config)?
    } else {
        std::fs::read_to_string(config).with_context(|| format!("{config} cannot be read; check the path"))?
    };
    let architecture =
        Architecture::from_config_json(&text).map_err(|e| Unusable(format!("{config}: {e}")))?;
    data.add_model(&name, &architecture)?;
    say(tables::models([(&name, &architecture)]))?;
    progress(format_args!(
        "{name} can now be named in the `models` of a spec, with its weights as `artifacts`"
    ));
    Ok(Exit::Done)
}

/// The name that a config is found under: `https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json` and
/// `models/Qwen3-8B/config.json` are of `qwen3-8b`. Behind a URL the repository ends where the hub names a revision; a
/// folder may be called as the hub calls these.
fn name_of(config: &str) -> Option<String> {
    let mut parts: Vec<&str> = config.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let of_hub = |part: &&str| matches!(*part, "raw" | "resolve" | "blob");
    if let Some(revision) = parts.iter().position(of_hub).filter(|_| fetch::is_url(config)) {
        parts.truncate(revision);
        return parts.last().map(|name| name.to_lowercase());
    }
    parts.pop()?;
    parts.last().filter(|name| !name.chars().all(|c| c == '.')).map(|name| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_called_what_its_folder_is_called() {
        let name = |config| name_of(config).unwrap_or_default();
        assert_eq!(name("https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json"), "qwen3-8b");
        assert_eq!(
            name("https://huggingface.co/Qwen/Qwen3-8B/resolve/main/config.json?download=true"),
            "qwen3-8b"
        );
        assert_eq!(name("/models/Tiny/config.json"), "tiny");
        assert_eq!(name("/data/raw/Tiny/config.json"), "tiny");
        assert_eq!(name("blob/config.json"), "blob");
        assert_eq!(name("config.json"), "");
        assert_eq!(name("../config.json"), "");
    }
}
