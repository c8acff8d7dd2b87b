//! The **environment** of a function holds the addresses of its ports, as docs/configuration.md has them. A port is opened
//! when a function asks for it and nothing is asked of it before its first use, so that a call waits for what it needs and
//! for nothing else. The address of the results store has a password in it and may be in a secret, which is read then.

use std::sync::Arc;

use cloud::open::{
    open_bus, open_dispatcher, open_hot_results, open_ledger, open_market, open_notifiers, open_objects,
    or_secret, uploaded,
};
use domain::Market;
use store::open::{ResultStores, STORE_VARIABLE, open_result_stores};
use store::{Bus, Dispatcher, HotResults, Ledger, Notifier, ObjectKey, Objects, Uploads};

use crate::Failure;

const LEDGER: &str = "ASSAY_LEDGER";
const OBJECTS: &str = "ASSAY_OBJECTS";
const BUS: &str = "ASSAY_BUS";
const DISPATCHER: &str = "ASSAY_DISPATCHER";
const DISPATCHER_FORM: &str = "batch://DEFINITION?spot=QUEUE&on-demand=QUEUE";
const HOT: &str = "ASSAY_HOT";
const NOTIFY: &str = "ASSAY_NOTIFY";
const PUBLIC_URL: &str = "ASSAY_PUBLIC_URL";

/// Where the Lambda service is, for the process that it started.
const RUNTIME: &str = "AWS_LAMBDA_RUNTIME_API";

/// Looks settings up.
#[derive(Debug)]
pub struct Environment(());

impl Environment {
    /// The environment of this process; logging begins.
    ///
    /// # Errors
    /// When Lambda did not start it.
    pub fn of_function() -> Result<Self, Failure> {
        telemetry::init();
        let environment = Self(());
        let started = environment.lookup(RUNTIME).is_some();
        started.then_some(environment).ok_or_else(|| {
            Failure::setting(
                "this program is started by AWS Lambda; on one machine `assay up` does the same".to_owned(),
            )
        })
    }

    /// Campaigns and batches.
    ///
    /// # Errors
    /// When there is no address, or it names no adapter. So do the other ports.
    pub async fn ledger(&self) -> Result<Arc<dyn Ledger>, Failure> {
        Ok(open_ledger(&self.address(LEDGER, "dynamodb://TABLE")?).await?)
    }

    /// Results, and what is kept beside them.
    ///
    /// # Errors
    /// As [`Self::ledger`].
    pub async fn result_stores(&self) -> Result<ResultStores, Failure> {
        let url = self.address(STORE_VARIABLE, "postgres://USER:PASSWORD@HOST/DATABASE or aws-sm:NAME")?;
        Ok(open_result_stores(&or_secret(&url).await?).await?)
    }

    /// Specs, plans, manifests, the catalogue.
    ///
    /// # Errors
    /// As [`Self::ledger`].
    pub async fn objects(&self) -> Result<Arc<dyn Objects>, Failure> {
        Ok(open_objects(&self.objects_address()?).await?)
    }

    /// Whom functions tell.
    ///
    /// # Errors
    /// As [`Self::ledger`].
    pub async fn bus(&self) -> Result<Arc<dyn Bus>, Failure> {
        Ok(Arc::new(open_bus(&self.address(BUS, "eventbridge://BUS")?).await?))
    }

    /// Who runs batches.
    ///
    /// # Errors
    /// As [`Self::ledger`].
    pub async fn dispatcher(&self) -> Result<Arc<dyn Dispatcher>, Failure> {
        let url = self.address(DISPATCHER, DISPATCHER_FORM)?;
        let (ledger, objects) = (self.address(LEDGER, "dynamodb://TABLE")?, self.objects_address()?);
        Ok(open_dispatcher(&url, &ledger, &objects).await?)
    }

    /// Where the dispatcher rents machines, for those who plan and submit nothing.
    ///
    /// # Errors
    /// As [`Self::ledger`].
    pub fn market(&self) -> Result<Arc<dyn Market>, Failure> {
        Ok(open_market(&self.address(DISPATCHER, DISPATCHER_FORM)?)?)
    }

    /// Answers kept close: in this process, unless there is an address.
    ///
    /// # Errors
    /// When the address names no adapter.
    pub fn hot(&self) -> Result<Arc<dyn HotResults>, Failure> {
        Ok(open_hot_results(self.lookup(HOT).as_deref().unwrap_or("memory"))?)
    }

    /// Who is told when a campaign has ended: nobody, unless there are addresses.
    ///
    /// # Errors
    /// When an address names no adapter.
    pub async fn notifiers(&self) -> Result<Vec<Arc<dyn Notifier>>, Failure> {
        Ok(open_notifiers(&self.lookup(NOTIFY).unwrap_or_default()).await?)
    }

    /// Where people reach the API.
    #[must_use]
    pub fn public_url(&self) -> Option<String> {
        self.lookup(PUBLIC_URL)
    }

    /// A setting that a function reads itself, if it is not empty.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<String> {
        self.lookup(name)
    }

    /// What an uploaded object is to us; `None` where it is not in our objects, or not an upload.
    ///
    /// # Errors
    /// When the objects have no address.
    pub fn uploaded(&self, bucket: &str, key: &str) -> Result<Option<(Uploads, ObjectKey)>, Failure> {
        Ok(uploaded(&self.objects_address()?, bucket, key))
    }

    fn objects_address(&self) -> Result<String, Failure> {
        self.address(OBJECTS, "s3://BUCKET/PREFIX")
    }

    fn address(&self, name: &str, form: &str) -> Result<String, Failure> {
        self.lookup(name).ok_or_else(|| Failure::setting(format!("{name} is not set; set it to {form}")))
    }

    fn lookup(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}
