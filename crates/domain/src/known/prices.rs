//! What hardware costs: instance types with their price on demand, and dated spot prices.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::shipped;
use crate::content_hash::hash_bytes;
use crate::rent::{Listing, Machine, Rent};
use crate::{Accelerator, Hardware, PriceKind};

/// An instance type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Its GPUs.
    pub accelerator: Accelerator,
    /// How many.
    pub gpus: u32,
    /// Its virtual processors, all of which the job on it asks for.
    pub vcpus: u32,
    /// Its memory, GiB; the system keeps some of it.
    pub memory_gib: u32,
    /// USD per hour of all of it, on demand.
    pub usd_per_hour: f64,
}

/// What some instances cost on the spot market on some day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotPrices {
    /// Where they are from.
    pub source: String,
    /// The day they were read.
    pub date: NaiveDate,
    /// The region they hold in.
    pub region: String,
    /// USD per hour by instance type.
    pub usd_per_hour: BTreeMap<String, f64>,
}

/// What instances cost on demand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnDemandPrices {
    /// Where they are from.
    pub source: String,
    /// The day they were read.
    pub date: NaiveDate,
    /// The region they hold in.
    pub region: String,
    /// Instance types by name.
    pub instances: BTreeMap<String, Instance>,
}

/// The file that they are in.
const ON_DEMAND_PRICES_FILE: &str = include_str!("../../data/instances.yaml");

/// The prices on demand that ship with Assay.
pub static ON_DEMAND_PRICES: LazyLock<OnDemandPrices> = LazyLock::new(|| shipped(ON_DEMAND_PRICES_FILE));

/// Instance types by name.
pub static INSTANCES: LazyLock<&BTreeMap<String, Instance>> = LazyLock::new(|| &ON_DEMAND_PRICES.instances);

/// The spot prices that ship with Assay: one sheet for each time that they were read, the newest first. An instance type
/// is on one of them.
pub static SPOT_PRICES: LazyLock<Vec<SpotPrices>> = LazyLock::new(|| shipped(SPOT_PRICES_FILE));

/// The file that they are in.
pub const SPOT_PRICES_FILE: &str = include_str!("../../data/spot_prices.yaml");

/// Which prices these are, as a hash: an answer that was made at others is another answer.
pub static PRICES_HASH: LazyLock<String> = LazyLock::new(|| {
    let files = [ON_DEMAND_PRICES_FILE, SPOT_PRICES_FILE, super::HOSTED_MODELS_FILE];
    hash_bytes(files.concat().as_bytes())
});

/// The spot price of an instance type, USD per hour, and the sheet that it is on.
#[must_use]
pub fn spot_price(instance: &str) -> Option<(f64, &'static SpotPrices)> {
    SPOT_PRICES.iter().find_map(|sheet| Some((*sheet.usd_per_hour.get(instance)?, sheet)))
}

/// The instances that have a hardware config's GPUs, the smallest first.
fn instances_with(hardware: Hardware) -> Vec<(&'static str, &'static Instance)> {
    let all = INSTANCES.iter().map(|(name, instance)| (name.as_str(), instance));
    let mut enough: Vec<_> =
        all.filter(|(_, i)| i.accelerator == hardware.accelerator() && i.gpus >= hardware.count()).collect();
    enough.sort_by_key(|(_, i)| i.gpus);
    enough
}

/// The smallest instance that has a hardware config's GPUs, with its name.
#[must_use]
pub fn smallest_instance(hardware: Hardware) -> Option<(&'static str, &'static Instance)> {
    instances_with(hardware).into_iter().next()
}

/// The instance type that a hardware config's price of a kind is of, as [`rent_of`] has it.
#[must_use]
pub fn instance_of(hardware: Hardware, price: PriceKind) -> Option<&'static str> {
    let mut names = instances_with(hardware).into_iter().map(|(name, _)| name);
    match price {
        PriceKind::OnDemand => names.next(),
        PriceKind::Spot => names.find(|name| spot_price(name).is_some()),
    }
}

