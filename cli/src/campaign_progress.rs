//! How far a campaign is in one line of a terminal, and whether its USD are paid.

use std::collections::BTreeMap;

use domain::{BatchId, Provenance, RunId};
use serde::Serialize;
use store::campaigns::CampaignProgress;
use store::{BatchRecord, Checkpoint, ResultStore, StoreError, TrialOutcome};

/// Who answered, as far as results tell it. What the simulated engine takes is reckoned as if it ran on the hardware that it
/// stands for, and nobody pays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// No result tells it yet.
    #[default]
    Unknown,
    /// Engines and services.
    Engines,
    /// Some of both.
    Both,
    /// The simulated engine alone.
    SimulatedEngine,
}

impl AnsweredBy {
    /// What USD are, where nobody pays them.
    pub const fn note(self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::Engines => None,
            Self::Both => Some("USD include those of the simulated engine, which nobody pays"),
            Self::SimulatedEngine => {
                Some("simulated: USD are those of the hardware that it stands for; nobody pays them")
            }
        }
    }

    /// What a line begins with, so that no narrow terminal cuts it off.
    const fn label(self) -> &'static str {
        match self {
            Self::Unknown | Self::Engines => "",
            Self::Both => "partly simulated: ",
            Self::SimulatedEngine => "simulated: ",
        }
    }
}

/// Who answered the trials of a campaign. One result of each batch is looked at, and once.
#[derive(Debug, Default)]
pub struct Answerers(BTreeMap<BatchId, Provenance>);

impl Answerers {
    /// Looks at batches of which no result was looked at yet.
    pub async fn look(
        &mut self,
        results: &dyn ResultStore,
        batches: &[BatchRecord],
        outcomes: &[BTreeMap<RunId, Checkpoint>],
    ) -> Result<AnsweredBy, StoreError> {
        for (batch, outcomes) in batches.iter().zip(outcomes) {
            let stored = outcomes.values().find(|c| c.outcome == TrialOutcome::Stored);
            let Some(stored) = stored.filter(|_| !self.0.contains_key(&batch.id)) else { continue };
            let history = results.history(&stored.config_id).await?;
            if let Some(result) = history.into_iter().find(|result| result.run_id == stored.run_id) {
                self.0.insert(batch.id.clone(), result.provenance);
            }
        }
        let simulated = self.0.values().filter(|p| **p == Provenance::Simulated).count();
        Ok(match (simulated, self.0.len()) {
            (_, 0) => AnsweredBy::Unknown,
            (0, _) => AnsweredBy::Engines,
            (simulated, all) if simulated == all => AnsweredBy::SimulatedEngine,
            _ => AnsweredBy::Both,
        })
    }
}

/// In one line, with the seconds since somebody began to look:
/// `simulated: 12/40 done, 1 failed, 5m, 0.42 USD; forecast to go 1h05m, 1.30 USD`.
pub fn progress_line(progress: &CampaignProgress, answered_by: AnsweredBy, elapsed_s: Option<f64>) -> String {
    let done = progress.stored + progress.failed;
    let label = answered_by.label();
    let mut line = format!("{label}{done}/{} done, {} failed", progress.trials, progress.failed);
    if let Some(elapsed_s) = elapsed_s {
        line.push_str(&format!(", {}", in_short(elapsed_s)));
    }
    if progress.spent_usd > 0.0 {
        line.push_str(&in_usd(progress.spent_usd));
    }
    if progress.forecast_to_go_s > 0.0 {
        line.push_str(&format!("; forecast to go {}", in_short(progress.forecast_to_go_s)));
        if let Some(usd) = progress.forecast_to_go_usd {
            line.push_str(&in_usd(usd));
        }
    }
    line
}

/// `, 1.30 USD`; of thousands no cents.
fn in_usd(usd: f64) -> String {
    if usd < 1000.0 { format!(", {usd:.2} USD") } else { format!(", {usd:.0} USD") }
}

/// `42s`, `12m`, `3h05m`.
fn in_short(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..120 => format!("{whole}s"),
        120..3600 => format!("{}m", whole / 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_pays_says_so() {
        let progress = CampaignProgress::of(&[], &[]);
        let line = |answered_by| progress_line(&progress, answered_by, None);
        assert_eq!(line(AnsweredBy::Engines), "0/0 done, 0 failed");
        assert_eq!(line(AnsweredBy::SimulatedEngine), "simulated: 0/0 done, 0 failed");
        assert!(AnsweredBy::Unknown.note().is_none());
        assert!(AnsweredBy::Both.note().unwrap().contains("nobody pays"));
    }

    #[test]
    fn a_line_says_what_is_done_and_fits_a_terminal() {
        let progress = CampaignProgress {
            trials: 6,
            stored: 0,
            failed: 1,
            spent_usd: 0.75,
            forecast_to_go_s: 225.0,
            forecast_to_go_usd: Some(2.25),
            took_by_forecast: Some(1.5),
            spent_by_forecast: Some(1.5),
        };
        assert_eq!(
            progress_line(&progress, AnsweredBy::Engines, Some(61.0)),
            "1/6 done, 1 failed, 61s, 0.75 USD; forecast to go 3m, 2.25 USD"
        );
        let large = CampaignProgress {
            trials: 9000,
            stored: 8000,
            failed: 120,
            spent_usd: 1234.5,
            forecast_to_go_s: 359_999.0,
            forecast_to_go_usd: Some(1234.5),
            took_by_forecast: None,
            spent_by_forecast: None,
        };
        let line = progress_line(&large, AnsweredBy::Engines, Some(359_999.0));
        assert!(line.len() <= 80, "{line}");
        let words = [59.6, 119.0, 3599.0, 3600.0, 100_000.0].map(in_short);
        assert_eq!(words, ["60s", "119s", "59m", "1h00m", "27h46m"]);
    }
}
