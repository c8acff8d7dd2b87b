//! A **hosted group**: the configurations of one hosted model, in order of execution, with what they will take and cost.

use domain::manifest::MAX_BATCH;
use domain::spec::ResolvedHosted;
use domain::{BatchManifest, HostedEndpoint, HostedPlan, JobPlace};
use forecast::{hosted_forecast, trial_usd};

use super::launch::{trials, urgency};
use super::{Cutter, Estimate, Item, PlannedBatch};

/// The configurations of one hosted model.
pub(crate) struct HostedGroup<'a> {
    hosted: &'a ResolvedHosted,
    items: Vec<Item<'a>>,
}

impl<'a> HostedGroup<'a> {
    pub(crate) fn new(hosted: &'a ResolvedHosted, mut items: Vec<Item<'a>>) -> Self {
        items.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
        Self { hosted, items }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Parts that fit into a batch.
    fn parts(self) -> impl Iterator<Item = Self> {
        let Self { hosted, items } = self;
        let parts: Vec<Vec<Item<'a>>> = items.chunks(MAX_BATCH).map(<[_]>::to_vec).collect();
        parts.into_iter().map(move |items| Self { hosted, items })
    }

    /// Seconds and USD of all trials.
    fn takes(&self, trials: u32) -> (f64, f64) {
        let one = |item: &Item<'_>| {
            let forecast = hosted_forecast(item.workload);
            let warm_up = forecast.warm_up(item.workload, item.warm_up);
            let requests = item.requests.get();
            (
                forecast.run_s(requests, warm_up),
                trial_usd(item.workload, requests, item.warm_up, &self.hosted.rate),
            )
        };
        let sum = self.items.iter().map(one).fold((0.0, 0.0), |(s, usd), (t, u)| (s + t, usd + u));
        (sum.0 * f64::from(trials), sum.1 * f64::from(trials))
    }
}

/// Whether one key at one place opens both, so that they share its limits.
fn share_a_key(a: &HostedEndpoint, b: &HostedEndpoint) -> bool {
    (&a.url, &a.key) == (&b.url, &b.key)
}

impl Cutter<'_> {
    /// Batches of hosted models; `next` is the index of the next batch.
    pub(crate) fn cut_hosted(&self, groups: Vec<HostedGroup<'_>>, next: &mut u32) -> Vec<PlannedBatch> {
        let mut batches: Vec<Vec<HostedGroup<'_>>> = Vec::new();
        for group in groups.into_iter().flat_map(HostedGroup::parts) {
            let fits = |batch: &&mut Vec<HostedGroup<'_>>| {
                let held: usize = batch.iter().map(|group| group.items.len()).sum();
                let other = batch.first().map(|first| &first.hosted.endpoint);
                other.is_some_and(|other| share_a_key(other, &group.hosted.endpoint))
                    && held + group.items.len() <= MAX_BATCH
            };
            match batches.iter_mut().find(fits) {
                Some(batch) => batch.push(group),
                None => batches.push(vec![group]),
            }
        }
        batches.into_iter().map(|groups| self.planned_hosted(groups, next)).collect()
    }

    fn planned_hosted(&self, groups: Vec<HostedGroup<'_>>, next: &mut u32) -> PlannedBatch {
        let index = *next;
        *next += 1;
        let takes = groups.iter().map(|group| group.takes(self.spec.trials.get()));
        let (run_s, usd) = takes.fold((0.0, 0.0), |(s, usd), (t, u)| (s + t, usd + u));
        let plan = |group: HostedGroup<'_>| {
            let ResolvedHosted { hosted, endpoint, rate } = group.hosted.clone();
            let items: Vec<_> = group.items.into_iter().map(|item| (item, 0.0)).collect();
            HostedPlan { hosted, endpoint, rate, trials: trials(self.spec, &items) }
        };
        PlannedBatch {
            manifest: BatchManifest {
                hosted: groups.into_iter().map(plan).collect(),
                ..self.empty_manifest(index)
            },
            estimate: Estimate {
                run_s,
                usd_spot: Some(usd),
                usd_on_demand: Some(usd),
                price: self.market.first_price(JobPlace::HOSTED),
            },
            refused: None,
        }
    }
}
