//! **Splitting** cuts a plan into batches. Starting an engine takes minutes and measuring a configuration often takes
//! less, so configurations that share a launch stay together: a launch is in one batch, unless it alone has more
//! configurations than a batch may, or takes longer than the deadline leaves. llama.cpp, which takes the cache of all slots
//! when it starts, is started again where its memory does not do for all of a launch.
//!
//! A batch is run by one job on one machine, so that all of it has the same hardware config, and the same engine, since a
//! container's image has one. Batches of the same priority, hardware and engine follow each other and take about as long as
//! each other by the forecast, so that they can be submitted as one array of jobs.
//!
//! Hosted models come last, in batches of their own: those that one key opens are in one batch, up to its size, so that they
//! are not measured at the same time and use up each other's rate limit.
//!
//! Interactive use cases go first, since their answers are waited for: chatbot, code-generation, qa, then the rest.
//! A launch has the priority of its first use case. Within a launch every configuration is measured once before any is
//! measured again, each round by use case and then by load, ascending: closed loops before open ones.

mod grant;
mod hosted;
mod launch;
mod pack;
mod starts;

use domain::spec::{FidelityEntry, TasksEntry};
use domain::{
    BatchId, BatchManifest, CampaignId, CampaignSpec, JobPlace, Market, PriceKind, Serving, UseCase,
};
use forecast::Calibration;
use serde::{Deserialize, Serialize};

use crate::expansion::expand;
use crate::plan::{FeasibleConfiguration, Plan};

pub use grant::Refusal;
pub(crate) use hosted::HostedGroup;
pub(crate) use launch::{Group, Item};

/// What a batch will take and cost. `Provenance::Forecast`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Seconds from the start of the job to its end.
    pub run_s: f64,
    /// USD at the spot price, of whole machines: no other job is taken to share them. None where the hardware has no price.
    /// Of hosted models, USD of tokens, which have one price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_spot: Option<f64>,
    /// The same at the on-demand price. None where the hardware has no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_on_demand: Option<f64>,
    /// Which of both counts: what the machine is rented as, unless the batch loses it or finds none.
    pub price: PriceKind,
}

impl Estimate {
    /// USD as the machine is rented. None where the hardware has no price.
    #[must_use]
    pub const fn usd(&self) -> Option<f64> {
        match self.price {
            PriceKind::Spot => self.usd_spot,
            PriceKind::OnDemand => self.usd_on_demand,
        }
    }
}

/// A batch with its estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedBatch {
    /// What the runner gets.
    pub manifest: BatchManifest,
    /// What it will take.
    pub estimate: Estimate,
    /// Why it is not to be submitted, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// A plan that does not fit its own spec. It was changed after it was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan holds {0}, which its spec does not ask for; make the plan again from the spec")]
pub struct SplitError(pub String);

