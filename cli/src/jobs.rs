//! The **jobs** of a host: processes of this machine, or workflows of a cluster.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use cloud::argo::ArgoDispatcher;
use cloud::open::{is_argo, open_argo};
use store::processes::ProcessDispatcher;
use store::sqlite::SqliteBus;
use store::{Dispatcher, StoreError};

use crate::exit::Unusable;

/// How long runners get to stop their engines when the host stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(30);

/// How often it is looked which workflows have ended.
const LOOK: Duration = Duration::from_secs(5);

/// Where jobs run.
pub enum Jobs {
    /// Here: they end with us.
    Processes(Arc<ProcessDispatcher>),
    /// In a cluster: they go on without us, and whoever hosts next tells their ends.
    Workflows(Arc<ArgoDispatcher>),
}

impl Jobs {
    /// The same as a port.
    pub fn dispatcher(&self) -> Arc<dyn Dispatcher> {
        match self {
            Self::Processes(processes) => processes.clone(),
            Self::Workflows(workflows) => workflows.clone(),
        }
    }

    /// Tells a bus the ends of jobs that nobody told, and says whether there were any. Jobs of this machine ended with
    /// whoever hosted them.
    pub async fn tell_ends(&self, bus: &SqliteBus) -> Result<bool, StoreError> {
        match self {
            Self::Processes(_) => Ok(false),
            Self::Workflows(workflows) => Ok(workflows.tell_ends(bus).await? > 0),
        }
    }

    /// Tells a bus the ends of jobs, for ever. Returns why the end of a job cannot be told: its campaign would wait for ever.
    pub async fn untold_end(&self, bus: &SqliteBus) -> StoreError {
        let workflows = match self {
            Self::Processes(processes) => return processes.untold_end().await,
            Self::Workflows(workflows) => workflows,
        };
        let mut failed = false;
        loop {
            match workflows.tell_ends(bus).await {
                Ok(_) => failed = false,
                // They are told when the cluster answers again; that it does not is said once.
                Err(error) if !std::mem::replace(&mut failed, true) => {
                    tracing::error!("ends of jobs are not told: {error}");
                }
                Err(_) => {}
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Stops those that end with us: what they have finished is kept.
    pub async fn shut_down(&self) {
        if let Self::Processes(processes) = self {
            processes.shutdown(SHUTDOWN_GRACE).await;
        }
    }
}

/// Opens the workflows of an address such as `argo://gpu-workloads/assay-batch`.
///
/// # Errors
/// When it is no address, or this is no cluster.
pub async fn open_workflows(url: &str, ledger: &str, objects: &str) -> Result<Arc<ArgoDispatcher>> {
    if !is_argo(url) {
        let mend = "here jobs are those of this machine, or of argo://NAMESPACE/TEMPLATE";
        return Err(Unusable(format!("`{url}` is no dispatcher of `assay`; {mend}")).into());
    }
    Ok(Arc::new(open_argo(url, ledger, objects).await?))
}
