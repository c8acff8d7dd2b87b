//! The **rents** of a snapshot: what the hardware of each row costs now, whatever it cost when the row was measured.
//!
//! Within one provenance a hardware config has one rent, so that no result is ranked at the price of another day: the
//! one that a spec stated last, else that of the price lists that ship with this program.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use domain::rent::{Listing, Machine};
use domain::{Column, Hardware, HourlyPrice, ModelName, PriceKind, Provider, Rent, Serving, known};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::snapshot::Rows;

/// Tokens that a cost is for.
const MTOK: f64 = 1e6;
const SECONDS_PER_HOUR: f64 = 3600.0;

/// Where prices are from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum PriceSource {
    /// A price list.
    List {
        /// Which price it lists.
        price: PriceKind,
        /// The region that it holds in.
        region: String,
        /// The day it was read.
        date: NaiveDate,
    },
    /// A spec that stated its own.
    Spec {
        /// What of.
        hardware: Hardware,
        /// The day on which the last result with such a price was measured.
        date: NaiveDate,
    },
    /// The list of a provider of hosted models.
    Provider {
        /// Whose.
        provider: Provider,
        /// The day it was read.
        date: NaiveDate,
    },
    /// A spec that stated what the tokens of a hosted model cost.
    SpecTokens {
        /// Which model.
        model: ModelName,
        /// The day on which the last result with such a price was measured.
        date: NaiveDate,
    },
}

impl std::fmt::Display for PriceSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::List { price, region, date } => write!(f, "{price} of {region}, {date}"),
            Self::Spec { hardware, date } => write!(f, "{hardware} as a spec stated on {date}"),
            Self::Provider { provider, date } => write!(f, "tokens of {provider}, {date}"),
            Self::SpecTokens { model, date } => write!(f, "tokens of {model} as a spec stated on {date}"),
        }
    }
}

/// What one hardware config costs in the results of one provenance.
#[derive(Debug, Clone)]
struct Rented {
    hardware: Hardware,
    rent: Rent,
    /// When the last result was measured whose spec stated it. None: it is on the lists.
    stated: Option<NaiveDate>,
}

/// The rent of every row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rents {
    values: Vec<Option<Rented>>,
    /// For each row the place of its rent.
    codes: Vec<u32>,
}

/// A price that a spec stated, and when that was measured, microseconds since 1970.
type Stated = (i64, HourlyPrice);

impl Rents {
    /// Those of rows with the columns that are stored.
    pub(crate) fn of(rows: &Rows) -> Self {
        // A hosted model has none.
        let of_serving = |serving: &Serving| serving.launch().map(|launch| launch.hardware);
        let hardware: Vec<Option<Hardware>> = rows.servings.values().iter().map(of_serving).collect();
        let distinct: Vec<Option<Hardware>> =
            BTreeSet::from_iter(hardware.iter().copied()).into_iter().collect();
        let places: Vec<usize> =
            hardware.iter().map(|name| distinct.binary_search(name).unwrap_or_default()).collect();
        let kinds = rows.provenance.values().len();
        let place = |launch: &u32, provenance: &u32| {
            places.get(*launch as usize).map_or(0, |hardware| hardware * kinds + *provenance as usize)
        };
        let codes = rows.servings.codes().iter().zip(rows.provenance.codes());
        let codes: Vec<u32> = codes.map(|(launch, provenance)| place(launch, provenance) as u32).collect();
        let mut stated = last_stated(rows, &codes);
        let rented = |(at, hardware): (usize, &Option<Hardware>)| {
            let hardware = (*hardware)?;
            let stated = stated.remove(&(at as u32));
            let date =
                stated.and_then(|(at, _)| DateTime::from_timestamp_micros(at)).map(|at| at.date_naive());
            let own = stated.map(|(_, price)| Rent::stated(price));
            let rent = own.or_else(|| known::rent_of(hardware))?;
            Some(Rented { hardware, rent, stated: date })
        };
        let each = distinct.iter().flat_map(|hardware| std::iter::repeat_n(hardware, kinds));
        let values = each.enumerate().map(rented).collect();
        Self { values, codes }
    }

    /// The columns that follow from the rents, in the order of [`Column::all`] after those that are stored.
    pub(crate) fn columns(&self, output_tps: &[f64]) -> [Vec<f64>; 4] {
        let by_code = |usd: &dyn Fn(&Machine) -> f64, kind| -> Vec<f64> {
            self.values
                .iter()
                .map(|rented| rented.as_ref().map_or(f64::NAN, |r| usd(r.rent.at(kind))))
                .collect()
        };
        let hourly = |kind| -> Vec<f64> {
            let usd = by_code(&|machine| machine.usd_per_hour, kind);
            self.codes.iter().map(|&code| usd[code as usize]).collect()
        };
        let per_mtok = |kind| -> Vec<f64> {
            let usd = by_code(&|machine| machine.share() * MTOK / SECONDS_PER_HOUR, kind);
            let cost =
                |(&code, &tps): (&u32, &f64)| if tps > 0.0 { usd[code as usize] / tps } else { f64::NAN };
            self.codes.iter().zip(output_tps).map(cost).collect()
        };
        let [spot, on_demand] = [PriceKind::Spot, PriceKind::OnDemand];
        [per_mtok(spot), per_mtok(on_demand), hourly(spot), hourly(on_demand)]
    }

    /// That of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&Rent> {
        self.values.get(self.code(row)?)?.as_ref().map(|rented| &rented.rent)
    }

    /// The place of a row's rent among all [`Self::values`].
    pub(crate) fn code(&self, row: usize) -> Option<usize> {
        self.codes.get(row).map(|&code| code as usize)
    }

    /// All rents; none where there is no price.
    pub(crate) fn values(&self) -> impl Iterator<Item = Option<&Rent>> {
        self.values.iter().map(|rented| rented.as_ref().map(|rented| &rented.rent))
    }

    /// Where the prices of some rows are from.
    pub(crate) fn sources(&self, rows: &[usize], kinds: &[PriceKind]) -> BTreeSet<PriceSource> {
        let mut seen = vec![false; self.values.len()];
        for &row in rows {
            if let Some(&code) = self.codes.get(row) {
                seen[code as usize] = true;
            }
        }
        let mut sources = BTreeSet::new();
        for rented in
            self.values.iter().zip(seen).filter_map(|(rented, seen)| rented.as_ref().filter(|_| seen))
        {
            let &Rented { hardware, ref rent, stated } = rented;
            sources.extend(stated.map(|date| PriceSource::Spec { hardware, date }));
            for &price in kinds {
                let Some(Listing { region, date, .. }) = &rent.at(price).listed else { continue };
                sources.insert(PriceSource::List { price, region: region.clone(), date: *date });
            }
        }
        sources
    }
}

/// The price that was stated last for each hardware config and provenance, by its code.
fn last_stated(rows: &Rows, codes: &[u32]) -> BTreeMap<u32, Stated> {
    let column = |kind| rows.numbers.get(Column::StatedUsdPerHour(kind).index());
    let mut last: BTreeMap<u32, Stated> = BTreeMap::new();
    let (Some(spot), Some(on_demand)) = (column(PriceKind::Spot), column(PriceKind::OnDemand)) else {
        return last;
    };
    let prices = spot.iter().zip(on_demand.iter());
    for ((&code, &at), (&spot, &on_demand)) in codes.iter().zip(&rows.measured_at).zip(prices) {
        let price = HourlyPrice { spot, on_demand };
        if price.is_valid() && last.get(&code).is_none_or(|(before, _)| at > *before) {
            last.insert(code, (at, price));
        }
    }
    last
}
