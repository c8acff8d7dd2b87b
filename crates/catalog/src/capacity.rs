//! The **capacity** of a configuration is how many replicas of it a load takes, and what they cost.
//!
//! A closed loop tells how long answers take with `c` requests in flight, and how many requests per second a replica
//! then answers. Requests of users do not wait for each other, so that the number in flight varies: for Poisson arrivals
//! at rate `l` and a mean time `T` in the system it is Poisson with mean `l T` (Little's law; as in the M/G/inf queue,
//! of which this is the occupancy). A replica is given as much load as keeps it at `c` or fewer for 95 % of the time:
//! the largest mean `m` with `P(Poisson(m) <= c) >= 0.95`. Since `T = c / rps`, that is the share `m / c` of the measured
//! requests per second. The share grows with `c` (square-root staffing): 59 % at 8, 82 % at 64, 90 % at 256. With fewer
//! than `c` in flight answers are faster, so that the measured latencies are an upper bound.
//!
//! Where requests were measured as they arrive, at a rate of their own, no share is taken: a replica is given the
//! measured requests per second.
//!
//! A hosted model takes no servers of ours: a month costs the tokens of its requests, as many for each as were measured.
//! Whether the limits of a key allow the load is not known here.
//!
//! A month is paid for whole machines: as many as hold all replicas, each the smallest that is sold with the GPUs of one.

use domain::metrics::AtPrice;
use domain::{Rent, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Column, PriceKind, Snapshot};

/// Hours in a month: a twelfth of 365 days.
pub const HOURS_PER_MONTH: f64 = 730.0;

const SECONDS_PER_HOUR: f64 = 3600.0;

/// Tokens that a cost is for.
const MTOK: f64 = 1e6;

/// The share of time that a replica has no more requests in flight than it was measured with.
const HELD: f64 = 0.95;

/// What serving a load takes: a forecast, from the requests per second of the result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// The servers that it takes. Absent where somebody else hosts the model: then it is paid by the token.
    #[serde(flatten)]
    pub servers: Option<Servers>,
    /// USD per month of their machines, or of the tokens of a hosted model. Absent without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_per_month: Option<AtPrice>,
}

/// The servers that a load takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Servers {
    /// Servers of the configuration's hardware.
    pub replicas: u64,
    /// Requests per second that one of them is given at most.
    pub rps_per_replica: f64,
    /// The target load over what all replicas are given at most.
    pub utilisation: f64,
    /// Machines that the replicas are rented as: several share one where its GPUs are enough. Absent without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machines: Option<Machines>,
}

/// Whole machines, which may be of another type on the spot market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// Those at the spot price.
    pub spot: u64,
    /// Those on demand.
    pub on_demand: u64,
}

/// What plans have in common: the target and the share of each workload.
pub(crate) struct Planner<'a> {
    snapshot: &'a Snapshot,
    target_rps: f64,
    /// Requests per second by row.
    rps: &'a [f64],
    /// Whether anything is hosted.
    any_hosted: bool,
    /// By the code of a workload.
    shares: Vec<f64>,
    /// By the code of a serving, whether somebody else hosts the model.
    hosted: Vec<bool>,
    /// By the kind of price and the code of a rent.
    machines: [Vec<MachinePrice>; 2],
    /// USD per month at the price that counts by row, for the rows that were asked about: a bound and a criterion need it, and the
    /// divisions in it take longer than all else that is asked of a row.
    months: Vec<f64>,
}

/// What months are reckoned with; `NaN` without a price.
#[derive(Clone, Copy)]
struct MachinePrice {
    /// USD of a machine in a month.
    usd_per_month: f64,
    /// Servers that it has GPUs for.
    servers: f64,
}

impl MachinePrice {
    fn of(rent: Option<&Rent>, kind: PriceKind) -> Self {
        let machine = rent.map(|rent| rent.at(kind));
        Self {
            usd_per_month: machine.map_or(f64::NAN, |m| m.usd_per_hour * HOURS_PER_MONTH),
            servers: machine.map_or(f64::NAN, |m| f64::from(m.servers.get())),
        }
    }

