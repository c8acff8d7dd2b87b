//! The **data folder** holds everything Assay keeps on one machine:
//! `results.db`, `ledger.db`, `objects/`, `logs/`, `models.json`, `schedules.json` and the locks of GPU slots and of whoever hosts the functions.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use domain::{Architecture, ModelName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::open::{ResultStores, open_result_stores};
use store::sqlite::{SqliteBus, SqliteLedger};
use store::{Ledger, Objects, ResultStore};

use crate::schedules::Schedules;

/// A data folder, which need not exist yet, and the stores that are used instead of its own.
#[derive(Clone)]
pub struct DataFolder {
    /// The folder.
    pub root: PathBuf,
    /// Address of another results store.
    pub results: Option<String>,
    /// Address of another ledger.
    pub ledger: Option<String>,
    /// Address of other objects.
    pub objects: Option<String>,
    /// Addresses of those who are told when a campaign has ended.
    pub notify: Option<String>,
    /// Where people reach the API.
    pub public_url: Option<String>,
}

impl DataFolder {
    /// Where job logs go.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Address of the results store.
    pub fn results_url(&self) -> String {
        self.results.clone().unwrap_or_else(|| format!("sqlite:{}", self.root.join("results.db").display()))
    }

    /// Address of the ledger.
    pub fn ledger_url(&self) -> String {
        self.ledger.clone().unwrap_or_else(|| self.own_ledger_url())
    }

    /// Address of the objects.
    pub fn objects_url(&self) -> String {
        self.objects.clone().unwrap_or_else(|| format!("dir:{}", self.root.join("objects").display()))
    }

    /// The results store, with what is kept beside results.
    pub async fn result_stores(&self) -> Result<ResultStores> {
        Ok(open_result_stores(&self.results_url()).await?)
    }

    /// The ledger.
    pub async fn ledger(&self) -> Result<Arc<dyn Ledger>> {
        Ok(cloud::open::open_ledger(&self.ledger_url()).await?)
    }

    /// The results store, for questions.
    pub async fn results_to_read(&self) -> Result<Arc<dyn ResultStore>> {
        Ok(store::open::open_results_to_read(&self.results_url()).await?)
    }

    /// The ledger, for questions.
    pub async fn ledger_to_read(&self) -> Result<Arc<dyn Ledger>> {
        Ok(cloud::open::open_ledger_to_read(&self.ledger_url()).await?)
    }

    /// The ledger, and the bus, which is in the file of the folder's own ledger.
    pub async fn ledger_and_bus(&self) -> Result<(Arc<dyn Ledger>, SqliteBus)> {
        let own = SqliteLedger::open(self.root.join("ledger.db")).await?;
        let bus = SqliteBus::of(&own);
        let elsewhere = self.ledger_url() != self.own_ledger_url();
        Ok((if elsewhere { self.ledger().await? } else { Arc::new(own) }, bus))
    }

    /// Address of the ledger in the folder, which has the bus.
    pub fn own_ledger_url(&self) -> String {
        format!("sqlite:{}", self.root.join("ledger.db").display())
    }

    /// The objects.
    pub async fn objects(&self) -> Result<Arc<dyn Objects>> {
        Ok(cloud::open::open_objects(&self.objects_url()).await?)
    }

    /// The models that were added to those that ship with Assay.
    pub fn models(&self) -> Result<BTreeMap<ModelName, Architecture>> {
        self.read_map("models.json")
    }

    /// Adds a model, or replaces the one of the same name.
    pub fn add_model(&self, name: &ModelName, architecture: &Architecture) -> Result<()> {
        let mut models = self.models()?;
        models.insert(name.clone(), architecture.clone());
        self.write_map("models.json", &models)
    }

    /// The schedules.
    pub fn schedules(&self) -> Result<Schedules> {
        self.read_map("schedules.json")
    }

    /// Changes the schedules.
    pub fn change_schedules<T>(&self, change: impl FnOnce(&mut Schedules) -> T) -> Result<T> {
        let mut schedules = self.schedules()?;
        let changed = change(&mut schedules);
        self.write_map("schedules.json", &schedules)?;
        Ok(changed)
    }

    /// A file of the folder; empty where there is none yet.
    fn read_map<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        let path = self.root.join(name);
        let read = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(T::default()),
            read => read.map_err(anyhow::Error::from).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?)),
        };
        read.with_context(|| format!("{} cannot be read; mend or remove it", path.display()))
    }

    /// Whoever reads it meanwhile finds the old file or the new one.
    fn write_map(&self, name: &str, map: &impl Serialize) -> Result<()> {
        create_folder(&self.root)?;
        let path = self.root.join(name);
        let written = path.with_extension("json.new");
        std::fs::write(&written, serde_json::to_vec_pretty(map)?)
            .and_then(|()| std::fs::rename(&written, &path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// For questions: an absent folder has no answers, and asking must not create one.
    pub fn must_exist(&self) -> Result<()> {
        if self.results.is_none() && !self.root.join("results.db").exists() {
            bail!(
                "there is nothing in {} yet; run a campaign with `assay run SPEC.yaml`",
                self.root.display()
            );
        }
        Ok(())
    }

    /// Whether somebody hosts the functions in the folder now.
    pub fn is_hosted(&self) -> Result<bool> {
        let path = self.root.join("host.lock");
        let file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            opened => opened.with_context(|| format!("{} cannot be opened", path.display()))?,
        };
        match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(e)) => {
                Err(e).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }

    /// Locks the folder for hosting the functions; two hosts would run every batch twice. The lock goes with
    /// the process, however it ends.
    pub fn lock_for_hosting(&self) -> Result<File> {
        let path = self.root.join("host.lock");
        create_folder(&self.root)?;
        let file = File::create(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!(
                "another assay is running campaigns in {}; wait for it, or give this one its own folder with --data",
                self.root.display()
            ),
            Err(TryLockError::Error(e)) => {
                Err(e).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("the folder {} cannot be created", path.display()))
}
