//! **Stored weights** are what a folder of weights holds. A number must not be stored under a precision that the engine did
//! not run: what the folder's `config.json` says is compared with the configuration before the engine starts.

use std::path::Path;

use domain::{LaunchPlan, Quantisation};
use serde::Deserialize;

use super::EngineError;
use super::launch_site::weights;

/// What is known of a folder of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoredWeights {
    /// On a hub, or without a `config.json`: they are taken for what the spec says.
    Unknown,
    /// Floats of 16 bits.
    Sixteen,
    /// Quantised by this method, to this precision where the method says it.
    Quantised(String, Option<Quantisation>),
}

impl StoredWeights {
    /// Looks into a folder.
    pub(super) fn look(weights: &str) -> Self {
        let text = std::fs::read_to_string(Path::new(weights).join("config.json")).ok();
        let config: Option<ConfigJson> = text.and_then(|text| serde_json::from_str(&text).ok());
        match config {
            None => Self::Unknown,
            Some(ConfigJson { quantization_config: None }) => Self::Sixteen,
            Some(ConfigJson { quantization_config: Some(found) }) => {
                let precision = found.precision();
                let method = found.quant_method.unwrap_or_else(|| "quantised".to_owned());
                Self::Quantised(method, precision)
            }
        }
    }

    /// The method by which an engine quantises at its start so that it runs the wanted precision; `methods` are those that
    /// it has for floats of 16 bits. None where the weights have the precision already: every engine reads how they were
    /// quantised from their own `config.json`.
    ///
    /// # Errors
    /// When the engine cannot run these weights in that precision.
    pub(super) fn method_at_start(
        &self,
        weights: &str,
        wanted: Quantisation,
        methods: &[(Quantisation, &'static str)],
    ) -> Result<Option<&'static str>, EngineError> {
        let other = |found: String| EngineError::OtherWeights { weights: weights.to_owned(), found, wanted };
        match self {
            Self::Unknown => Ok(None),
            Self::Sixteen if wanted == Quantisation::Fp16 => Ok(None),
            Self::Sixteen => match methods.iter().find(|(precision, _)| *precision == wanted) {
                Some((_, method)) => Ok(Some(method)),
                None => Err(other("16-bit".to_owned())),
            },
            Self::Quantised(_, Some(found)) if *found != wanted => Err(other(found.to_string())),
            Self::Quantised(method, None) if wanted == Quantisation::Fp16 => Err(other(method.clone())),
            Self::Quantised(..) => Ok(None),
        }
    }
}

/// The arguments by which an engine quantises a launch's weights at its start, under the name of its option; none where it
/// need not.
///
/// # Errors
/// When there are no weights, or the engine cannot run them in the launch's precision.
pub(super) fn quantise_at_start(
    plan: &LaunchPlan,
    option: &str,
    methods: &[(Quantisation, &'static str)],
) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let method =
        StoredWeights::look(weights).method_at_start(weights, plan.launch.model.quantisation, methods)?;
    Ok(method.map(|method| vec![option.to_owned(), method.to_owned()]).unwrap_or_default())
}

/// What we read of a model's `config.json`.
#[derive(Deserialize)]
struct ConfigJson {
    quantization_config: Option<QuantizationConfig>,
}

/// How weights were quantised, as Hugging Face's `transformers` writes it; each method has its own fields.
#[derive(Deserialize)]
struct QuantizationConfig {
    quant_method: Option<String>,
    /// Of AWQ and GPTQ.
    #[serde(alias = "w_bit")]
    bits: Option<u32>,
    /// Of bitsandbytes.
    #[serde(default)]
    load_in_4bit: bool,
    /// Of bitsandbytes.
    #[serde(default)]
    load_in_8bit: bool,
    /// Of LMDeploy's `smooth_quant`.
    quant_dtype: Option<String>,
    /// Of compressed-tensors.
    #[serde(default)]
    config_groups: std::collections::BTreeMap<String, ConfigGroup>,
}

#[derive(Deserialize)]
struct ConfigGroup {
    weights: Option<GroupWeights>,
}

#[derive(Deserialize)]
struct GroupWeights {
    num_bits: Option<u32>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl QuantizationConfig {
    /// The precision of most weights. None where the method is not known.
    fn precision(&self) -> Option<Quantisation> {
        match self.quant_method.as_deref()? {
            "awq" | "gptq" => integer(self.bits?),
            "fp8" | "fbgemm_fp8" => Some(Quantisation::Fp8),
            "bitsandbytes" if self.load_in_4bit => Some(Quantisation::Int4),
            "bitsandbytes" if self.load_in_8bit => Some(Quantisation::Int8),
            "smooth_quant" => match self.quant_dtype.as_deref() {
                None | Some("int8") => Some(Quantisation::Int8),
                Some(other) => other.starts_with("float8").then_some(Quantisation::Fp8),
            },
            "compressed-tensors" => {
                let weights = self.config_groups.values().find_map(|group| group.weights.as_ref())?;
                match (weights.kind.as_deref()?, weights.num_bits?) {
                    ("float", 8) => Some(Quantisation::Fp8),
                    ("int", bits) => integer(bits),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

const fn integer(bits: u32) -> Option<Quantisation> {
    match bits {
        4 => Some(Quantisation::Int4),
        8 => Some(Quantisation::Int8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: &[(Quantisation, &str)] = &[(Quantisation::Fp8, "fp8")];

    fn stored(config: &str) -> (tempfile::TempDir, StoredWeights) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        let found = StoredWeights::look(folder.path().to_str().unwrap());
        (folder, found)
    }

    #[test]
    fn what_is_on_a_hub_is_what_the_spec_says() {
        let found = StoredWeights::look("owner/on-a-hub");
        assert_eq!(found.method_at_start("owner/on-a-hub", Quantisation::Int4, METHODS).unwrap(), None);
    }

    #[test]
    fn sixteen_bits_are_quantised_at_start_where_the_engine_can() {
        let (_folder, found) = stored("{}");
        let method = |wanted| found.method_at_start("w", wanted, METHODS);
        assert_eq!(method(Quantisation::Fp16).unwrap(), None);
        assert_eq!(method(Quantisation::Fp8).unwrap(), Some("fp8"));
        let message = method(Quantisation::Int4).unwrap_err().to_string();
        assert_eq!(message, "w holds 16-bit weights, not int4; correct `artifacts`");
    }

    #[test]
    fn quantised_weights_must_have_the_precision_of_the_configuration() {
        use Quantisation::{Fp8, Fp16, Int4, Int8};
        let group = |bits, kind| {
            format!(
                r#"{{"quant_method": "compressed-tensors", "config_groups": {{"group_0": {{"weights": {{"num_bits": {bits}, "type": "{kind}"}}}}}}}}"#
            )
        };
        for (config, precision) in [
            (r#"{"quant_method": "awq", "bits": 4}"#.to_owned(), Int4),
            (r#"{"quant_method": "awq", "w_bit": 4}"#.to_owned(), Int4),
            (r#"{"quant_method": "gptq", "bits": 8}"#.to_owned(), Int8),
            (r#"{"quant_method": "fp8"}"#.to_owned(), Fp8),
            (r#"{"quant_method": "bitsandbytes", "load_in_4bit": true}"#.to_owned(), Int4),
            (r#"{"quant_method": "smooth_quant"}"#.to_owned(), Int8),
            (group(8, "int"), Int8),
            (group(4, "int"), Int4),
            (group(8, "float"), Fp8),
        ] {
            let (_folder, found) = stored(&format!(r#"{{"quantization_config": {config}}}"#));
            for wanted in [Fp16, Fp8, Int8, Int4] {
                let runs = found.method_at_start("w", wanted, METHODS);
                assert_eq!(runs.is_ok(), wanted == precision, "{config} as {wanted}");
            }
        }
    }

    #[test]
    fn a_method_that_is_not_known_is_taken_at_its_word_but_not_for_sixteen_bits() {
        let (_folder, found) = stored(r#"{"quantization_config": {"quant_method": "novel"}}"#);
        assert_eq!(found.method_at_start("w", Quantisation::Int4, METHODS).unwrap(), None);
        let message = found.method_at_start("w", Quantisation::Fp16, METHODS).unwrap_err().to_string();
        assert!(message.contains("holds novel weights, not fp16"), "{message}");
    }
}
