//! A **Kubernetes fake**: an API server with the workflows of one namespace, and a controller of Argo Workflows whose pods
//! a test begins and ends. It is ours, and no more than what we read in the documentation:
//!
//! - objects, versions, conflicts, merge patches, lists in pages: <https://kubernetes.io/docs/reference/using-api/api-concepts/>
//! - names and labels: <https://kubernetes.io/docs/concepts/overview/working-with-objects/>
//! - what Argo notes of a workflow: <https://argo-workflows.readthedocs.io/en/latest/fields/#workflowstatus>
//! - retries: <https://argo-workflows.readthedocs.io/en/latest/retries/>; `shutdown`:
//!   <https://argo-workflows.readthedocs.io/en/latest/fields/#workflowspec>; a limit of workflows at once:
//!   <https://argo-workflows.readthedocs.io/en/latest/parallelism/>
//!
//! A workflow here is one pod and its retries: those of a template whose runner is tried again when it exits with 75, or
//! when the cluster took its pod away. Nothing is checked that we do not use: no admission, no RBAC but one token, no
//! watches, no other verbs.

mod api;
mod controller;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// The namespace that there is.
pub const NAMESPACE: &str = "gpu-workloads";

/// The template that there is.
pub const TEMPLATE: &str = "assay-batch";

/// How often a runner is tried again.
const RETRIES: usize = 2;

/// A running fake.
#[derive(Debug)]
pub struct KubernetesFake {
    shared: Arc<Shared>,
    credentials: TempDir,
    server: JoinHandle<()>,
    address: SocketAddr,
}

#[derive(Debug, Default)]
struct Shared {
    cluster: Mutex<Cluster>,
}

#[derive(Debug, Default)]
struct Cluster {
    workflows: BTreeMap<String, Value>,
    version: u64,
    token: String,
    /// Calls that are to be answered with 503 first.
    outages: u32,
    /// Workflows whose pod begins when somebody next asks for it to be changed.
    begins_before_patch: BTreeSet<String>,
    calls: Vec<String>,
    /// Whether too many workflows run, so that further ones are postponed.
    is_full: bool,
}

impl Shared {
    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().expect("nobody panicked with it")
    }
}

impl KubernetesFake {
    /// Starts a fake on a free port.
    ///
    /// # Panics
    /// When there is no port or no folder.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let router = api::router(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        let fake = Self { shared, credentials: tempfile::tempdir().expect("a folder"), server, address };
        fake.renew_token("first");
        fake
    }

    /// Its address. It speaks no TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder with the token that it takes.
    #[must_use]
    pub fn credentials(&self) -> PathBuf {
        self.credentials.path().to_owned()
    }

    /// Takes another token from now on, which is in the folder as well.
    ///
    /// # Panics
    /// When the folder is gone.
    pub fn renew_token(&self, token: &str) {
        let file: &Path = self.credentials.path();
        std::fs::write(file.join("token"), format!("{token}\n")).expect("it can be written");
        token.clone_into(&mut self.shared.cluster().token);
    }

    /// As many workflows run as may: those that come are postponed.
    pub fn be_full(&self) {
        self.shared.cluster().is_full = true;
    }

    /// Answers the next calls with 503.
    pub fn be_out(&self, calls: u32) {
        self.shared.cluster().outages = calls;
    }

    /// The names of all workflows.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shared.cluster().workflows.keys().cloned().collect()
    }

    /// The calls so far: method and path.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.shared.cluster().calls.clone()
    }

    /// A workflow.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn workflow(&self, name: &str) -> Value {
        self.shared.cluster().workflows.get(name).expect("a workflow of that name").clone()
    }

    /// A workflow is deleted, as by its time to live.
    pub fn delete(&self, name: &str) {
        self.shared.cluster().workflows.remove(name);
    }

    /// The pod that waits does so since an instant.
    pub fn wait_since(&self, name: &str, at: DateTime<Utc>) {
        self.shared.cluster().wait_since(name, at);
    }

    /// A node is there for the pod that waits, and has not its image.
    pub fn lack_image(&self, name: &str) {
        self.shared.cluster().lack_image(name);
    }

    /// A node is there for the pod that waits, and it runs.
    pub fn begin(&self, name: &str) {
        self.shared.cluster().begin(name);
    }

    /// The same, but only when somebody asks for the workflow to be changed: just before that.
    pub fn begin_before_patch(&self, name: &str) {
        self.shared.cluster().begins_before_patch.insert(name.to_owned());
    }

    /// The container of the pod that runs exits.
    pub fn exit(&self, name: &str, code: i32) {
        self.shared.cluster().exit(name, code);
    }

    /// The pod that runs is deleted with its node.
    pub fn lose_pod(&self, name: &str) {
        self.shared.cluster().lose_pod(name);
    }
}

impl Drop for KubernetesFake {
    fn drop(&mut self) {
        self.server.abort();
    }
}
