//! A **stream** plans and splits a matrix of any size in bounded memory: batches come as they are made, and what cannot
//! run is counted under its reason.
//!
//! It goes through the servers of the matrix once for every priority that occurs, and holds no more than a window of
//! configurations. Batches are balanced within a window, so that they are those of [`split`](crate::split()) as long as
//! a priority has no more configurations than that.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use domain::{CampaignId, CampaignSpec, Market};
use forecast::Calibration;
use serde::Serialize;

use crate::Infeasible;
use crate::expansion::{Matrix, Server, expand};
use crate::plan::{Verdict, hosted_verdicts, verdicts};
use crate::split::{Cutter, Group, HostedGroup, Item, PLACES, PlannedBatch, place_of};

/// Configurations that are held at once.
const WINDOW: usize = 20_000;

/// What a stream has come across. It is complete when the stream has given its first batch of a later priority, or
/// ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Configurations in the matrix: feasible and infeasible.
    pub total: u64,
    /// Of these, what can run.
    pub feasible: u64,
    /// What cannot, by the kind of the reason.
    pub infeasible: BTreeMap<&'static str, Reason>,
}

/// Configurations that cannot run for reasons of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// How many.
    pub count: u64,
    /// The first of them and why it cannot, in words.
    pub example: String,
}

/// Plans and splits a spec. None of the batches is refused: what a budget or a deadline leaves is known when all of them
/// are.
#[must_use]
pub fn stream<'a>(
    spec: &'a CampaignSpec,
    campaign: &'a CampaignId,
    calibration: &'a Calibration,
    market: &'a dyn Market,
) -> BatchStream<'a> {
    let matrix = expand(spec);
    let mut tally = Tally::default();
    for hosted in matrix.hosted() {
        kept(&hosted.hosted, hosted_verdicts(&matrix, hosted), Some(&mut tally));
    }
    BatchStream {
        matrix,
        cutter: Cutter { spec, campaign, calibration, market },
        place: 0,
        later: [false; PLACES],
        at: 0,
        next: 0,
        ready: VecDeque::new(),
        tally,
    }
}

/// The batches of a matrix.
pub struct BatchStream<'a> {
    matrix: Matrix<'a>,
    cutter: Cutter<'a>,
    /// The priority that is being gone through; hosted models come after all of them.
    place: usize,
    /// Priorities that were seen in the first pass.
    later: [bool; PLACES],
    /// The number of the next server.
    at: u64,
    /// The index of the next batch.
    next: u32,
    /// Batches of the last window that were not given yet.
    ready: VecDeque<PlannedBatch>,
    tally: Tally,
}

impl Iterator for BatchStream<'_> {
    type Item = PlannedBatch;

    fn next(&mut self) -> Option<PlannedBatch> {
        while self.ready.is_empty() {
            let batches = self.window()?;
            self.ready.extend(batches);
        }
        self.ready.pop_front()
    }
}

impl BatchStream<'_> {
    /// What was come across so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The batches of the next window; none at the end.
    fn window(&mut self) -> Option<Vec<PlannedBatch>> {
        let (mut groups, mut held) = (Vec::new(), 0);
        while self.place < PLACES {
            let Some(server) = self.matrix.server(self.at) else {
                let batches = self.cutter.cut(groups, &mut self.next);
                self.at = 0;
                self.place = (self.place + 1..PLACES).find(|place| self.later[*place]).unwrap_or(PLACES);
                return Some(batches);
            };
            self.at += 1;
            let first_pass = self.place == 0;
            let items = runnable(&self.matrix, server, first_pass.then_some(&mut self.tally));
            let place = items.iter().map(|item| place_of(item.workload.use_case)).min();
            let Some(place) = place else { continue };
            self.later[place] |= first_pass;
            // The forecasts of a group are made in the pass that it is cut in.
            if place == self.place
                && let Some(starts) = Group::of_launch(&self.cutter, server, items)
            {
                held += starts.iter().map(|group| group.items.len()).sum::<usize>();
                groups.extend(starts);
            }
            if held >= WINDOW {
                return Some(self.cutter.cut(groups, &mut self.next));
            }
        }
        self.hosted()
    }

    /// The batches of hosted models, once.
    fn hosted(&mut self) -> Option<Vec<PlannedBatch>> {
        if self.place > PLACES {
            return None;
        }
        self.place = PLACES + 1;
        let group = |hosted| {
            HostedGroup::new(hosted, kept(&hosted.hosted, hosted_verdicts(&self.matrix, hosted), None))
        };
        let groups: Vec<_> =
            self.matrix.hosted().iter().map(group).filter(|group| !group.is_empty()).collect();
        Some(self.cutter.cut_hosted(groups, &mut self.next))
    }
}

/// What can run on a server; all of its points are counted.
fn runnable<'m, 'a>(matrix: &'m Matrix<'a>, server: Server<'a>, tally: Option<&mut Tally>) -> Vec<Item<'m>> {
    kept(&server.launch(), verdicts(matrix, server), tally)
}

/// What can run of some points; all of them are counted.
fn kept<'m, 'a: 'm>(
    serving: &impl std::fmt::Display,
    verdicts: impl Iterator<Item = Verdict<'m, 'a>>,
    mut tally: Option<&mut Tally>,
) -> Vec<Item<'m>> {
    let keep = |Verdict { id, traffic, reason }: Verdict<'m, 'a>| {
        if let Some(tally) = tally.as_deref_mut() {
            tally.count(&reason, || {
                format!("{serving}, {} {}", traffic.workload.use_case, traffic.workload.label())
            });
        }
        reason.is_ok().then_some(Item {
            id: Cow::Owned(id),
            workload: &traffic.workload,
            requests: traffic.measure.requests,
            warm_up: traffic.measure.warm_up,
        })
    };
    verdicts.filter_map(keep).collect()
}

impl Tally {
    fn count(&mut self, verdict: &Result<(), Infeasible>, name: impl Fn() -> String) {
        self.total += 1;
        let Err(reason) = verdict else {
            self.feasible += 1;
            return;
        };
        let first = || Reason { count: 0, example: format!("{}: {reason}", name()) };
        self.infeasible.entry(reason.kind()).or_insert_with(first).count += 1;
    }
}
