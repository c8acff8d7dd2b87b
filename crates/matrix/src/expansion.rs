//! **Expansion** multiplies the axes of a spec. A point is computed from its number when it is asked for, so
//! that a matrix of any size takes no memory.

use domain::spec::{Exclusion, FrameworkEntry, HardwareEntry, ModelEntry, WorkloadEntry};
use domain::{CampaignSpec, Configuration, Launch, ModelVersion, Quantisation, Workload};

/// A spec's axes, each without repetitions: two workload entries with different names and the same traffic are
/// one point, which is measured as the first of them says.
#[derive(Debug, Clone)]
pub struct Matrix<'a> {
    models: Vec<&'a ModelEntry>,
    quantisations: Vec<Quantisation>,
    hardware: Vec<&'a HardwareEntry>,
    frameworks: Vec<&'a FrameworkEntry>,
    workloads: Vec<(&'a WorkloadEntry, Workload)>,
    exclusions: &'a [Exclusion],
}

/// One point with the entries of the spec that it comes from.
#[derive(Debug, Clone)]
pub struct Point<'a> {
    /// The model's entry.
    pub model: &'a ModelEntry,
    /// The precision of its weights.
    pub quantisation: Quantisation,
    /// The hardware's entry.
    pub hardware: &'a HardwareEntry,
    /// The framework's entry.
    pub framework: &'a FrameworkEntry,
    /// The workload's entry: how long to measure.
    pub measure: &'a WorkloadEntry,
    /// The traffic: the entry at one of its loads.
    pub workload: Workload,
}

/// The matrix of a spec.
#[must_use]
pub fn expand(spec: &CampaignSpec) -> Matrix<'_> {
    let workloads = spec.workloads.iter().flat_map(|entry| entry.workloads().map(move |w| (entry, w)));
    Matrix {
        models: distinct(spec.models.iter(), |a, b| a.name == b.name),
        quantisations: distinct(spec.quantisations.iter().copied(), |a, b| a == b),
        hardware: distinct(spec.hardware.iter(), |a, b| a.name == b.name),
        frameworks: distinct(spec.frameworks.iter(), |a, b| a.framework() == b.framework()),
        workloads: distinct(workloads, |a, b| a.1 == b.1),
        exclusions: &spec.exclude,
    }
}

/// The first of each kind, in order. An axis has tens of entries, so that comparing all pairs is cheap.
fn distinct<T>(items: impl Iterator<Item = T>, same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.iter().any(|k| same(k, &item)) {
            kept.push(item);
        }
    }
    kept
}

impl<'a> Matrix<'a> {
    /// Points before exclusions: the product of the axes' lengths.
    #[must_use]
    pub fn product(&self) -> u64 {
        [
            self.models.len(),
            self.quantisations.len(),
            self.hardware.len(),
            self.frameworks.len(),
            self.workloads.len(),
        ]
        .into_iter()
        .map(|n| n as u64)
        .product()
    }

    /// The points that are not excluded. The workload varies fastest and the model slowest, so that points with
    /// the same launch are neighbours.
    pub fn points(&self) -> impl Iterator<Item = Point<'a>> + '_ {
        (0..self.product())
            .filter_map(|number| self.point(number))
            .filter(|point| !self.exclusions.iter().any(|exclusion| point.matches(exclusion)))
    }

    /// The point of a number below [`Self::product`].
    fn point(&self, number: u64) -> Option<Point<'a>> {
        let mut rest = number;
        let mut digit = |length: usize| {
            let length = length as u64;
            let digit = rest.checked_rem(length)?;
            rest /= length;
            usize::try_from(digit).ok()
        };
        let (measure, workload) = self.workloads.get(digit(self.workloads.len())?)?;
        let framework = self.frameworks.get(digit(self.frameworks.len())?)?;
        let hardware = self.hardware.get(digit(self.hardware.len())?)?;
        let quantisation = *self.quantisations.get(digit(self.quantisations.len())?)?;
        let model = self.models.get(digit(self.models.len())?)?;
        Some(Point { model, quantisation, hardware, framework, measure, workload: workload.clone() })
    }

    /// The entries that a launch comes from, if the spec has them.
    pub(crate) fn entries_of(
        &self,
        launch: &Launch,
    ) -> Option<(&'a ModelEntry, &'a HardwareEntry, &'a FrameworkEntry)> {
        Some((
            self.models.iter().find(|m| m.name == launch.model.model)?,
            self.hardware.iter().find(|h| h.name == launch.hardware)?,
            self.frameworks.iter().find(|f| f.framework() == launch.framework)?,
        ))
    }
}

impl Point<'_> {
    /// The configuration that the point is.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        Configuration {
            launch: Launch {
                model: ModelVersion { model: self.model.name.clone(), quantisation: self.quantisation },
                hardware: self.hardware.name,
                framework: self.framework.framework(),
            },
            workload: self.workload.clone(),
        }
    }

    /// Whether an exclusion covers the point: every field that the exclusion states must match.
    #[must_use]
    pub fn matches(&self, exclusion: &Exclusion) -> bool {
        let Exclusion { model, quantisation, accelerator, hardware, framework, use_case } = exclusion;
        model.as_ref().is_none_or(|m| *m == self.model.name)
            && quantisation.is_none_or(|q| q == self.quantisation)
            && accelerator.is_none_or(|a| a == self.hardware.name.accelerator())
            && hardware.is_none_or(|h| h == self.hardware.name)
            && framework.is_none_or(|f| f == self.framework.name)
            && use_case.is_none_or(|u| u == self.workload.use_case)
    }
}
