//! Models and prices that Assay knows.

use domain::known::{INSTANCES, SPOT_PRICES};
use domain::{Architecture, ModelName};

use super::{number, right, table};

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

/// Instance types with what they cost.
pub fn prices() -> String {
    let mut table = table(&["instance", "GPUs", "USD/h on demand", "USD/h spot"], &[]);
    for (name, instance) in INSTANCES.iter() {
        table.add_row([
            name.as_str().into(),
            format!("{}x{}", instance.accelerator, instance.gpus).into(),
            number(Some(instance.usd_per_hour), 3),
            number(SPOT_PRICES.usd_per_hour.get(name).copied(), 3),
        ]);
    }
    format!("{table}\nspot: {}, {}, {}", SPOT_PRICES.region, SPOT_PRICES.date, SPOT_PRICES.source)
}
