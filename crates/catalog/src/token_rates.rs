//! The **token rates** of a snapshot: what the tokens of its hosted models cost now, whatever they cost when a row was
//! measured. Within one provenance a hosted model has one price: the one that a spec stated last, else that of the
//! provider's list that ships with this program.
//!
//! What a million output tokens cost includes the input that they were made from, in the proportion that was measured.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use domain::column::TokenKind;
use domain::{Column, Hosted, PriceKind, TokenPrice, TokenRate, known};

use crate::PriceSource;
use crate::snapshot::{Rows, Snapshot};

/// What one hosted model costs in the results of one provenance.
#[derive(Debug, Clone)]
struct Rated {
    hosted: Hosted,
    rate: TokenRate,
    /// When the last result was measured whose spec stated it. None: it is on the list.
    stated: Option<NaiveDate>,
}

/// The rate of every row, by the codes of its serving and its provenance. Rows of engines have none.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenRates(BTreeMap<(u32, u32), Rated>);

/// The codes of a row.
fn key(rows: &Rows, row: usize) -> Option<(u32, u32)> {
    Some((*rows.servings.codes().get(row)?, *rows.provenance.codes().get(row)?))
}

/// A number of a row, if it has one.
fn number(rows: &Rows, row: usize, column: Column) -> Option<f64> {
    rows.numbers.get(column.index())?.get(row).copied().filter(|value| !value.is_nan())
}

/// Rows that hosted models answered, with their models.
fn hosted_rows(rows: &Rows) -> impl Iterator<Item = (usize, &Hosted)> {
    let hosted: Vec<Option<&Hosted>> =
        rows.servings.values().iter().map(|serving| serving.hosted()).collect();
    let any = hosted.iter().any(Option::is_some);
    let codes = rows.servings.codes().iter().enumerate().take(if any { usize::MAX } else { 0 });
    codes.filter_map(move |(row, &code)| Some((row, (*hosted.get(code as usize)?)?)))
}

impl TokenRates {
    pub(crate) fn of(rows: &Rows) -> Self {
        // When it was measured, microseconds since 1970, and the price.
        let mut stated: BTreeMap<(u32, u32), (i64, TokenPrice)> = BTreeMap::new();
        let mut seen: BTreeMap<(u32, u32), &Hosted> = BTreeMap::new();
        for (row, hosted) in hosted_rows(rows) {
            let (Some(key), Some(&at)) = (key(rows, row), rows.measured_at.get(row)) else { continue };
            seen.insert(key, hosted);
            let price = |kind| number(rows, row, Column::StatedUsdPerMtok(kind));
            let Some((input, output)) = price(TokenKind::Input).zip(price(TokenKind::Output)) else {
                continue;
            };
            let price = TokenPrice { input, cached_input: price(TokenKind::CachedInput), output };
            if stated.get(&key).is_none_or(|(before, _)| at > *before) {
                stated.insert(key, (at, price));
            }
        }
        let rated = |(key, hosted): ((u32, u32), &Hosted)| {
            let own = stated.get(&key).map(|(at, usd_per_mtok)| {
                let date = DateTime::from_timestamp_micros(*at).map(|at| at.date_naive());
                (TokenRate { usd_per_mtok: *usd_per_mtok, listed: None }, date)
            });
            let of_list = || {
                let listed = known::HOSTED_MODELS.get(&hosted.model)?;
                (listed.provider == hosted.provider).then(|| (listed.rate(), None))
            };
            let (rate, stated) = own.or_else(of_list)?;
            Some((key, Rated { hosted: hosted.clone(), rate, stated }))
        };
        Self(seen.into_iter().filter_map(rated).collect())
    }

    /// The rate of a row.
    pub(crate) fn get(&self, rows: &Rows, row: usize) -> Option<TokenRate> {
        self.rated(rows, row).map(|rated| rated.rate)
    }

    fn rated(&self, rows: &Rows, row: usize) -> Option<&Rated> {
        if self.0.is_empty() { None } else { self.0.get(&key(rows, row)?) }
    }

    /// USD per million output tokens, of every row that has a rate and whose tokens were counted.
    pub(crate) fn serving_costs(&self, rows: &Rows) -> Vec<(usize, f64)> {
        let cost = |(row, _): (usize, &Hosted)| {
            let price = self.get(rows, row)?.usd_per_mtok;
            let input = number(rows, row, Column::InputPerOutput)?;
            let cached = number(rows, row, Column::CachedInputPerOutput)?;
            Some((row, (input - cached) * price.input + cached * price.cached() + price.output))
        };
        hosted_rows(rows).filter_map(cost).collect()
    }

    /// Where the prices of some rows are from.
    fn sources(&self, all: &Rows, rows: &[usize]) -> BTreeSet<PriceSource> {
        if self.0.is_empty() {
            return BTreeSet::new();
        }
        let source = |rated: &Rated| match (rated.stated, rated.rate.listed) {
            (Some(date), _) => Some(PriceSource::SpecTokens { model: rated.hosted.model.clone(), date }),
            (None, listed) => Some(PriceSource::Provider { provider: rated.hosted.provider, date: listed? }),
        };
        rows.iter().filter_map(|&row| source(self.rated(all, row)?)).collect()
    }
}

impl Snapshot {
    /// Where the prices of some rows are from.
    pub(crate) fn price_sources(&self, rows: &[usize], kinds: &[PriceKind]) -> Vec<PriceSource> {
        let mut sources = self.rents.sources(rows, kinds);
        sources.extend(self.token_rates.sources(&self.rows, rows));
        sources.into_iter().collect()
    }

    /// Whether a hosted model answered a row's requests.
    pub(crate) fn is_hosted(&self, row: usize) -> bool {
        self.rows.servings.get(row).is_some_and(|serving| serving.hosted().is_some())
    }
}