/// Cuts a plan into batches, most urgent first, by forecasts that its calibration corrects, at the prices that the market
/// asks for first.
///
/// A batch is granted when it and the batches granted before it fit the budget together, so that a cheap batch may
/// still run after a dear one was refused, and when it ends before the deadline on the jobs that the spec has. A batch
/// without a price costs nothing that is known.
///
/// # Errors
/// When the plan holds a configuration that its spec does not ask for.
pub fn split(plan: &Plan, market: &dyn Market) -> Result<Vec<PlannedBatch>, SplitError> {
    let matrix = expand(&plan.spec);
    let Plan { spec, campaign, calibration, .. } = plan;
    let cutter = Cutter { spec, campaign, calibration, market };
    let mut by_place: [Vec<Group<'_>>; PLACES] = Default::default();
    let mut of_hosted = Vec::new();
    for items in runs(&plan.feasible) {
        let stranger = || SplitError(items[0].configuration.to_string());
        let serving = &items[0].configuration.serving;
        let items = items.iter().map(Item::of).collect();
        let launch = match serving {
            Serving::Launch(launch) => launch,
            Serving::Hosted(hosted) => {
                let known = matrix.hosted().iter().find(|known| known.hosted == *hosted);
                of_hosted.push(HostedGroup::new(known.ok_or_else(stranger)?, items));
                continue;
            }
        };
        let server = matrix.entries_of(launch).ok_or_else(stranger)?;
        for group in Group::of_launch(&cutter, server, items).ok_or_else(stranger)? {
            by_place[group.place].push(group);
        }
    }
    let mut batches = Vec::new();
    let mut next = 0;
    for groups in by_place {
        batches.extend(cutter.cut(groups, &mut next));
    }
    batches.extend(cutter.cut_hosted(of_hosted, &mut next));
    grant::grant(&mut batches, &plan.spec);
    Ok(batches)
}

/// Neighbours that the same serving answers: a plan is in the order of the matrix, in which they are.
fn runs(items: &[FeasibleConfiguration]) -> impl Iterator<Item = &[FeasibleConfiguration]> {
    items.chunk_by(|a, b| a.configuration.serving == b.configuration.serving)
}

/// Priorities: one for each use case.
pub(crate) const PLACES: usize = UseCase::ALL.len();

/// Less is more urgent.
pub(crate) const fn place_of(use_case: UseCase) -> usize {
    match use_case {
        UseCase::Chatbot => 0,
        UseCase::CodeGeneration => 1,
        UseCase::Qa => 2,
        UseCase::Summarization => 3,
        UseCase::CreativeWriting => 4,
    }
}

/// What is the same for all batches of a campaign.
pub(crate) struct Cutter<'a> {
    pub spec: &'a CampaignSpec,
    pub campaign: &'a CampaignId,
    pub calibration: &'a Calibration,
    pub market: &'a dyn Market,
}

impl Cutter<'_> {
    /// Batches of groups of one priority; `next` is the index of the next batch.
    pub(crate) fn cut(&self, groups: Vec<Group<'_>>, next: &mut u32) -> Vec<PlannedBatch> {
        let deadline_s = self.spec.deadline.map_or(f64::INFINITY, |d| d.as_ms() / 1e3);
        let planned = |groups: Vec<Group<'_>>| {
            let index = *next;
            *next += 1;
            self.planned(groups, index)
        };
        pack::pack(groups, deadline_s).into_iter().map(planned).collect()
    }

    fn planned(&self, groups: Vec<Group<'_>>, index: u32) -> PlannedBatch {
        let run_s = groups.iter().map(Group::total_s).sum();
        // One hardware config, so one machine: the job has all of it to itself.
        let rent = groups.first().and_then(|group| group.server.hardware.rent());
        let usd = |kind| rent.as_ref().map(|rent| rent.at(kind).usd_per_hour * run_s / 3600.0);
        let (usd_spot, usd_on_demand) = (usd(PriceKind::Spot), usd(PriceKind::OnDemand));
        let manifest = BatchManifest {
            launches: groups.into_iter().map(|group| group.into_launch(self.spec)).collect(),
            ..self.empty_manifest(index)
        };
        let price = self.market.first_price(JobPlace::of_batch(&manifest));
        PlannedBatch { manifest, estimate: Estimate { run_s, usd_spot, usd_on_demand, price }, refused: None }
    }

    fn empty_manifest(&self, index: u32) -> BatchManifest {
        let accuracy = self.spec.accuracy.as_ref();
        BatchManifest {
            schema_version: domain::manifest::MANIFEST_SCHEMA_VERSION,
            campaign: self.campaign.clone(),
            batch: BatchId::new(self.campaign, index),
            slo: self.spec.slo,
            fidelity: accuracy.and_then(|a| a.fidelity.as_ref()).map(FidelityEntry::plan),
            tasks: accuracy.and_then(|a| a.tasks.as_ref()).map(TasksEntry::plan),
            launches: Vec::new(),
            hosted: Vec::new(),
        }
    }
}
