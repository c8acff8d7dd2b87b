//! **Addresses** of this crate's adapters, and, for those of one machine, of the crate `store`. Nothing is asked of AWS
//! when an address is opened.

use std::sync::Arc;

use domain::{CheaperOfBoth, Engine, JobPlace, Market, PriceKind};
use store::memory::MemoryHotResults;
use store::open::bad_url;
use store::{Dispatcher, HotResults, Ledger, LogNotifier, Notifier, ObjectKey, Objects, StoreError, Uploads};

use crate::argo::{ArgoConfig, ArgoDispatcher, KubernetesConfig, SERVICE_ACCOUNT};
use crate::aws::{Aws, Place};
use crate::batch::{
    BatchConfig, BatchDispatcher, Capacity, ENGINE, HARDWARE, Home, Machine, has_blank, queue_without_blanks,
    without_blanks,
};
use crate::dynamodb::DynamoLedger;
use crate::event_bridge::{EventBridgeBus, SqsQueue};
use crate::redis::RedisHotResults;
use crate::s3::S3Objects;
use crate::secrets::Secrets;
use crate::slack::{SECRET, SlackNotifier};
use crate::sns::SnsNotifier;

/// Opens a ledger: `dynamodb://TABLE`, or one of this machine.
///
/// # Errors
/// When the address names no adapter, or the adapter cannot be opened.
pub async fn open_ledger(url: &str) -> Result<Arc<dyn Ledger>, StoreError> {
    match url.strip_prefix("dynamodb://") {
        Some(table) if is_name(table) => {
            Ok(Arc::new(DynamoLedger::new(&Aws::from_environment().await, table)))
        }
        Some(_) => Err(bad_url(url, "ledger", LEDGERS)),
        None => store::open::open_ledger(url).await.map_err(|e| with_forms(e, LEDGERS)),
    }
}

/// An address, or the one that the text of a secret is: `aws-sm:NAME`. Whoever may see the settings of a program does not
/// see the password then.
///
/// # Errors
/// When there is no such secret, or it may not be read.
pub async fn or_secret(address: &str) -> Result<String, StoreError> {
    match address.strip_prefix(SECRET).filter(|name| is_secret(name)) {
        None => Ok(address.to_owned()),
        Some(name) => secret_address(&Secrets::new(&Aws::from_environment().await), name).await,
    }
}

/// The address in a secret, which people often end with a line feed.
///
/// # Errors
/// As [`or_secret`].
pub async fn secret_address(secrets: &Secrets, name: &str) -> Result<String, StoreError> {
    Ok(secrets.text(name).await?.trim().to_owned())
}

/// Opens a ledger for questions.
///
/// # Errors
/// As [`open_ledger`].
pub async fn open_ledger_to_read(url: &str) -> Result<Arc<dyn Ledger>, StoreError> {
    match url.strip_prefix("dynamodb://") {
        Some(_) => open_ledger(url).await,
        None => store::open::open_ledger_to_read(url).await.map_err(|e| with_forms(e, LEDGERS)),
    }
}

/// Opens an objects store: `s3://BUCKET/PREFIX`, or one of this machine.
///
/// # Errors
/// As [`open_ledger`].
pub async fn open_objects(url: &str) -> Result<Arc<dyn Objects>, StoreError> {
    match bucket_and_prefix(url) {
        Some((bucket, prefix)) => {
            if !is_name(bucket) || prefix.split('/').any(|part| part == "..") {
                return Err(bad_url(url, "objects store", OBJECTS));
            }
            Ok(Arc::new(S3Objects::new(&Aws::from_environment().await, bucket, prefix)))
        }
        None => store::open::open_objects(url).await.map_err(|e| with_forms(e, OBJECTS)),
    }
}

/// The key that an object of a bucket has in the objects store of an address, as people upload to it; `None` where it is no
/// upload, or not in that store.
#[must_use]
pub fn uploaded(objects_url: &str, bucket: &str, key: &str) -> Option<(Uploads, ObjectKey)> {
    let (ours, prefix) = bucket_and_prefix(objects_url)?;
    let prefix = prefix.trim_matches('/');
    let key = if prefix.is_empty() { key } else { key.strip_prefix(prefix)?.strip_prefix('/')? };
    (bucket == ours).then(|| ObjectKey::uploaded(key)).flatten()
}