/// What a hardware config is rented as: the smallest instance that has its GPUs. Where that one has no spot price, the
/// next larger one is rented on the spot market.
#[must_use]
pub fn rent_of(hardware: Hardware) -> Option<Rent> {
    let instances = instances_with(hardware);
    let machine = |name: &str, gpus: u32, usd_per_hour: f64, region: &str, date: NaiveDate| {
        let listed = Listing { instance_type: name.to_owned(), region: region.to_owned(), date };
        let servers = NonZeroU32::new(gpus / hardware.count())?;
        Some(Machine { usd_per_hour, servers, listed: Some(listed) })
    };
    let (name, smallest) = instances.first()?;
    let OnDemandPrices { region, date, .. } = &*ON_DEMAND_PRICES;
    let on_demand = machine(name, smallest.gpus, smallest.usd_per_hour, region, *date)?;
    let spot = instances.iter().find_map(|(name, instance)| {
        let (usd, sheet) = spot_price(name)?;
        machine(name, instance.gpus, usd, &sheet.region, sheet.date)
    })?;
    Some(Rent { on_demand, spot })
}

/// A spot price history that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadSpotHistory {
    /// Not what the AWS command line prints.
    #[error("not the output of `aws ec2 describe-spot-price-history --output json`: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It has no price of an instance that Assay knows.
    #[error("no price of a known instance type for Linux; ask for {0}")]
    Empty(String),
}

/// What `aws ec2 describe-spot-price-history --output json` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct History {
    spot_price_history: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    availability_zone: String,
    instance_type: String,
    product_description: String,
    spot_price: String,
    timestamp: chrono::DateTime<chrono::Utc>,
}

impl SpotPrices {
    /// Spot prices from what `aws ec2 describe-spot-price-history --output json` prints: of every known instance type
    /// the median over the zones, each at its latest price, that sell below the on-demand price.
    ///
    /// # Errors
    /// When the text is something else, or holds no price that can be used.
    pub fn from_history(json: &str) -> Result<Self, BadSpotHistory> {
        let history: History = serde_json::from_str(json)?;
        let mut latest: BTreeMap<(&str, &str), &Entry> = BTreeMap::new();
        let linux = |e: &&Entry| {
            e.product_description.starts_with("Linux") && INSTANCES.contains_key(&e.instance_type)
        };
        for entry in history.spot_price_history.iter().filter(linux) {
            let kept = latest.entry((&entry.instance_type, &entry.availability_zone)).or_insert(entry);
            if entry.timestamp > kept.timestamp {
                *kept = entry;
            }
        }
        let mut by_instance: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for entry in latest.values() {
            let usd: f64 = entry.spot_price.parse().unwrap_or(f64::NAN);
            let on_demand = INSTANCES.get(&entry.instance_type).map_or(0.0, |i| i.usd_per_hour);
            if usd > 0.0 && usd < on_demand {
                by_instance.entry(entry.instance_type.clone()).or_default().push(usd);
            }
        }
        let newest = latest.values().max_by_key(|e| e.timestamp).filter(|_| !by_instance.is_empty());
        let newest = newest
            .ok_or_else(|| BadSpotHistory::Empty(INSTANCES.keys().cloned().collect::<Vec<_>>().join(" ")))?;
        Ok(Self {
            source: "aws ec2 describe-spot-price-history".to_owned(),
            date: newest.timestamp.date_naive(),
            // A zone is its region and a letter.
            region: newest.availability_zone.trim_end_matches(|c: char| c.is_ascii_alphabetic()).to_owned(),
            usd_per_hour: by_instance.into_iter().map(|(name, usd)| (name, median(usd))).collect(),
        })
    }