    /// Machines that so many servers are rented as.
    fn count(self, servers: f64) -> f64 {
        whole(servers / self.servers)
    }
}

impl<'a> Planner<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, target_rps: f64, price: PriceKind, rows: &[usize]) -> Self {
        let shares = snapshot.rows.workloads.values().iter().map(share).collect();
        let servings = snapshot.rows.servings.values().iter();
        let hosted: Vec<bool> = servings.map(|serving| serving.hosted().is_some()).collect();
        let machines = [PriceKind::Spot, PriceKind::OnDemand]
            .map(|kind| snapshot.rents.values().map(|rent| MachinePrice::of(rent, kind)).collect());
        let mut planner = Self {
            snapshot,
            target_rps,
            rps: snapshot.column(Column::Rps),
            any_hosted: hosted.contains(&true),
            shares,
            hosted,
            machines,
            months: Vec::new(),
        };
        let mut months = vec![f64::NAN; snapshot.len()];
        for &row in rows {
            if let Some(month) = months.get_mut(row) {
                *month = planner.usd_per_month_at(row, price, 1.0);
            }
        }
        planner.months = months;
        planner
    }

    /// Replicas and what each is given; `NaN` when the throughput was not measured. `of_measured` is the share of the
    /// measured throughput that is reckoned with.
    fn replicas(&self, row: usize, of_measured: f64) -> (f64, f64) {
        let workload = self.snapshot.rows.workloads.codes().get(row);
        let share = workload.and_then(|&code| self.shares.get(code as usize)).copied().unwrap_or(f64::NAN);
        let each = self.rps.get(row).copied().unwrap_or(f64::NAN) * share * of_measured;
        if each > 0.0 { (whole(self.target_rps / each), each) } else { (f64::NAN, f64::NAN) }
    }

    fn machine(&self, row: usize, price: PriceKind) -> Option<&MachinePrice> {
        self.machines[price as usize].get(self.snapshot.rents.code(row)?)
    }

    /// USD per month of the replicas by row, at the price that counts; `NaN` when it cannot be told or was not asked about.
    pub(crate) fn usd_per_month(&self) -> &[f64] {
        &self.months
    }

    fn is_hosted(&self, row: usize) -> bool {
        if !self.any_hosted {
            return false;
        }
        let code = self.snapshot.rows.servings.codes().get(row);
        code.and_then(|&code| self.hosted.get(code as usize)).is_some_and(|hosted| *hosted)
    }

    /// The same of any row and at any price, if a replica yielded a share of the throughput that was measured.
    pub(crate) fn usd_per_month_at(&self, row: usize, price: PriceKind, of_measured: f64) -> f64 {
        if self.is_hosted(row) {
            return self.target_rps * self.usd_per_request(row, price) * HOURS_PER_MONTH * SECONDS_PER_HOUR;
        }
        let Some(machine) = self.machine(row, price) else { return f64::NAN };
        machine.count(self.replicas(row, of_measured).0) * machine.usd_per_month
    }

    /// USD of a request of a hosted model; `NaN` when it cannot be told.
    fn usd_per_request(&self, row: usize, price: PriceKind) -> f64 {
        let number = |column| self.snapshot.number(row, column);
        number(Column::ServingCost(price)) / MTOK * number(Column::OutputTps) / number(Column::Rps)
    }

    /// What a row takes. None when its throughput was not measured.
    pub(crate) fn capacity(&self, row: usize) -> Option<Capacity> {
        let (replicas, each) = self.replicas(row, 1.0);
        let month = |price| Some(self.usd_per_month_at(row, price, 1.0)).filter(|usd| usd.is_finite());
        let usd_per_month = month(PriceKind::Spot)
            .zip(month(PriceKind::OnDemand))
            .map(|(spot, on_demand)| AtPrice { spot, on_demand });
        if self.is_hosted(row) {
            return usd_per_month.map(|_| Capacity { servers: None, usd_per_month });
        }
        let machines = |price| self.machine(row, price).map(|m| m.count(replicas)).filter(|n| n.is_finite());
        let machines = machines(PriceKind::Spot)
            .zip(machines(PriceKind::OnDemand))
            .map(|(spot, on_demand)| Machines { spot: spot as u64, on_demand: on_demand as u64 });
        let servers = replicas.is_finite().then_some(Servers {
            machines,
            replicas: replicas as u64,
            rps_per_replica: each,
            utilisation: self.target_rps / (replicas * each),
        })?;
        Some(Capacity { servers: Some(servers), usd_per_month })
    }
}