fn bucket_and_prefix(url: &str) -> Option<(&str, &str)> {
    let place = url.strip_prefix("s3://")?;
    Some(place.split_once('/').unwrap_or((place, "")))
}

/// Opens a dispatcher: `batch://DEFINITION?spot=QUEUE&on-demand=QUEUE`, with one of the queues or both, and
/// `&instances=LIST` where names have blanks, the same under `batch-eks://` with the blank `{hardware}` in the
/// definition's name, or `argo://NAMESPACE/TEMPLATE`. Its runners get the addresses of the ledger and the objects.
///
/// # Errors
/// As [`open_ledger`].
pub async fn open_dispatcher(
    url: &str,
    ledger_url: &str,
    objects_url: &str,
) -> Result<Arc<dyn Dispatcher>, StoreError> {
    if is_argo(url) {
        return Ok(Arc::new(open_argo(url, ledger_url, objects_url).await?));
    }
    let BatchAddress { home, definition, capacity, machines, engines } =
        batch_address(url).ok_or_else(|| bad_url(url, "dispatcher", DISPATCHERS))?;
    let config = BatchConfig {
        home,
        definition,
        capacity,
        machines,
        engines,
        ledger_url: ledger_url.to_owned(),
        objects_url: objects_url.to_owned(),
    };
    Ok(Arc::new(BatchDispatcher::new(&Aws::from_environment().await, config)))
}

/// Where the dispatcher of an address rents machines, for those who plan and submit nothing.
///
/// # Errors
/// When the address names no adapter.
pub fn open_market(url: &str) -> Result<Arc<dyn Market>, StoreError> {
    if is_argo(url) {
        return Ok(Arc::new(CheaperOfBoth));
    }
    let address = batch_address(url).ok_or_else(|| bad_url(url, "dispatcher", DISPATCHERS))?;
    Ok(Arc::new(address))
}

/// Whether an address is that of a dispatcher to Argo Workflows, which [`open_argo`] opens.
#[must_use]
pub fn is_argo(url: &str) -> bool {
    url.starts_with("argo:")
}

/// Opens the dispatcher of `argo://NAMESPACE/TEMPLATE`, for those who also tell the ends of its jobs.
///
/// The API of Kubernetes is that of the pod that we run in; outside of a cluster `ASSAY_KUBERNETES` has its address, and
/// `ASSAY_KUBERNETES_CREDENTIALS` the folder of a token and a certificate.
///
/// # Errors
/// When the address is none, we run in no cluster and no other is named, or its certificate cannot be read.
pub async fn open_argo(url: &str, ledger_url: &str, objects_url: &str) -> Result<ArgoDispatcher, StoreError> {
    let (namespace, template) = argo_address(url).ok_or_else(|| bad_url(url, "dispatcher", DISPATCHERS))?;
    let config = ArgoConfig {
        namespace: namespace.to_owned(),
        template: template.to_owned(),
        ledger_url: ledger_url.to_owned(),
        objects_url: objects_url.to_owned(),
    };
    ArgoDispatcher::new(kubernetes()?, config, open_objects(objects_url).await?)
}

fn kubernetes() -> Result<KubernetesConfig, StoreError> {
    let told = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = told("ASSAY_KUBERNETES").map(|server| KubernetesConfig {
        server,
        credentials: told("ASSAY_KUBERNETES_CREDENTIALS")
            .unwrap_or_else(|| SERVICE_ACCOUNT.to_owned())
            .into(),
    });
    named.or_else(KubernetesConfig::of_pod).ok_or_else(|| {
        Place::new("the API of Kubernetes").refused(
            "this is no pod, and ASSAY_KUBERNETES is not set",
            "run it in the cluster, or set ASSAY_KUBERNETES and ASSAY_KUBERNETES_CREDENTIALS",
        )
    })
}

