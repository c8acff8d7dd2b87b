//! A **search** finds the highest load at which a server still meets its target, by trying few.
//!
//! What is searched is monotone: of more load, fewer requests are good. Loads are doubled until one misses the
//! target (halved, if the first does), then the gap between the highest that met it and the lowest that missed it
//! is halved, in logarithms, until it is as narrow as asked. Each load is judged by the 95 % Wilson interval of its
//! share of good requests; where the target lies inside the interval the load is tried again, with as many requests as
//! [would decide](Search::requests_that_decide), and the counts are pooled; after [`MOST_TRIES`] the share itself decides
//! and the answer says so.
//!
//! [`saturation`] finds where more load stops to yield more throughput, which needs no target.

/// How often one load is tried.
pub const MOST_TRIES: u32 = 3;
/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.96;
/// Of a saturated server, throughput grows by less than this share of what the load grows by, in logarithms.
const SATURATED: f64 = 0.1;

/// Where to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The first load that is tried.
    pub first: f64,
    /// The least load that is tried.
    pub least: f64,
    /// The most load that is tried.
    pub most: f64,
    /// Largest ratio between the lowest load that missed and the highest that met the target, less 1.
    pub precision: f64,
    /// Loads are whole numbers.
    pub whole: bool,
}

/// What a load yielded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Requests that met the SLO.
    pub good: u64,
    /// All that ended, well or not.
    pub finished: u64,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Try this load.
    Try(f64),
    /// The search is over.
    Done(Answer),
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The highest load that met the target. None when not even the least did.
    pub highest_met: Option<f64>,
    /// The lowest load that missed it. None when the most did not.
    pub lowest_missed: Option<f64>,
    /// Whether both are beyond doubt. If not, one of them lies so close to the target that its share of good
    /// requests decided.
    pub certain: bool,
}

/// A search under way.
#[derive(Debug, Clone)]
pub struct Search {
    bounds: Bounds,
    /// Least share of good requests.
    target: f64,
    met: Option<Edge>,
    missed: Option<Edge>,
    /// The load that is being tried, with what it yielded so far.
    load: f64,
    counts: Counts,
    tries: u32,
}

/// An end of the gap.
#[derive(Debug, Clone, Copy)]
struct Edge {
    load: f64,
    certain: bool,
}

impl Counts {
    /// The 95 % interval of the share of good requests (Wilson, 1927).
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let n = self.finished as f64;
        if n <= 0.0 {
            return (0.0, 1.0);
        }
        let p = self.share();
        let center = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (((center - half) / scale).max(0.0), ((center + half) / scale).min(1.0))
    }

    /// The share of good requests; 0 of none.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.finished == 0 { 0.0 } else { self.good as f64 / self.finished as f64 }
    }
}

impl Search {
    /// Searches within bounds for the highest load of which at least `target` of the requests are good.
    #[must_use]
    pub fn new(bounds: Bounds, target: f64) -> Self {
        let load = bounds.first.clamp(bounds.least, bounds.most);
        let mut search = Self {
            bounds,
            target,
            met: None,
            missed: None,
            load,
            counts: Counts { good: 0, finished: 0 },
            tries: 0,
        };
        search.load = search.rounded(load);
        search
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> Step {
        if self.is_over() { Step::Done(self.found()) } else { Step::Try(self.load) }
    }

    /// How many more requests at the load that is to be tried would leave the target outside of the interval, if as
    /// large a share of them is good. None before the first try, when nothing is known of it.
    ///
    /// The target lies on the end of Wilson's interval where `(share - target)^2 = z^2 target (1 - target) / n`.
    #[must_use]
    pub fn requests_that_decide(&self) -> Option<u64> {
        let had = self.counts.finished;
        (had > 0).then(|| {
            let off = self.counts.share() - self.target;
            // Infinite where the share is the target itself, which the cast makes the most there are.
            let needed = (Z * Z * self.target * (1.0 - self.target) / (off * off)).floor() as u64;
            needed.saturating_sub(had).saturating_add(1)
        })
    }

    /// What has been found so far.
    #[must_use]
    pub fn found(&self) -> Answer {
        let certain = [self.met, self.missed].into_iter().flatten().all(|edge| edge.certain);
        let (highest_met, lowest_missed) = (self.met.map(|e| e.load), self.missed.map(|e| e.load));
        Answer { highest_met, lowest_missed, certain }
    }

    /// Takes what the load that was to be tried yielded.
    pub fn saw(&mut self, counts: Counts) {
        self.counts.good += counts.good.min(counts.finished);
        self.counts.finished += counts.finished;
        self.tries += 1;
        let (low, high) = self.counts.interval();
        let certain = low >= self.target || high < self.target;
        if !certain && self.tries < MOST_TRIES {
            return;
        }
        let edge = Edge { load: self.load, certain };
        if self.counts.share() >= self.target {
            self.met = Some(edge);
        } else {
            self.missed = Some(edge);
        }
        self.go_on();
    }

    /// Takes that the load that was to be tried was not kept up with: a longer run of it would miss any target, however
    /// many requests of this one were good. That it was not is a judgement, so that the answer is not beyond doubt.
    pub fn was_too_much(&mut self) {
        self.missed = Some(Edge { load: self.load, certain: false });
        self.go_on();
    }

    /// Turns to the next load.
    fn go_on(&mut self) {
        (self.counts, self.tries) = (Counts { good: 0, finished: 0 }, 0);
        self.load = self.next_load();
    }

    fn next_load(&self) -> f64 {
        let next = match (self.met, self.missed) {
            (Some(met), Some(missed)) => (met.load * missed.load).sqrt(),
            (Some(met), None) => (2.0 * met.load).min(self.bounds.most),
            (None, Some(missed)) => (missed.load / 2.0).max(self.bounds.least),
            (None, None) => self.load,
        };
        self.rounded(next)
    }

    fn rounded(&self, load: f64) -> f64 {
        if !self.bounds.whole {
            return load;
        }
        match (self.met, self.missed) {
            // Strictly inside the gap, where there is such a number.
            (Some(met), Some(missed)) => {
                load.round().clamp(met.load + 1.0, (missed.load - 1.0).max(met.load + 1.0))
            }
            _ => load.round(),
        }
    }

    fn is_over(&self) -> bool {
        match (self.met, self.missed) {
            (Some(met), Some(missed)) => {
                missed.load <= met.load * (1.0 + self.bounds.precision)
                    || self.bounds.whole && missed.load - met.load <= 1.0
            }
            (Some(met), None) => met.load >= self.bounds.most,
            (None, Some(missed)) => missed.load <= self.bounds.least,
            (None, None) => false,
        }
    }
}

/// The load from which on more yields no more: the first after which throughput grows by less than a tenth of what
/// the load grows by, and does so to the end. Takes pairs of load and throughput in any order. None when throughput
/// still grows at the end.
#[must_use]
pub fn saturation(points: &[(f64, f64)]) -> Option<f64> {
    let mut points: Vec<(f64, f64)> =
        points.iter().copied().filter(|(load, throughput)| *load > 0.0 && *throughput > 0.0).collect();
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup_by(|next, kept| next.0 <= kept.0);
    let grows = |pair: &[(f64, f64)]| {
        let (before, after) = (pair[0], pair[1]);
        (after.1 / before.1).ln() >= SATURATED * (after.0 / before.0).ln()
    };
    let flat = points.windows(2).rev().take_while(|pair| !grows(pair)).count();
    (flat > 0).then(|| points[points.len() - 1 - flat].0)
}

#[cfg(test)]
mod tests;
