//! The **statement** of a recommendation: what was ranked, by what and at which prices, in one sentence.

use domain::{Shape, UseCase};

use crate::PriceSource;
use crate::contest::Contest;
use crate::method::{Method, percent};
use crate::nearest::NearestWorkload;
use crate::request::{Normalisation, RecommendationRequest};
use crate::response::CriterionWeight;

/// What a ranking stands on.
pub(crate) struct Ground<'a> {
    pub(crate) request: &'a RecommendationRequest,
    pub(crate) use_case: UseCase,
    pub(crate) shape: &'a Shape,
    pub(crate) nearest: Option<&'a NearestWorkload>,
    pub(crate) prices: &'a [PriceSource],
}

impl Ground<'_> {
    /// The sentence.
    pub(crate) fn statement(&self, contest: &Contest, weights: &[CriterionWeight]) -> String {
        let Self { request, use_case, shape, nearest, prices } = self;
        let RecommendationRequest { provenance, price, .. } = request;
        let in_flight = nearest.and_then(|nearest| nearest.concurrency);
        let in_flight = in_flight.map_or_else(String::new, |concurrency| format!(" c{concurrency}"));
        let load = request.target_rps.map_or_else(String::new, |rps| format!(" for {rps} requests/s"));
        let mut text = format!(
            "{} {provenance} results for {use_case} {shape}{in_flight} at {price} price{load}{}, {}",
            contest.ranked,
            self.within(),
            self.ranked_by(contest, weights)
        );
        if !prices.is_empty() {
            let prices: Vec<String> = prices.iter().map(ToString::to_string).collect();
            text.push_str(&format!("; prices: {}", prices.join("; ")));
        }
        if !contest.dropped.is_empty() && request.method != Method::Lexicographic {
            let names: Vec<&str> = contest.dropped.iter().map(|d| d.criterion.name()).collect();
            text.push_str("; without values, their weight shared out: ");
            text.push_str(&names.join(", "));
        }
        if let Some(nearest) = nearest {
            text.push_str(&format!("; {}", nearest.sentence()));
        }
        text
    }

    /// What all of them keep to.
    fn within(&self) -> String {
        let Self { request, use_case, .. } = self;
        let bounds: Vec<String> = request.effective_bounds().iter().map(ToString::to_string).collect();
        let alone = if bounds.len() > 1 { ", each taken alone" } else { "" };
        let usual =
            if request.has_usual_bounds() { format!(", as is usual for {use_case}") } else { String::new() };
        let mut text = match bounds.as_slice() {
            [] => String::new(),
            bounds => format!(" within {}{alone}{usual}", bounds.join(" and ")),
        };
        if let Some(least) = &request.min_accuracy {
            text.push_str(&format!(" with {} >= {}", least.measure, least.at_least));
        }
        text
    }

    fn ranked_by(&self, contest: &Contest, weights: &[CriterionWeight]) -> String {
        let weigh = || {
            let each: Vec<String> =
                weights.iter().map(|w| format!("{} {:.1} %", w.criterion, w.weight * 100.0)).collect();
            let scaled = match self.request.normalisation {
                Normalisation::Vector => "",
                Normalisation::MinMax => ", each scaled from its least to its largest value",
            };
            format!("{}{scaled}", each.join(", "))
        };
        match self.request.method {
            Method::Topsis => format!("ranked by {}", weigh()),
            Method::Pareto => {
                let objectives: Vec<&str> = contest.front.objectives.iter().map(|o| o.name()).collect();
                let members = contest.front.members.iter().filter(|on| **on).count();
                format!(
                    "of which {members} are on the Pareto front of {}, listed by {}",
                    objectives.join(", "),
                    weigh()
                )
            }
            Method::Lexicographic => {
                let turns = contest.turns.iter().filter_map(|turn| {
                    let within = match turn.tolerance {
                        none if none <= 0.0 => String::new(),
                        share => format!(" (to within {} %)", percent(share)),
                    };
                    Some(format!("{}{within}", contest.criteria.get(turn.criterion)?.id))
                });
                format!("ordered by {}", turns.collect::<Vec<_>>().join(", then "))
            }
        }
    }
}
