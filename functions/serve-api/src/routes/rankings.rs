//! **Rankings** as they were published: every use case with the bounds, weights and prices that are usual for it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{ConfigId, Offered, Provenance, RunId, UseCase};
use schemars::JsonSchema;
use serde::Serialize;
use store::ports::rollups::{PublishedPlace, PublishedRanking};

use crate::answers::{Asked, with_freshness};
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// Rankings of the revision that the catalogue is of.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rankings {
    /// The revision of the results.
    pub revision: u64,
    /// By use case, shape and provenance. None where nothing was published of this revision.
    pub rankings: Vec<Ranking>,
}

/// A ranking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ranking {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// The shape of the traffic.
    pub shape: String,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// Best first.
    pub entries: Vec<Place>,
}

/// A place in a ranking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The place, from 1.
    pub rank: usize,
    /// The configuration.
    pub config_id: ConfigId,
    /// Its model version.
    #[serde(flatten)]
    pub model: Offered,
    /// The run that its numbers come from.
    pub run_id: RunId,
    /// Its score, from 0 to 1.
    pub score: f64,
    /// Whether no other is at least as good in every objective and better in one.
    pub on_pareto_front: bool,
    /// The probability of being first, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability_first: Option<f64>,
}

/// The rankings of a use case, or of all.
pub async fn rankings(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let use_case: Option<UseCase> = parameters.one("use_case")?;
    let provenance: Option<Provenance> = parameters.one("provenance")?;
    parameters.none_left("it has use_case and provenance")?;
    let served = context.snapshot.get().await?;
    let wanted = |ranking: &PublishedRanking| {
        use_case.is_none_or(|wanted| ranking.use_case == wanted)
            && provenance.is_none_or(|wanted| ranking.provenance == wanted)
    };
    let published = context.rollups.rankings(served.revision).await?;
    let rankings = published.into_iter().filter(wanted).map(Ranking::from).collect();
    let answer = Rankings { revision: served.revision, rankings };
    Ok(with_freshness(&served, Json(answer).into_response()))
}

impl From<PublishedRanking> for Ranking {
    fn from(published: PublishedRanking) -> Self {
        let PublishedRanking { use_case, shape, provenance, entries } = published;
        let entries = entries.into_iter().enumerate().map(|(at, place)| Place::of(at + 1, place)).collect();
        Self { use_case, shape, provenance, entries }
    }
}

impl Place {
    fn of(rank: usize, place: PublishedPlace) -> Self {
        let PublishedPlace { config_id, model, run_id, score, on_pareto_front, probability_first } = place;
        Self { rank, config_id, model, run_id, score, on_pareto_front, probability_first }
    }
}
