//! `assay prices`: what hardware costs, and how to bring the spot prices up to date.

use std::io::Read;

use anyhow::{Context, Result};
use domain::known::{INSTANCES, SPOT_PRICES, SpotPrices};

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

/// The data file, from the history on standard input. Types that the history does not have keep the price they had.
fn spot() -> Result<String> {
    let mut history = String::new();
    std::io::stdin().read_to_string(&mut history).context("standard input cannot be read")?;
    let mut prices =
        SpotPrices::from_history(&history).map_err(|e| Unusable(format!("standard input: {e}")))?;
    for (instance, usd) in &SPOT_PRICES.usd_per_hour {
        prices.usd_per_hour.entry(instance.clone()).or_insert(*usd);
    }
    let mut text = format!(
        "# The median over the zones of the region that sold below the on-demand price; made by `make spot-prices`.\n\
         source: {}\ndate: {}\nregion: {}\nusd_per_hour:\n",
        prices.source, prices.date, prices.region
    );
    for (instance, usd) in &prices.usd_per_hour {
        text.push_str(&format!("  {instance}: {usd:.4}\n"));
    }
    Ok(text.trim_end().to_owned())
}
