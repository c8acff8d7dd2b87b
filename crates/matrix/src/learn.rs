//! **Learning** from results: what was measured before corrects the forecasts that batches are cut, priced and granted by.

use domain::{Architecture, BenchmarkResult, CampaignSpec, ModelName, Provenance, known};
use forecast::{Calibration, Observation, Setup};

/// A calibration from the results of a store. Only what was measured on real engines counts, on hardware that was seen,
/// by a client that kept up, of models whose sizes the spec or Assay knows.
#[must_use]
pub fn learn(spec: &CampaignSpec, results: &[BenchmarkResult]) -> Calibration {
    let tells =
        |r: &&BenchmarkResult| r.provenance == Provenance::Measured && r.is_rankable() && r.is_verified();
    Calibration::fit(results.iter().filter(tells).filter_map(|result| {
        let launch = result.configuration.serving.launch()?;
        let setup = Setup::of(launch, architecture(spec, &launch.model.model)?);
        let metrics = &result.metrics;
        let seen = Observation {
            ttft_ms: metrics.ttft.as_ref()?.mean,
            tpot_ms: metrics.tpot.as_ref().map(|s| s.mean),
        };
        Some((setup, &result.configuration.workload, seen))
    }))
}

fn architecture<'a>(spec: &'a CampaignSpec, model: &ModelName) -> Option<&'a Architecture> {
    let entry = spec.models.iter().find(|m| m.name == *model).and_then(|m| m.resolved_architecture());
    entry.or_else(|| known::MODELS.get(model).map(|known| &known.architecture))
}
