//! How far a campaign is in one line of a terminal.

use store::campaigns::CampaignProgress;

/// In one line, with the seconds since somebody began to look:
/// `12/40 done, 1 failed, 5m, 0.42 USD; forecast to go 1h05m, 1.30 USD`.
pub fn progress_line(progress: &CampaignProgress, elapsed_s: Option<f64>) -> String {
    let done = progress.stored + progress.failed;
    let mut line = format!("{done}/{} done, {} failed", progress.trials, progress.failed);
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
    fn a_line_says_what_is_done_and_fits_a_terminal() {
        let progress = CampaignProgress {
            trials: 6,
            stored: 0,
            failed: 1,
            spent_usd: 0.75,
            forecast_to_go_s: 225.0,
            forecast_to_go_usd: Some(2.25),
            spent_by_forecast: Some(1.5),
        };
        assert_eq!(
            progress_line(&progress, Some(61.0)),
            "1/6 done, 1 failed, 61s, 0.75 USD; forecast to go 3m, 2.25 USD"
        );
        let large = CampaignProgress {
            trials: 9000,
            stored: 8000,
            failed: 120,
            spent_usd: 1234.5,
            forecast_to_go_s: 359_999.0,
            forecast_to_go_usd: Some(1234.5),
            spent_by_forecast: None,
        };
        let line = progress_line(&large, Some(359_999.0));
        assert!(line.len() <= 80, "{line}");
        let words = [59.6, 119.0, 3599.0, 3600.0, 100_000.0].map(in_short);
        assert_eq!(words, ["60s", "119s", "59m", "1h00m", "27h46m"]);
    }
}