/// Namespace and template.
fn argo_address(url: &str) -> Option<(&str, &str)> {
    let (namespace, template) = url.strip_prefix("argo://")?.split_once('/')?;
    [namespace, template].into_iter().all(is_label).then_some((namespace, template))
}

/// What Kubernetes allows as the name of a namespace.
fn is_label(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len()) && text.chars().all(ok) && !text.starts_with('-') && !text.ends_with('-')
}

/// Opens a bus to publish on: `eventbridge://BUS`.
///
/// # Errors
/// As [`open_ledger`].
pub async fn open_bus(url: &str) -> Result<EventBridgeBus, StoreError> {
    match url.strip_prefix("eventbridge://") {
        Some(bus) if is_name(bus) => Ok(EventBridgeBus::new(&Aws::from_environment().await, bus)),
        _ => Err(bad_url(url, "bus", "eventbridge://BUS")),
    }
}

/// Opens a queue that events are delivered to: `sqs://QUEUE`.
///
/// # Errors
/// As [`open_ledger`], or when there is no such queue.
pub async fn open_queue(url: &str) -> Result<SqsQueue, StoreError> {
    match url.strip_prefix("sqs://") {
        Some(queue) if is_name(queue) => SqsQueue::find(&Aws::from_environment().await, queue).await,
        _ => Err(bad_url(url, "queue", "sqs://QUEUE")),
    }
}

/// Opens a place for hot results: `memory`, which is this process, or a Redis.
///
/// # Errors
/// When the address names no adapter.
pub fn open_hot_results(url: &str) -> Result<Arc<dyn HotResults>, StoreError> {
    match url.split_once(':') {
        None if url == "memory" => Ok(Arc::new(MemoryHotResults::new(HOT_ANSWERS))),
        Some(("redis" | "rediss" | "redis+unix", _)) => Ok(Arc::new(RedisHotResults::new(url)?)),
        _ => Err(bad_url(url, "place for hot results", HOT_RESULTS)),
    }
}

/// Opens notifiers: addresses with commas between them, each `log:`, `slack:VARIABLE`, `slack:aws-sm:NAME` or `sns:ARN`. None is an answer too:
/// then nobody is told.
///
/// # Errors
/// When an address names no adapter, or the variable that it names is not set.
pub async fn open_notifiers(addresses: &str) -> Result<Vec<Arc<dyn Notifier>>, StoreError> {
    let mut notifiers: Vec<Arc<dyn Notifier>> = Vec::new();
    for address in addresses.split(',').map(str::trim).filter(|address| !address.is_empty()) {
        notifiers.push(match address.split_once(':') {
            Some(("log", "")) => Arc::new(LogNotifier),
            Some(("slack", place))
                if let Some(name) = place.strip_prefix(SECRET).filter(|n| is_secret(n)) =>
            {
                let secrets = Secrets::new(&Aws::from_environment().await);
                Arc::new(SlackNotifier::of_secret(secrets, name))
            }
            Some(("slack", variable)) if is_name(variable) => Arc::new(SlackNotifier::of_variable(variable)?),
            Some(("sns", arn)) if arn.starts_with("arn:") => {
                Arc::new(SnsNotifier::new(&Aws::from_environment().await, arn))
            }
            _ => return Err(bad_url(address, "notifier", NOTIFIERS)),
        });
    }
    Ok(notifiers)
}

/// Answers that one process keeps close at most.
const HOT_ANSWERS: u64 = 10_000;

const HOT_RESULTS: &str =
    "memory, redis://HOST, redis://:PASSWORD@HOST:PORT/DATABASE, rediss://... with TLS or redis+unix://PATH";
const NOTIFIERS: &str = "log:, slack:VARIABLE or slack:aws-sm:NAME of the variable or the secret that holds the webhook, or sns:ARN of a topic";
const LEDGERS: &str = "sqlite:PATH or dynamodb://TABLE";
const DISPATCHERS: &str = "batch://DEFINITION?spot=QUEUE&on-demand=QUEUE, or with blanks, the machines and the engines that there are: \
     batch://assay-{engine}-{instance}?spot=assay-{instance}&instances=cpu,g6.xlarge&engines=vllm, batch-eks:// where jobs run on EKS, \
     with {hardware} in the definition, or argo://NAMESPACE/TEMPLATE";
