//! The **home** of jobs is what AWS Batch runs their containers on. What a submission says and what is told of a job
//! differ with it, so that an address names it: `batch://` or `batch-eks://`.

/// Where the jobs of an address run. A job definition and a queue are of one home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Machines of AWS Batch's own, with containers of ECS.
    Ecs,
    /// Nodes that AWS Batch adds to an EKS cluster, with pods ([`super::pods`]).
    Eks,
}

impl Home {
    /// The home and the rest of an address.
    pub(crate) fn of(url: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = url.split_once("://")?;
        match scheme {
            "batch" => Some((Self::Ecs, rest)),
            "batch-eks" => Some((Self::Eks, rest)),
            _ => None,
        }
    }
}
