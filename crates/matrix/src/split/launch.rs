//! A **group**: the configurations of one launch, in order of execution, with what they will take.

use std::borrow::Cow;
use std::num::NonZeroU32;

use domain::content_hash::hash_bytes;
use domain::{Architecture, CampaignSpec, ConfigId, LaunchPlan, Load, TrialPlan, Workload};

use super::starts::starts;
use super::{Cutter, place_of};
use crate::expansion::Server;
use crate::feasibility::weights;
use crate::needs::{context_tokens, takes_cache_at_start};
use crate::plan::FeasibleConfiguration;

/// A configuration under its launch. What it is made of is cloned when a batch is, and not before.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    pub id: Cow<'a, ConfigId>,
    pub workload: &'a Workload,
    /// Requests to measure in each trial.
    pub requests: NonZeroU32,
    /// Requests before the measured ones.
    pub warm_up: u32,
}

impl<'a> Item<'a> {
    pub(super) const fn of(planned: &'a FeasibleConfiguration) -> Self {
        let FeasibleConfiguration { id, configuration, requests, warm_up } = planned;
        Self {
            id: Cow::Borrowed(id),
            workload: &configuration.workload,
            requests: *requests,
            warm_up: *warm_up,
        }
    }
}

/// The configurations of one launch.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    pub server: Server<'a>,
    architecture: &'a Architecture,
    weights: Option<String>,
    /// The priority of the first use case of its launch: less is more urgent.
    pub place: usize,
    /// At least one, each with the seconds that its trials take.
    pub items: Vec<(Item<'a>, f64)>,
    /// Seconds until the engine is up; none when somebody else has started it.
    start_s: f64,
}

impl<'a> Group<'a> {
    /// The groups of a launch: one, or more where the engine has no memory to be started for all of it at once. None
    /// when the server cannot run any.
    pub fn of_launch(cutter: &Cutter<'_>, server: Server<'a>, mut items: Vec<Item<'a>>) -> Option<Vec<Self>> {
        items.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
        let architecture = server.model.resolved_architecture()?;
        let launched = server.framework.attach.is_none();
        let setup = server.setup(architecture);
        let place = place_of(items.first()?.workload.use_case);
        let starts = starts(&setup, launched, items).into_iter();
        starts.map(|items| Self::of_start(cutter, server, architecture, place, items)).collect()
    }

    /// A group of configurations in order. None when the server cannot run any.
    fn of_start(
        cutter: &Cutter<'_>,
        server: Server<'a>,
        architecture: &'a Architecture,
        place: usize,
        items: Vec<Item<'a>>,
    ) -> Option<Self> {
        let setup = server.setup(architecture);
        let launched = server.framework.attach.is_none();
        let correction = cutter.calibration.correction(&setup);
        let mut start_s = 0.0;
        let trials = f64::from(cutter.spec.trials.get());
        let items = items
            .into_iter()
            .map(|item| {
                let forecast = correction.forecast(&setup, item.workload);
                if launched {
                    start_s = forecast.engine_start_s;
                }
                let warm_up = forecast.warm_up(item.workload, item.warm_up);
                let run_s = trials * forecast.run_s(item.requests.get(), warm_up);
                (item, run_s)
            })
            .collect();
        Some(Self { server, architecture, weights: weights(&server).ok()?, place, items, start_s })
    }

    /// Seconds of it all.
    pub fn total_s(&self) -> f64 {
        self.start_s + self.items.iter().map(|(_, run_s)| run_s).sum::<f64>()
    }

    /// The group itself when it fits into one batch. Else as few parts as fit, each as long as the others by the
    /// forecast, in order. Every part starts the engine anew.
    pub fn parts(mut self, most: usize, longest_s: f64) -> Vec<Self> {
        let (count, total_s) = (self.items.len(), self.total_s());
        if count <= most && total_s <= longest_s {
            return vec![self];
        }
        // Of a deadline that not even a start leaves room for, every configuration is late.
        let room_s = (longest_s - self.start_s).max(f64::MIN_POSITIVE);
        let by_time = ((total_s - self.start_s) / room_s).ceil().min(count as f64);
        let parts = count.div_ceil(most).max(by_time as usize).max(1);
        let even_s = (total_s - self.start_s) / parts as f64;
        let items = std::mem::take(&mut self.items);
        let mut cut: Vec<Self> = Vec::with_capacity(parts);
        let mut current_s = 0.0;
        for (item, run_s) in items {
            let full = cut.last().is_none_or(|part| part.items.len() >= most);
            if full || current_s + run_s / 2.0 > even_s {
                cut.push(self.clone());
                current_s = 0.0;
            }
            current_s += run_s;
            if let Some(part) = cut.last_mut() {
                part.items.push((item, run_s));
            }
        }
        cut
    }

    /// Context that tasks need beside the workloads. None of an engine that would take the memory of it for every slot.
    fn context_of_tasks(&self, spec: &CampaignSpec) -> u64 {
        let tasks = spec.accuracy.as_ref().and_then(|accuracy| accuracy.tasks.as_ref());
        let asked = tasks.filter(|_| !takes_cache_at_start(self.server.framework.name));
        asked.map_or(0, |tasks| tasks.context_tokens.get().min(self.architecture.context_tokens).into())
    }

    /// What the runner gets.
    pub fn into_launch(self, spec: &CampaignSpec) -> LaunchPlan {
        let workloads = || self.items.iter().map(|(item, _)| item.workload);
        let longest = workloads().map(|w| w.longest_request_tokens()).max().unwrap_or_default();
        let context = context_tokens(self.architecture, longest).max(self.context_of_tasks(spec));
        LaunchPlan {
            launch: self.server.launch(),
            endpoint: self.server.framework.endpoint(),
            architecture: self.architecture.clone(),
            rent: self.server.hardware.rent(),
            context_tokens: u32::try_from(context).unwrap_or(u32::MAX),
            max_concurrency: workloads().map(|w| w.slots()).max().unwrap_or_default(),
            trials: trials(spec, &self.items),
            weights: self.weights,
        }
    }
}

/// Less is more urgent: the use case's place, then the load.
pub(super) const fn urgency<'a>(item: &Item<'a>) -> (usize, &'a Load) {
    (place_of(item.workload.use_case), &item.workload.load)
}

/// Every configuration once, then every configuration again.
pub(super) fn trials<'a>(spec: &CampaignSpec, items: &[(Item<'a>, f64)]) -> Vec<TrialPlan> {
    (1..=spec.trials.get())
        .flat_map(|trial| items.iter().map(move |(item, _)| (trial, item)))
        .map(|(trial, item)| TrialPlan {
            config_id: item.id.clone().into_owned(),
            workload: item.workload.clone(),
            trial,
            requests: item.requests,
            warm_up: item.warm_up,
            seed: seed(spec.seed, &item.id, trial),
        })
        .collect()
}

/// The seed of a trial: a hash of the spec's seed, the configuration and the trial, so that it depends on nothing else
/// in the matrix. 52 bits, which every JSON reader keeps exactly.
fn seed(spec_seed: u64, config: &ConfigId, trial: u32) -> u64 {
    let hash = hash_bytes(format!("{spec_seed}.{config}.{trial}").as_bytes());
    hash.get(..13).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(spec_seed)
}
