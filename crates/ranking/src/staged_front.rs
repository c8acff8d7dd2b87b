//! A front that grows from points in lexicographic order without copies, in the form in which the next point is
//! compared fastest. Whatever dominates a point came before it, so that no member is ever taken back, and the first
//! objective never needs to be compared.

use crate::window::Window;

pub(crate) enum StagedFront {
    /// One objective: whether the best has been seen.
    Line { seen: bool },
    /// Two: the least second value.
    Sweep { least: Option<f64> },
    /// Three: second values ascending with third values descending.
    Staircase { steps: Vec<(f64, f64)> },
    /// More: all of them.
    Scan { window: Window },
}

impl StagedFront {
    pub(crate) fn new(width: usize) -> Self {
        match width {
            0 | 1 => Self::Line { seen: false },
            2 => Self::Sweep { least: None },
            3 => Self::Staircase { steps: Vec::new() },
            _ => Self::Scan { window: Window::new(width - 1) },
        }
    }

    /// Whether a member dominates a point that comes after all of them and is no copy of one.
    pub(crate) fn dominates(&mut self, p: &[f64]) -> bool {
        match self {
            Self::Line { seen } => *seen,
            Self::Sweep { least } => least.is_some_and(|least| least <= p[1]),
            Self::Staircase { steps } => {
                let after = steps.partition_point(|&(y, _)| y <= p[1]);
                after > 0 && steps[after - 1].1 <= p[2]
            }
            Self::Scan { window } => window.covers(&p[1..]),
        }
    }

    /// Adds a point that no member dominates.
    pub(crate) fn push(&mut self, p: &[f64]) {
        match self {
            Self::Line { seen } => *seen = true,
            Self::Sweep { least } => *least = Some(p[1]),
            Self::Staircase { steps } => {
                let (y, z) = (p[1], p[2]);
                // Steps from y on that are as high or higher are now of no use. One at the same y is higher, or it
                // would have dominated.
                let from = steps.partition_point(|&(step_y, _)| step_y < y);
                let to = from + steps[from..].partition_point(|&(_, step_z)| step_z >= z);
                steps.splice(from..to, [(y, z)]);
            }
            Self::Scan { window } => window.push(&p[1..]),
        }
    }
}
