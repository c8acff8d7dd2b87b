//! The **identity** of a server is what it says of itself: which models it serves, which engine it is, in
//! which version. It decides under what its results are stored.

use std::time::Duration;

use domain::result::SIMULATED_OWNER;
use domain::{Engine, Launch, Provenance};
use serde::Deserialize;

use super::EngineError;
use crate::control::{ControlError, get};
use crate::transport::Address;

/// Longest that a question may take. An engine under load answers late.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What a server serves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Served {
    /// Names of the models.
    pub models: Vec<String>,
    /// Who signs them.
    pub owners: Vec<String>,
}

impl Served {
    /// Whether it is the simulated engine that serves.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.owners.iter().any(|owner| owner == SIMULATED_OWNER)
    }
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<ModelCard>,
}

#[derive(Deserialize)]
struct ModelCard {
    id: String,
    owned_by: Option<String>,
}

/// Asks a server what it serves.
///
/// # Errors
/// When it does not answer, or not with a list of models.
pub async fn served(address: &Address) -> Result<Served, ControlError> {
    let list: ModelList = get(address, "/v1/models", ANSWER_LIMIT).await?.success()?.json()?;
    Ok(Served {
        models: list.data.iter().map(|card| card.id.clone()).collect(),
        owners: list.data.into_iter().filter_map(|card| card.owned_by).collect(),
    })
}

/// Under what the results of a server are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The engine's version as it reports it.
    pub version: Option<String>,
    /// Simulated, or measured.
    pub provenance: Provenance,
}

/// Finds out what a server is and checks it against the launch.
///
/// # Errors
/// When it says that it is another engine or version than the launch's.
pub async fn identify(address: &Address, launch: &Launch, served: &Served) -> Result<Identity, EngineError> {
    let version = version(address).await;
    if served.is_simulated() || launch.framework.engine == Engine::Simulated {
        return Ok(Identity { version, provenance: Provenance::Simulated });
    }
    check_engine(&address.url(), launch, served)?;
    check_version(&address.url(), launch, version.as_deref())?;
    Ok(Identity { version, provenance: Provenance::Measured })
}

/// The engine that signs models like this; none for a name that says nothing.
fn engine_of_owner(owner: &str) -> Option<Engine> {
    match owner {
        "vllm" => Some(Engine::Vllm),
        "llamacpp" => Some(Engine::LlamaCpp),
        "sglang" => Some(Engine::Sglang),
        "lmdeploy" => Some(Engine::Lmdeploy),
        _ => None,
    }
}

fn check_engine(base_url: &str, launch: &Launch, served: &Served) -> Result<(), EngineError> {
    let wanted = launch.framework.engine;
    match served.owners.iter().find_map(|owner| engine_of_owner(owner)) {
        Some(found) if found != wanted => {
            Err(EngineError::OtherEngine { url: base_url.to_owned(), found, wanted })
        }
        _ => Ok(()),
    }
}

fn check_version(base_url: &str, launch: &Launch, found: Option<&str>) -> Result<(), EngineError> {
    match (&launch.framework.version, found) {
        (Some(wanted), Some(found)) if !is_version(wanted, found) => Err(EngineError::OtherVersion {
            url: base_url.to_owned(),
            engine: launch.framework.engine,
            found: found.to_owned(),
            wanted: wanted.clone(),
        }),
        _ => Ok(()),
    }
}

/// Whether a version is the wanted one: `0.8` is wanted of `0.8`, `v0.8.5` and `0.8+cpu`, and not of `0.85`.
fn is_version(wanted: &str, found: &str) -> bool {
    let wanted = wanted.trim_start_matches('v');
    let Some(rest) = found.trim_start_matches('v').strip_prefix(wanted) else { return false };
    !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// What a server may say about its version, all engines together.
#[derive(Deserialize)]
struct About {
    /// vLLM's `/version`, TGI's `/info`.
    version: Option<String>,
    /// llama.cpp's `/props`.
    build_info: Option<String>,
}

/// The version: from the page that the engine has for it, else from llama.cpp's `Server` header.
pub async fn version(address: &Address) -> Option<String> {
    let mut header = None;
    for path in ["/version", "/props", "/info"] {
        let Ok(answer) = get(address, path, ANSWER_LIMIT).await else { continue };
        header = header.or_else(|| answer.server.clone().filter(|server| server.contains("llama.cpp")));
        let about = answer.success().and_then(|answer| answer.json::<About>());
        if let Some(version) = about.ok().and_then(|about| about.version.or(about.build_info)) {
            return Some(version);
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use domain::{Framework, Hardware, ModelVersion, Quantisation};

    use super::*;

    #[test]
    fn a_version_is_compared_part_by_part() {
        for (wanted, found, same) in [
            ("0.32.0", "0.32.0+cpu", true),
            ("v0.32", "0.32.1", true),
            ("b4567", "b4567-abcdef0", true),
            ("0.3", "0.32.0", false),
            ("0.32.1", "0.32.0", false),
        ] {
            assert_eq!(is_version(wanted, found), same, "{wanted} {found}");
        }
    }

    #[test]
    fn a_server_that_is_another_engine_is_refused() {
        let launch = Launch {
            model: ModelVersion { model: "tiny".parse().unwrap(), quantisation: Quantisation::Fp16 },
            hardware: Hardware::CPU,
            framework: Framework { engine: Engine::Vllm, version: None, args: vec![] },
        };
        let owned = |owner: &str| Served { models: vec!["tiny".into()], owners: vec![owner.to_owned()] };
        let message = check_engine("http://h:1", &launch, &owned("llamacpp")).unwrap_err().to_string();
        assert_eq!(message, "http://h:1 is llama.cpp, not vllm; correct the framework's `name`");
        assert!(check_engine("http://h:1", &launch, &owned("vllm")).is_ok());
        assert!(check_engine("http://h:1", &launch, &owned("our-gateway")).is_ok());
    }
}