const OBJECTS: &str = "dir:PATH or s3://BUCKET/PREFIX";

/// What an address of AWS Batch says.
#[derive(Debug, PartialEq, Eq)]
struct BatchAddress {
    home: Home,
    definition: String,
    capacity: Capacity,
    machines: Vec<Machine>,
    engines: Vec<Engine>,
}

impl Market for BatchAddress {
    fn first_price(&self, place: JobPlace) -> PriceKind {
        self.capacity.first_price(place, &self.machines)
    }
}

fn batch_address(url: &str) -> Option<BatchAddress> {
    let (home, rest) = Home::of(url)?;
    let (definition, options) = rest.split_once('?')?;
    let (mut spot, mut on_demand, mut machines, mut engines) = (None, None, None, None);
    for option in options.split('&') {
        let (name, value) = option.split_once('=')?;
        let place = match name {
            "spot" => &mut spot,
            "on-demand" => &mut on_demand,
            "instances" => &mut machines,
            "engines" => &mut engines,
            _ => return None,
        };
        if place.replace(value.to_owned()).is_some() {
            return None;
        }
    }
    // A definition may be named with its revision.
    let is_definition = without_blanks(definition).split(':').all(is_name);
    let are_queues =
        [&spot, &on_demand].into_iter().flatten().all(|queue| is_name(&queue_without_blanks(queue)));
    let has_blanks =
        has_blank(definition) || [&spot, &on_demand].into_iter().flatten().any(|queue| has_blank(queue));
    let of_engines = definition.contains(ENGINE);
    if !is_definition || !are_queues || has_blanks != machines.is_some() || of_engines != engines.is_some() {
        return None;
    }
    // The definition alone says the GPUs of a pod.
    if home == Home::Eks && !definition.contains(HARDWARE) {
        return None;
    }
    let engine = |name: &str| Engine::ALL.into_iter().find(|engine| engine.name() == name);
    Some(BatchAddress {
        home,
        definition: definition.to_owned(),
        capacity: Capacity::of(spot, on_demand)?,
        machines: list(machines.as_deref(), Machine::named)?,
        engines: list(engines.as_deref(), engine)?,
    })
}

/// What names with commas between them name; `None` where one of them names nothing.
fn list<T>(names: Option<&str>, named: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    names.into_iter().flat_map(|names| names.split(',')).map(named).collect()
}

/// What names of resources are made of. AWS says whether there is such a one.
fn is_name(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 255 && text.chars().all(ok)
}

/// What names and ARNs of secrets are made of.
fn is_secret(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c);
    !text.is_empty() && text.len() <= 2048 && text.chars().all(ok)
}

