//! A **spec file** is a spec on disk: `${NAME}` stands for environment variables, paths are relative to the
//! file, and `config:` names a model's `config.json`. Reading resolves all of that.

use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::{Architecture, CampaignSpec};

use crate::data_folder::DataFolder;
use crate::exit::Unusable;

/// Reads, resolves and checks a spec, of any size.
///
/// # Errors
/// One line naming the file, the field and the mend.
pub fn read(path: &Path, data: &DataFolder) -> Result<CampaignSpec> {
    let named = |problem: String| Unusable(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| named(format!("cannot be read ({e})")))?;
    let mut spec = CampaignSpec::parse_unchecked(&text).map_err(|e| named(e.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    resolve(&mut spec, folder).map_err(named)?;
    add_known(&mut spec, data)?;
    spec.check_sense().map_err(|e| named(e.to_string()))?;
    Ok(spec)
}

/// Gives the models that were added with `assay model add` their sizes.
fn add_known(spec: &mut CampaignSpec, data: &DataFolder) -> Result<()> {
    if spec.models.iter().all(|m| m.resolved_architecture().is_some()) {
        return Ok(());
    }
    let added = data.models()?;
    for model in spec.models.iter_mut().filter(|m| m.resolved_architecture().is_none()) {
        model.architecture = added.get(&model.name).cloned();
    }
    Ok(())
}

fn resolve(spec: &mut CampaignSpec, folder: &Path) -> Result<(), String> {
    for (i, model) in spec.models.iter_mut().enumerate() {
        if let Some(config) = model.config.take() {
            let field = format!("models[{i}].config");
            let path = on_disk(&expand(&config, &field)?, folder);
            let text = std::fs::read_to_string(&path).map_err(|e| {
                format!("`{field}` {} cannot be read ({e}); correct the path", path.display())
            })?;
            let architecture = Architecture::from_config_json(&text)
                .map_err(|e| format!("`{field}` {}: {e}", path.display()))?;
            model.architecture.get_or_insert(architecture);
        }
        for (j, artifact) in model.artifacts.iter_mut().enumerate() {
            let field = format!("models[{i}].artifacts[{j}].path");
            let written = expand(&artifact.path, &field)?;
            let path = on_disk(&written, folder);
            // What is not on disk may be the address of a hub or a bucket, or a name that the engine knows.
            artifact.path = if path.exists() { absolute(&path) } else { written };
        }
    }
    for (i, framework) in spec.frameworks.iter_mut().enumerate() {
        if let Some(program) = &framework.program {
            let written = expand(program, &format!("frameworks[{i}].program"))?;
            let path = on_disk(&written, folder);
            framework.program = Some(if path.exists() { absolute(&path) } else { written });
        }
        if let Some(url) = &framework.attach {
            framework.attach = Some(expand(url, &format!("frameworks[{i}].attach"))?);
        }
    }
    if let Some(tasks) = spec.accuracy.as_mut().and_then(|accuracy| accuracy.tasks.as_mut()) {
        if let Some(program) = &tasks.program {
            let written = expand(program, "accuracy.tasks.program")?;
            let path = on_disk(&written, folder);
            tasks.program = Some(if path.exists() { absolute(&path) } else { written });
        }
        if let Some(include) = &tasks.include_path {
            let path = on_disk(&expand(include, "accuracy.tasks.include_path")?, folder);
            if !path.is_dir() {
                let path = path.display();
                return Err(format!("`accuracy.tasks.include_path` {path} is no folder; correct the path"));
            }
            tasks.include_path = Some(absolute(&path));
        }
    }
    Ok(())
}

fn on_disk(written: &str, folder: &Path) -> PathBuf {
    folder.join(written)
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Replaces `${NAME}` by the environment variable.
fn expand(text: &str, field: &str) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) =
            after.split_once('}').ok_or_else(|| format!("`{field}` has `${{` without `}}`; close it"))?;
        let value = std::env::var(name).map_err(|_| {
            format!("`{field}` uses ${{{name}}}, which is not set; run `export {name}=...` first")
        })?;
        expanded.push_str(before);
        expanded.push_str(&value);
        rest = tail;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_or_named() {
        let home = std::env::var("PATH").unwrap();
        assert_eq!(expand("a${PATH}b", "x").unwrap(), format!("a{home}b"));
        assert!(expand("${ASSAY_NO_SUCH}", "models[0].config").unwrap_err().contains("models[0].config"));
        assert!(expand("${PATH", "x").unwrap_err().contains("close it"));
        assert_eq!(expand("plain", "x").unwrap(), "plain");
    }
}