    /// These prices in front of older ones. What the older sheets say of the same instances is gone; all else keeps the
    /// day, the region and the source that it was read from.
    #[must_use]
    pub fn before(self, older: &[Self]) -> Vec<Self> {
        let mut sheets = vec![self];
        for sheet in older {
            let mut kept = sheet.clone();
            kept.usd_per_hour.retain(|name, _| !sheets.iter().any(|s| s.usd_per_hour.contains_key(name)));
            if !kept.usd_per_hour.is_empty() {
                sheets.push(kept);
            }
        }
        sheets
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or(f64::NAN);
    let lower = values.get(middle.saturating_sub(1)).copied().unwrap_or(upper);
    if values.len().is_multiple_of(2) { f64::midpoint(lower, upper) } else { upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_rented_as_the_smallest_instance_that_has_its_gpus() {
        let rent = |name: &str| rent_of(name.parse().unwrap()).unwrap();
        let told = |machine: &Machine| {
            let listed = machine.listed.clone().unwrap();
            (listed.instance_type, machine.usd_per_hour, machine.servers.get())
        };
        assert_eq!(told(&rent("l4x1").on_demand), ("g6.xlarge".to_owned(), 0.8048, 1));
        assert_eq!(told(&rent("l4x2").on_demand), ("g6.12xlarge".to_owned(), 4.6016, 2));
        assert_eq!(told(&rent("h200x4").spot), ("p5en.48xlarge".to_owned(), 17.207, 2));
        assert_eq!(rent("h200x4").share().spot, 17.207 / 2.0);
        // p5.4xlarge has no spot price: all of a p5.48xlarge is paid.
        assert_eq!(told(&rent("h100x1").on_demand), ("p5.4xlarge".to_owned(), 6.88, 1));
        assert_eq!(told(&rent("h100x1").spot), ("p5.48xlarge".to_owned(), 20.20, 8));
        assert_eq!(rent("h100x1").spot.listed.unwrap().region, "us-east-1");
        assert_eq!(rent_of(Hardware::CPU), None);
    }

    #[test]
    fn the_instance_of_a_price_is_the_one_that_is_rented() {
        for (accelerator, count) in
            Accelerator::ALL.into_iter().flat_map(|a| [1, 2, 4, 8].map(|count| (a, count)))
        {
            let Ok(hardware) = format!("{accelerator}x{count}").parse::<Hardware>() else { continue };
            for price in [PriceKind::Spot, PriceKind::OnDemand] {
                let listed = rent_of(hardware).and_then(|rent| rent.at(price).listed.clone());
                let rented = listed.map(|listing| listing.instance_type);
                assert_eq!(instance_of(hardware, price).map(str::to_owned), rented, "{hardware} {price}");
            }
        }
        assert_eq!(instance_of("h100x1".parse().unwrap(), PriceKind::Spot), Some("p5.48xlarge"));
        assert_eq!(instance_of(Hardware::CPU, PriceKind::Spot), None);
    }

    #[test]
    fn spot_prices_name_known_instances_only() {
        for (name, usd) in SPOT_PRICES.iter().flat_map(|sheet| &sheet.usd_per_hour) {
            assert!(INSTANCES.get(name).is_some_and(|i| *usd > 0.0 && *usd < i.usd_per_hour), "{name}");
            assert_eq!(SPOT_PRICES.iter().filter(|s| s.usd_per_hour.contains_key(name)).count(), 1, "{name}");
        }
    }

    #[test]
    fn what_was_not_read_again_keeps_its_day() {
        let sheet = |date: &str, prices: &[(&str, f64)]| SpotPrices {
            source: "test".to_owned(),
            date: date.parse().unwrap(),
            region: "us-east-1".to_owned(),
            usd_per_hour: prices.iter().map(|(name, usd)| ((*name).to_owned(), *usd)).collect(),
        };
        let older = [
            sheet("2026-11-20", &[("g6.xlarge", 0.3), ("g5.xlarge", 0.4)]),
            sheet("2026-11-10", &[("p4d.24xlarge", 8.0)]),
        ];
        let sheets = sheet("2026-11-24", &[("g6.xlarge", 0.2), ("p4d.24xlarge", 9.0)]).before(&older);
        let expected = [
            sheet("2026-11-24", &[("g6.xlarge", 0.2), ("p4d.24xlarge", 9.0)]),
            sheet("2026-11-20", &[("g5.xlarge", 0.4)]),
        ];
        assert_eq!(sheets, expected);
    }

    #[test]
    fn a_history_becomes_the_median_of_the_latest_price_of_each_zone() {
        let entry = |zone: &str, usd: &str, at: &str| {
            format!(
                r#"{{"AvailabilityZone":"us-east-1{zone}","InstanceType":"g6.xlarge","ProductDescription":"Linux/UNIX",
                    "SpotPrice":"{usd}","Timestamp":"2026-11-2{at}T10:00:00+00:00"}}"#
            )
        };
        let entries = [
            entry("a", "0.30", "1"),
            entry("a", "0.40", "3"),
            entry("b", "0.20", "2"),
            entry("c", "0.8048", "2"),
        ];
        let text = format!(r#"{{"SpotPriceHistory":[{}]}}"#, entries.join(","));
        let prices = SpotPrices::from_history(&text).unwrap();
        assert!((prices.usd_per_hour["g6.xlarge"] - 0.30).abs() < 1e-12);
        assert_eq!((prices.region.as_str(), prices.date.to_string().as_str()), ("us-east-1", "2026-11-23"));
        let yaml = serde_json::to_string(&prices).unwrap();
        assert_eq!(serde_saphyr::from_str::<SpotPrices>(&yaml).unwrap(), prices);
        let message = SpotPrices::from_history(r#"{"SpotPriceHistory":[]}"#).unwrap_err().to_string();
        assert!(message.contains("g6.xlarge"), "{message}");
        assert!(SpotPrices::from_history("[]").unwrap_err().to_string().contains("aws ec2"));
    }
}