/// Names our forms too, where an address is none of this machine's.
fn with_forms(error: StoreError, expected: &'static str) -> StoreError {
    match error {
        StoreError::BadUrl { url, port, .. } => StoreError::BadUrl { url, port, expected },
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_decide_the_capacity() {
        let spot = || "s".to_owned();
        let on_demand = || "o".to_owned();
        for (url, capacity) in [
            ("batch://runner?spot=s", Some(Capacity::Spot(spot()))),
            ("batch://runner:3?on-demand=o", Some(Capacity::OnDemand(on_demand()))),
            (
                "batch://runner?on-demand=o&spot=s",
                Some(Capacity::SpotThenOnDemand { spot: spot(), on_demand: on_demand() }),
            ),
            ("batch://runner", None),
            ("batch://?spot=s", None),
            ("batch://runner?spot=", None),
            ("batch://runner?spot=s&spot=t", None),
            ("batch://runner?queue=s", None),
        ] {
            assert_eq!(batch_address(url).map(|address| address.capacity), capacity, "{url}");
        }
    }

    #[test]
    fn blanks_need_the_machines_that_there_are() {
        let url =
            "batch://a-{engine}-{instance}?spot={instance}-s&instances=cpu,p5.4xlarge&engines=llama.cpp";
        let address = batch_address(url).unwrap();
        assert_eq!(address.machines, [Machine::Cpu, Machine::Instance("p5.4xlarge")]);
        assert_eq!(address.engines, [Engine::LlamaCpp]);
        assert!(batch_address("batch://a-{hardware}?spot={instance}-s&instances=cpu").is_some());
        for bad in [
            "batch://a-{engine}?spot=s",
            "batch://a?spot={instance}",
            "batch://a?spot=s&instances=cpu",
            "batch://a-{engine}?spot=s&instances=cpu",
            "batch://a-{hardware}?spot=s&instances=cpu&engines=vllm",
            "batch://a-{engine}?spot=s&instances=p5.5xlarge&engines=vllm",
            "batch://a-{engine}?spot=s&instances=&engines=vllm",
            "batch://a-{engine}?spot=s&instances=cpu&engines=",
            "batch://a-{gpu}?spot=s&instances=cpu",
            "batch://a-{engine}?spot={engine}&instances=cpu&engines=vllm",
        ] {
            assert_eq!(batch_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn on_eks_each_hardware_has_its_definition() {
        let url =
            "batch-eks://a-{engine}-{hardware}-eks?on-demand={instance}-eks&instances=g6.xlarge&engines=vllm";
        assert_eq!(batch_address(url).unwrap().home, Home::Eks);
        assert_eq!(batch_address(&url.replace("batch-eks", "batch")).unwrap().home, Home::Ecs);
        for bad in [
            "batch-eks://runner?spot=s",
            "batch-eks://{engine}?spot=s&instances=g6.xlarge&engines=vllm",
            "batch-ecs://a?spot=s",
        ] {
            assert_eq!(batch_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_template_of_argo_is_in_a_namespace() {
        assert_eq!(argo_address("argo://gpu-workloads/assay-batch"), Some(("gpu-workloads", "assay-batch")));
        for bad in
            ["argo:assay", "argo://gpu-workloads", "argo:///x", "argo://a/", "argo://A/b", "argo://a/b/c"]
        {
            assert_eq!(argo_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_upload_is_known_by_its_place() {
        let key = |url: &str, key: &str| uploaded(url, "b", key).map(|(_, key)| key.to_string());
        assert_eq!(key("s3://b", "specs/x.yaml").unwrap(), "specs/x.yaml");
        assert_eq!(key("s3://b/a/c/", "a/c/specs/x.yaml").unwrap(), "specs/x.yaml");
        for (url, other) in [
            ("s3://b/a", "specs/x.yaml"),
            ("s3://c", "specs/x.yaml"),
            ("s3://b/a", "ab/specs/x"),
            ("dir:b", "specs/x"),
        ] {
            assert_eq!(key(url, other), None, "{url} {other}");
        }
    }

    #[tokio::test]
    async fn a_webhook_may_be_in_a_variable_or_in_a_secret() {
        let addresses =
            "log:, slack:aws-sm:prod/slack, slack:aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:s-1";
        let notifiers = open_notifiers(addresses).await.unwrap();
        let opened: Vec<&str> = notifiers.iter().map(|notifier| notifier.address()).collect();
        assert_eq!(opened.join(", "), addresses);
        for bad in ["slack:", "slack:aws-sm:", "slack:aws-sm:a b", "mail:x"] {
            let message = open_notifiers(bad).await.err().unwrap().to_string();
            assert!(message.contains("slack:aws-sm:NAME"), "{message}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_with_every_form() {
        for (url, form) in [("dynamodb://", "dynamodb://TABLE"), ("redis://u:secret@h", "sqlite:PATH")] {
            let message = open_ledger(url).await.err().unwrap().to_string();
            assert!(message.contains(form) && !message.contains("secret"), "{message}");
        }
        for url in ["s3://", "s3:///x", "s3://b/../x", "file:x"] {
            let message = open_objects(url).await.err().unwrap().to_string();
            assert!(message.contains("s3://BUCKET/PREFIX") && message.contains("dir:PATH"), "{message}");
        }
    }
}