/// A number of at least 0 rounded up to a whole one, 1 at least; `NaN` stays what it is. This is asked of every row, and
/// without the processor's instruction for it `ceil` and casts take several times as long as these additions: a sum with
/// 2^52 has no room for a fraction. Numbers beyond that are whole.
fn whole(number: f64) -> f64 {
    const NO_FRACTION: f64 = 4_503_599_627_370_496.0;
    let nearest = if number < NO_FRACTION { (number + NO_FRACTION) - NO_FRACTION } else { number };
    let up = if nearest < number { nearest + 1.0 } else { nearest };
    if up < 1.0 { 1.0 } else { up }
}

/// The share of a workload's measured requests per second that a replica is given.
fn share(workload: &Workload) -> f64 {
    workload.concurrency().map_or(1.0, |in_flight| largest_mean(in_flight.get()) / f64::from(in_flight.get()))
}

/// The largest mean of a Poisson variable that is at most `count` with probability [`HELD`], by bisection.
fn largest_mean(count: u32) -> f64 {
    let log_factorial = (1..=count).map(|i| f64::from(i).ln()).sum();
    let (mut low, mut high) = (0.0, f64::from(count));
    while high - low > 1e-9 * f64::from(count) {
        let middle = f64::midpoint(low, high);
        if probability_at_most(count, log_factorial, middle) >= HELD { low = middle } else { high = middle }
    }
    low
}

/// `P(Poisson(mean) <= count)` for a mean up to `count`: all but the terms after that of `count`, each of which is less
/// than the one before. `log_factorial` is `ln(count!)`.
fn probability_at_most(count: u32, log_factorial: f64, mean: f64) -> f64 {
    let mut term = (f64::from(count) * mean.ln() - mean - log_factorial).exp();
    let mut beyond = 0.0;
    let mut i = f64::from(count);
    while term > beyond * 1e-16 {
        i += 1.0;
        term *= mean / i;
        beyond += term;
    }
    1.0 - beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the 5 % quantile of chi-squared with 2 (c + 1) degrees of freedom, from tables.
    #[test]
    fn the_mean_is_that_of_the_tables() {
        for (count, expected) in [(1, 0.355_36), (4, 1.970_15), (9, 5.425_41), (14, 9.246_33)] {
            assert!((largest_mean(count) - expected).abs() < 1e-4, "{count}: {}", largest_mean(count));
        }
    }

    #[test]
    fn numbers_are_rounded_up() {
        for number in [0.0, 1e-9, 0.5, 1.0, 1.000_000_1, 1.5, 2.5, 3.0, 123_456.789, 9e15, 1e300] {
            assert!((whole(number) - f64::ceil(number).max(1.0)).abs() < f64::EPSILON, "{number}");
        }
        assert!(whole(f64::NAN).is_nan() && whole(f64::INFINITY).is_infinite());
    }

    #[test]
    fn the_share_grows_with_the_number_in_flight() {
        let shares: Vec<f64> = [1, 2, 8, 64, 256, 4096].map(|c| largest_mean(c) / f64::from(c)).to_vec();
        assert!(shares.windows(2).all(|w| w[0] < w[1]), "{shares:?}");
        assert!((shares[2] - 0.587).abs() < 0.001 && (shares[5] - 0.975).abs() < 0.001, "{shares:?}");
    }
}
