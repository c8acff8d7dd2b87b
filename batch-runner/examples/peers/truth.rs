//! What the engine did, in the same statistics in which clients report.

use std::time::{Duration, Instant};

use measurement::summary::percentile;
use testkit::paced_engine::StreamTruth;

/// Latencies in ms. A client leaves out what it does not publish.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Latencies {
    pub ttft_p50: Option<f64>,
    pub ttft_p99: Option<f64>,
    pub tpot_p99: Option<f64>,
    pub itl_p99: Option<f64>,
}

/// The instants of one request.
pub(crate) struct Instants<'a> {
    pub from: Instant,
    pub tokens: &'a [Instant],
}

impl Latencies {
    /// Of requests as the engine saw them.
    pub(crate) fn of(requests: &[&StreamTruth]) -> Self {
        Self::from_instants(requests.iter().map(|r| Instants { from: r.received, tokens: &r.writes }))
    }

    /// Of requests as anybody saw them.
    pub(crate) fn from_instants<'a>(requests: impl Iterator<Item = Instants<'a>>) -> Self {
        let (mut ttft, mut tpot, mut itl) = (vec![], vec![], vec![]);
        for Instants { from, tokens } in requests {
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { continue };
            ttft.push(ms(*first - from));
            if tokens.len() > 1 {
                tpot.push(ms(*last - *first) / (tokens.len() - 1) as f64);
            }
            itl.extend(tokens.windows(2).map(|pair| ms(pair[1] - pair[0])));
        }
        for values in [&mut ttft, &mut tpot, &mut itl] {
            values.sort_unstable_by(f64::total_cmp);
        }
        Self {
            ttft_p50: percentile(&ttft, 0.5),
            ttft_p99: percentile(&ttft, 0.99),
            tpot_p99: percentile(&tpot, 0.99),
            itl_p99: percentile(&itl, 0.99),
        }
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
