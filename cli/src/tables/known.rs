//! Models and prices that Assay knows.

use domain::known::{
    HOSTED_MODELS, HOSTED_PRICES_READ, INSTANCES, ON_DEMAND_PRICES, SPOT_PRICES, SpotPrices, spot_price,
};
use domain::{Architecture, ModelName};

use super::{number, right, stored_name, table};

/// Models with the sizes that decide what they need.
pub fn models<'a>(models: impl IntoIterator<Item = (&'a ModelName, &'a Architecture)>) -> String {
    let mut table = table(&["model", "params G", "active G", "layers", "KV KiB/token", "context"], &[0]);
    for (name, a) in models {
        let kv_kib = (a.cached_tokens(1) * a.kv_elements() * 2) as f64 / 1024.0;
        table.add_row([
            name.as_str().into(),
            number(Some(a.parameters as f64 / 1e9), 2),
            number(Some(a.active_parameters as f64 / 1e9), 2),
            right(a.layers),
            number(Some(kv_kib), 0),
            right(a.context_tokens),
        ]);
    }
    table.to_string()
}

/// Models behind somebody else's API, which have prices and no sizes.
pub fn hosted_models() -> String {
    let heads = ["hosted model", "provider", "USD/Mtok in", "cached in", "out"];
    let mut table = table(&heads, &[0]);
    for (name, model) in HOSTED_MODELS.iter() {
        let usd = model.usd_per_mtok;
        table.add_row([
            name.as_str().into(),
            stored_name(model.provider).into(),
            number(Some(usd.input), 3),
            number(usd.cached_input, 3),
            number(Some(usd.output), 3),
        ]);
    }
    format!(
        "{table}\nprices of {HOSTED_PRICES_READ}, USD per million tokens; hosted models have no hardware, and a\n\
         spec names them under `models`"
    )
}

/// Instance types with what they cost, and when that was read.
pub fn prices() -> String {
    let mut table = table(&["instance", "GPUs", "USD/h on demand", "USD/h spot", "spot read"], &[]);
    for (name, instance) in INSTANCES.iter() {
        let spot = spot_price(name);
        table.add_row([
            name.as_str().into(),
            format!("{}x{}", instance.accelerator, instance.gpus).into(),
            number(Some(instance.usd_per_hour), 3),
            number(spot.map(|(usd, _)| usd), 3),
            right(spot.map_or_else(|| "-".to_owned(), |(_, sheet)| sheet.date.to_string())),
        ]);
    }
    let mut text = table.to_string();
    let on_demand = &*ON_DEMAND_PRICES;
    text.push_str(&format!("\non demand of {}: {}, {}", on_demand.date, on_demand.region, on_demand.source));
    for SpotPrices { source, date, region, .. } in SPOT_PRICES.iter() {
        text.push_str(&format!("\nspot of {date}: {region}, {source}"));
    }
    text
}
