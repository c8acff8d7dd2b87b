//! **vLLM**: `vllm serve`.

use std::path::Path;

use domain::{LaunchPlan, Quantisation};
use serde::Deserialize;

use super::EngineError;
use super::launch_site::{LaunchSite, weights};

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--host", "--port", "--served-model-name"];

/// The command line.
///
/// # Errors
/// When there are no weights, or they have another precision.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let mut argv: Vec<String> = vec![
        program.unwrap_or("vllm").to_owned(),
        "serve".to_owned(),
        weights.to_owned(),
        "--served-model-name".to_owned(),
        plan.launch.model.model.to_string(),
        "--host".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        site.port.to_string(),
        "--tensor-parallel-size".to_owned(),
        plan.launch.hardware.count().to_string(),
        "--max-model-len".to_owned(),
        plan.context_tokens.to_string(),
    ];
    if let Some(method) = online_quantisation(weights, plan.launch.model.quantisation)? {
        argv.extend(["--quantization".to_owned(), method.to_owned()]);
    }
    Ok(argv)
}

/// What we read of a model's `config.json`.
#[derive(Deserialize)]
struct ConfigJson {
    quantization_config: Option<QuantizationConfig>,
}

#[derive(Deserialize)]
struct QuantizationConfig {
    quant_method: Option<String>,
}

/// The method to quantise with at start. vLLM reads the method of quantised weights from their `config.json`
/// and refuses another one on its command line; only 16-bit weights are quantised at start, and only to FP8.
/// Weights on a hub cannot be looked at: they are taken for what the spec says.
fn online_quantisation(weights: &str, wanted: Quantisation) -> Result<Option<&'static str>, EngineError> {
    let Ok(text) = std::fs::read_to_string(Path::new(weights).join("config.json")) else { return Ok(None) };
    let Ok(config) = serde_json::from_str::<ConfigJson>(&text) else { return Ok(None) };
    let other = |found: String| EngineError::OtherWeights { weights: weights.to_owned(), found, wanted };
    match (config.quantization_config, wanted) {
        (None, Quantisation::Fp16) => Ok(None),
        (None, Quantisation::Fp8) => Ok(Some("fp8")),
        (None, Quantisation::Int8 | Quantisation::Int4) => Err(other("16-bit".to_owned())),
        (Some(found), Quantisation::Fp16) => {
            Err(other(found.quant_method.unwrap_or_else(|| "quantised".to_owned())))
        }
        (Some(_), _) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_weights_are_what_the_configuration_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let config = folder.path().join("config.json");
        assert_eq!(online_quantisation("owner/on-a-hub", Quantisation::Int4).unwrap(), None);

        std::fs::write(&config, "{}").unwrap();
        assert_eq!(online_quantisation(path, Quantisation::Fp16).unwrap(), None);
        assert_eq!(online_quantisation(path, Quantisation::Fp8).unwrap(), Some("fp8"));
        let message = online_quantisation(path, Quantisation::Int4).unwrap_err().to_string();
        assert!(message.ends_with("holds 16-bit weights, not int4; correct `artifacts`"), "{message}");

        std::fs::write(&config, r#"{"quantization_config": {"quant_method": "awq"}}"#).unwrap();
        assert_eq!(online_quantisation(path, Quantisation::Int4).unwrap(), None);
        let message = online_quantisation(path, Quantisation::Fp16).unwrap_err().to_string();
        assert!(message.contains("holds awq weights, not fp16"), "{message}");
    }
}
