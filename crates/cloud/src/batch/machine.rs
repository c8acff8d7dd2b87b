//! A **machine** is what a job has for itself, so that nothing runs beside a measurement: the instance type that the
//! prices of its hardware config are of (`domain/data/instances.yaml`). Two L4 are on one with four, and nobody has the
//! others.

use domain::{Hardware, PriceKind, known};

/// The name of a machine without a GPU.
const CPU: &str = "cpu";

/// A kind of machine that there are queues for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Machine {
    /// One without a GPU, of a type that the deployment chose: it has no price here.
    Cpu,
    /// An instance type of the price list.
    Instance(&'static str),
}

impl Machine {
    /// The one for a hardware config where it is paid at this price; none where no instance has so many of its GPUs.
    pub(super) fn of(hardware: Hardware, price: PriceKind) -> Option<Self> {
        match hardware {
            Hardware::CPU => Some(Self::Cpu),
            _ => known::instance_of(hardware, price).map(Self::Instance),
        }
    }

    /// The one of a name in an address.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            CPU => Some(Self::Cpu),
            _ => known::INSTANCES.get_key_value(name).map(|(name, _)| Self::Instance(name)),
        }
    }

    /// The name: `g6.12xlarge`, `cpu`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cpu => CPU,
            Self::Instance(name) => name,
        }
    }
}
