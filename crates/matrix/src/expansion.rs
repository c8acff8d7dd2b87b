//! **Expansion** multiplies the axes of a spec. A launch is computed from its number when it is asked for, and its
//! points from the launch, so that a matrix of any size takes no memory.

use std::collections::BTreeSet;

use domain::configuration::WorkloadForm;
use domain::spec::{
    AxisLink, FrameworkEntry, HardwareEntry, ModelEntry, ResolvedHosted, Selector, WorkloadEntry,
};
use domain::{
    Accelerator, Architecture, CampaignSpec, Configuration, Hardware, Launch, ModelName, ModelVersion,
    OrHosted, Quantisation, ServedBy, Workload, known,
};
use forecast::Setup;

/// A spec's axes, each without repetitions: two workload entries with different names and the same traffic are
/// one point, which is measured as the first of them says.
#[derive(Debug, Clone)]
pub struct Matrix<'a> {
    models: Vec<&'a ModelEntry>,
    /// Those that somebody else serves: they are multiplied with the traffic alone.
    hosted: Vec<ResolvedHosted>,
    quantisations: Vec<Quantisation>,
    hardware: Vec<&'a HardwareEntry>,
    frameworks: Vec<&'a FrameworkEntry>,
    traffic: Vec<Traffic<'a>>,
    include: &'a [Selector],
    exclude: &'a [Selector],
    links: &'a [AxisLink],
}

/// One entry of the last axis: a workload's entry at one of its loads (concurrency, rate or batch size).
#[derive(Debug, Clone)]
pub struct Traffic<'a> {
    /// The entry: how long to measure.
    pub measure: &'a WorkloadEntry,
    /// The traffic.
    pub workload: Workload,
    /// Its canonical form, for the ids.
    pub form: WorkloadForm,
}

/// The server-side part of points, with the entries of the spec that it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The model's entry.
    pub model: &'a ModelEntry,
    /// The precision of its weights.
    pub quantisation: Quantisation,
    /// The hardware's entry.
    pub hardware: &'a HardwareEntry,
    /// The framework's entry.
    pub framework: &'a FrameworkEntry,
}

impl<'a> Server<'a> {
    /// What its speed and its memory depend on, with the sizes of its model.
    pub(crate) fn setup(&self, architecture: &'a Architecture) -> Setup<'a> {
        Setup {
            architecture,
            quantisation: self.quantisation,
            weights_only: known::weights_only(&self.model.name, self.quantisation),
            hardware: self.hardware.name,
            engine: self.framework.name,
        }
    }
}

/// One point.
#[derive(Debug, Clone, Copy)]
pub struct Point<'m, 'a> {
    /// What serves.
    pub server: Server<'a>,
    /// What it is asked.
    pub traffic: &'m Traffic<'a>,
}

/// The matrix of a spec.
#[must_use]
pub fn expand(spec: &CampaignSpec) -> Matrix<'_> {
    let workloads = spec.workloads.iter().flat_map(|entry| entry.workloads().map(move |w| (entry, w)));
    let traffic = distinct(workloads, |(_, workload)| workload.clone()).into_iter();
    let models = distinct(spec.models.iter(), |model| &model.name);
    let (hosted, models): (Vec<_>, Vec<_>) = models.into_iter().partition(|model| model.is_hosted());
    Matrix {
        models,
        hosted: hosted.into_iter().filter_map(ModelEntry::resolved_hosted).collect(),
        quantisations: distinct(spec.quantisations.iter().copied(), |precision| *precision),
        hardware: distinct(spec.hardware.iter(), |hardware| hardware.name),
        frameworks: distinct(spec.frameworks.iter(), |entry| entry.framework()),
        traffic: traffic
            .map(|(measure, workload)| Traffic { measure, form: WorkloadForm::of(&workload), workload })
            .collect(),
        include: &spec.include,
        exclude: &spec.exclude,
        links: &spec.link,
    }
}

/// The first with each key, in order.
fn distinct<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(key(item))).collect()
}

impl<'a> Matrix<'a> {
    /// Points before any are left out: the product of the axes' lengths.
    #[must_use]
    pub fn product(&self) -> u64 {
        let servers = self.servers_product().saturating_add(self.hosted.len() as u64);
        servers.saturating_mul(self.traffic.len() as u64)
    }

    fn servers_product(&self) -> u64 {
        [self.models.len(), self.quantisations.len(), self.hardware.len(), self.frameworks.len()]
            .into_iter()
            .fold(1, |product, n| product.saturating_mul(n as u64))
    }

    /// Every server, whether or not a point of it is kept. The framework varies fastest and the model slowest.
    pub fn servers(&self) -> impl Iterator<Item = Server<'a>> + '_ {
        (0..self.servers_product()).filter_map(|number| self.server(number))
    }

