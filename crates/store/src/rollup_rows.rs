//! Rows of rollups, the same in both databases, and their explicit conversion. A value that our own code cannot have
//! written means that the store is damaged.

use chrono::NaiveDate;
use domain::{Offered, OrHosted, Quantisation};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};
use sqlx::FromRow;

use crate::ports::rollups::{DailyStats, MeanAndBest, PublishedPlace, PublishedRanking, Suitability};
use crate::result_row::signed;

/// Why a row cannot be read.
pub type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// A value of a closed set, or an id, by its name.
pub fn named<T: DeserializeOwned>(name: &str) -> Result<T, Unreadable> {
    T::deserialize(StrDeserializer::<Error>::new(name)).map_err(|e| format!("`{name}`: {e}").into())
}

fn count(number: i64) -> Result<u64, Unreadable> {
    Ok(u64::try_from(number)?)
}

fn offered(model: &str, quantisation: &str) -> Result<Offered, Unreadable> {
    let quantisation = named::<OrHosted<Quantisation>>(quantisation)?.own();
    Ok(Offered { model: named(model)?, quantisation })
}

#[derive(FromRow)]
pub struct DailyRow {
    day: NaiveDate,
    model: String,
    quantisation: String,
    hardware: String,
    engine: String,
    use_case: String,
    provenance: String,
    runs: i64,
    configurations: i64,
    ttft_p90_ms_mean: Option<f64>,
    ttft_p90_ms_min: Option<f64>,
    tpot_p90_ms_mean: Option<f64>,
    tpot_p90_ms_min: Option<f64>,
    output_tps_mean: f64,
    output_tps_max: f64,
    serving_usd_per_mtok_spot_mean: Option<f64>,
    serving_usd_per_mtok_spot_min: Option<f64>,
}

impl TryFrom<DailyRow> for DailyStats {
    type Error = Unreadable;

    fn try_from(row: DailyRow) -> Result<Self, Unreadable> {
        let both = |mean: Option<f64>, best: Option<f64>| {
            mean.zip(best).map(|(mean, best)| MeanAndBest { mean, best })
        };
        Ok(Self {
            day: row.day,
            model: offered(&row.model, &row.quantisation)?,
            hardware: row.hardware,
            engine: row.engine,
            use_case: named(&row.use_case)?,
            provenance: named(&row.provenance)?,
            runs: count(row.runs)?,
            configurations: count(row.configurations)?,
            ttft_p90_ms: both(row.ttft_p90_ms_mean, row.ttft_p90_ms_min),
            tpot_p90_ms: both(row.tpot_p90_ms_mean, row.tpot_p90_ms_min),
            output_tps: MeanAndBest { mean: row.output_tps_mean, best: row.output_tps_max },
            serving_usd_per_mtok_spot: both(
                row.serving_usd_per_mtok_spot_mean,
                row.serving_usd_per_mtok_spot_min,
            ),
        })
    }
}

/// A place with the question that it answers.
#[derive(FromRow)]
pub struct PlaceRow {
    use_case: String,
    shape: String,
    provenance: String,
    config_id: String,
    model: String,
    quantisation: String,
    run_id: String,
    score: f64,
    on_pareto_front: bool,
    probability_first: Option<f64>,
}

/// Puts rankings together from their rows, which are in order.
pub fn rankings(rows: Vec<PlaceRow>) -> Result<Vec<PublishedRanking>, Unreadable> {
    let mut rankings: Vec<PublishedRanking> = Vec::new();
    for row in rows {
        let (use_case, provenance) = (named(&row.use_case)?, named(&row.provenance)?);
        let place = PublishedPlace {
            config_id: row.config_id.parse()?,
            model: offered(&row.model, &row.quantisation)?,
            run_id: row.run_id.parse()?,
            score: row.score,
            on_pareto_front: row.on_pareto_front,
            probability_first: row.probability_first,
        };
        match rankings.last_mut() {
            Some(last)
                if last.use_case == use_case && last.shape == row.shape && last.provenance == provenance =>
            {
                last.entries.push(place);
            }
            _ => {
                rankings.push(PublishedRanking {
                    use_case,
                    shape: row.shape,
                    provenance,
                    entries: vec![place],
                });
            }
        }
    }
    Ok(rankings)
}

#[derive(FromRow)]
pub struct SuitabilityRow {
    model: String,
    quantisation: String,
    use_case: String,
    provenance: String,
    best_place: i64,
    best_score: f64,
    best_config_id: String,
}

impl TryFrom<SuitabilityRow> for Suitability {
    type Error = Unreadable;

    fn try_from(row: SuitabilityRow) -> Result<Self, Unreadable> {
        Ok(Self {
            model: offered(&row.model, &row.quantisation)?,
            use_case: named(&row.use_case)?,
            provenance: named(&row.provenance)?,
            best_place: count(row.best_place)?,
            best_score: row.best_score,
            best_config_id: row.best_config_id.parse()?,
        })
    }
}

/// A place of one ranking, to be written.
pub struct Place<'a> {
    pub ranking: &'a PublishedRanking,
    /// From 1.
    pub number: i64,
    pub entry: &'a PublishedPlace,
}

/// Every place of every ranking.
pub fn places(rankings: &[PublishedRanking]) -> Vec<Place<'_>> {
    rankings
        .iter()
        .flat_map(|ranking| {
            let numbered = (1..).zip(&ranking.entries);
            numbered.map(move |(number, entry)| Place { ranking, number: signed(number), entry })
        })
        .collect()
}
