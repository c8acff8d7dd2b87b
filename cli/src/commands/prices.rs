//! `assay prices`: what hardware costs, and how to bring the spot prices up to date.

use std::io::Read;

use anyhow::{Context, Result};
use domain::known::{INSTANCES, SPOT_PRICES, SPOT_PRICES_FILE, SpotPrices};

use super::say;
use crate::arguments::Prices;
use crate::exit::{Exit, Unusable};
use crate::tables;

/// Shows prices, or turns a price history into the data file.
pub fn prices(command: &Prices) -> Result<Exit> {
    match command {
        Prices::List => say(tables::prices())?,
        Prices::Instances => say(INSTANCES.keys().cloned().collect::<Vec<_>>().join(" "))?,
        Prices::Spot => say(spot()?)?,
    }
    Ok(Exit::Done)
}

/// The data file, from the history on standard input. Types that the history does not have keep their sheet.
fn spot() -> Result<String> {
    let mut history = String::new();
    std::io::stdin().read_to_string(&mut history).context("standard input cannot be read")?;
    let prices = SpotPrices::from_history(&history).map_err(|e| Unusable(format!("standard input: {e}")))?;
    let sheets = prices.before(&SPOT_PRICES);
    Ok(format!("{}\n{}", heading(SPOT_PRICES_FILE), sheets.iter().map(sheet).collect::<Vec<_>>().join("\n")))
}

/// The comment that a data file begins with.
fn heading(file: &str) -> String {
    file.lines().take_while(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

fn sheet(prices: &SpotPrices) -> String {
    let SpotPrices { source, date, region, usd_per_hour } = prices;
    let mut text = format!("- source: {source}\n  date: {date}\n  region: {region}\n  usd_per_hour:");
    for (instance, usd) in usd_per_hour {
        text.push_str(&format!("\n    {instance}: {usd:.4}"));
    }
    text
}