    /// The points of a server that are kept.
    pub fn points_of<'m>(&'m self, server: Server<'a>) -> impl Iterator<Item = Point<'m, 'a>> {
        let facets = Facets::of(&server);
        self.kept(facets).map(move |traffic| Point { server, traffic })
    }

    /// The hosted models.
    pub fn hosted(&self) -> &[ResolvedHosted] {
        &self.hosted
    }

    /// The traffic of a hosted model that is kept.
    pub fn traffic_of<'m>(&'m self, hosted: &'m ResolvedHosted) -> impl Iterator<Item = &'m Traffic<'a>> {
        self.kept(Facets::of_hosted(hosted))
    }

    fn kept<'m>(&'m self, facets: Facets<'m>) -> impl Iterator<Item = &'m Traffic<'a>> {
        self.traffic.iter().filter(move |traffic| self.keeps(&facets, traffic))
    }

    /// The points of servers that are kept. The workload varies fastest, so that points with the same launch are neighbours.
    pub fn points(&self) -> impl Iterator<Item = Point<'_, 'a>> {
        self.servers().flat_map(|server| self.points_of(server))
    }

    /// The server of a number; none from their product on.
    pub(crate) fn server(&self, number: u64) -> Option<Server<'a>> {
        let mut rest = number;
        let mut digit = |length: usize| {
            let length = length as u64;
            let digit = rest.checked_rem(length)?;
            rest /= length;
            usize::try_from(digit).ok()
        };
        let framework = self.frameworks.get(digit(self.frameworks.len())?)?;
        let hardware = self.hardware.get(digit(self.hardware.len())?)?;
        let quantisation = *self.quantisations.get(digit(self.quantisations.len())?)?;
        let model = self.models.get(usize::try_from(rest).ok()?)?;
        Some(Server { model, quantisation, hardware, framework })
    }

    /// Included, not excluded, and allowed by every link.
    fn keeps(&self, facets: &Facets<'_>, traffic: &Traffic<'_>) -> bool {
        let matches = |selector: &Selector| facets.match_all(selector, traffic);
        let any = |selectors: &[Selector]| selectors.iter().any(matches);
        (self.include.is_empty() || any(self.include))
            && !any(self.exclude)
            && self.links.iter().all(|link| !matches(&link.when) || any(&link.only))
    }

    /// The entries that a launch comes from, if the spec has them.
    pub(crate) fn entries_of(&self, launch: &Launch) -> Option<Server<'a>> {
        Some(Server {
            model: self.models.iter().find(|m| m.name == launch.model.model)?,
            quantisation: launch.model.quantisation,
            hardware: self.hardware.iter().find(|h| h.name == launch.hardware)?,
            framework: self.frameworks.iter().find(|f| f.framework() == launch.framework)?,
        })
    }
}

impl Server<'_> {
    /// The launch that it is.
    #[must_use]
    pub fn launch(&self) -> Launch {
        Launch {
            model: ModelVersion { model: self.model.name.clone(), quantisation: self.quantisation },
            hardware: self.hardware.name,
            framework: self.framework.framework(),
        }
    }
}

impl Point<'_, '_> {
    /// The configuration that the point is.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        Configuration { serving: self.server.launch().into(), workload: self.traffic.workload.clone() }
    }

    /// Whether a selector matches: every field that it states must.
    #[must_use]
    pub fn matches(&self, selector: &Selector) -> bool {
        Facets::of(&self.server).match_all(selector, self.traffic)
    }
}

/// What a selector looks at of what answers.
#[derive(Debug, Clone, Copy)]
struct Facets<'a> {
    model: &'a ModelName,
    quantisation: OrHosted<Quantisation>,
    accelerator: OrHosted<Accelerator>,
    hardware: OrHosted<Hardware>,
    framework: ServedBy,
}

impl<'a> Facets<'a> {
    const fn of(server: &Server<'a>) -> Self {
        Self {
            model: &server.model.name,
            quantisation: OrHosted::Own(server.quantisation),
            accelerator: OrHosted::Own(server.hardware.name.accelerator()),
            hardware: OrHosted::Own(server.hardware.name),
            framework: ServedBy::Engine(server.framework.name),
        }
    }

    const fn of_hosted(hosted: &'a ResolvedHosted) -> Self {
        Self {
            model: &hosted.hosted.model,
            quantisation: OrHosted::HOSTED,
            accelerator: OrHosted::HOSTED,
            hardware: OrHosted::HOSTED,
            framework: ServedBy::Provider(hosted.hosted.provider),
        }
    }

    fn match_all(&self, selector: &Selector, traffic: &Traffic<'_>) -> bool {
        let Selector { model, quantisation, accelerator, hardware, framework, use_case, workload } = selector;
        model.as_ref().is_none_or(|m| m == self.model)
            && quantisation.is_none_or(|q| OrHosted::Own(q) == self.quantisation)
            && accelerator.is_none_or(|a| OrHosted::Own(a) == self.accelerator)
            && hardware.is_none_or(|h| h == self.hardware)
            && framework.is_none_or(|f| f == self.framework)
            && use_case.is_none_or(|u| u == traffic.workload.use_case)
            && workload.as_ref().is_none_or(|name| *name == traffic.measure.name)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::cmp::Ordering;

    use super::*;

    /// A key that counts how often it is compared.
    #[derive(PartialEq, Eq)]
    struct Counted<'a>(u32, &'a Cell<u32>);

    impl Ord for Counted<'_> {
        fn cmp(&self, other: &Self) -> Ordering {
            self.1.set(self.1.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counted<'_> {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    #[test]
    fn an_axis_of_60_000_entries_is_not_compared_in_pairs() {
        let compared = Cell::new(0);
        let entries = (0..60_000).chain(0..10);
        let kept = distinct(entries, |entry| Counted(*entry, &compared));
        assert!(kept.into_iter().eq(0..60_000));
        // A node of the tree holds 11 keys at most, and is searched from its first.
        let each = compared.get() / 60_010;
        assert!(each < 60, "{each} comparisons of each");
    }
}
