//! The **workflow** of a job: its name, its labels, and what it hands to the template.

use std::collections::BTreeSet;

use domain::content_hash::hash_bytes;
use domain::{BatchId, BatchManifest, CampaignId, Engine, JobPlace, PriceKind, Rent, known};
use serde_json::{Value, json};

/// What the API calls the kind.
pub(super) const API_VERSION: &str = "argoproj.io/v1alpha1";

/// The label that names the campaign of a job, as [`campaign_label`] makes it.
pub(super) const CAMPAIGN_LABEL: &str = "assay/campaign";

/// The label of a workflow whose end was told.
pub(super) const TOLD_LABEL: &str = "assay/told";

/// The annotation that says why we stopped it.
pub(super) const STOPPED_ANNOTATION: &str = "assay/stopped";

/// The annotation of a workflow that we ended since it found no spot node.
pub(super) const NO_NODE_ANNOTATION: &str = "assay/no-spot-node";

/// The annotation that says when we first saw that the image of a workflow's pod is not to be had.
pub(super) const NO_IMAGE_SINCE_ANNOTATION: &str = "assay/no-image-since";

/// The annotation of a workflow that we ended since its image was not to be had, with what was said of it.
pub(super) const NO_IMAGE_ANNOTATION: &str = "assay/no-image";

/// The annotation of a workflow that we ended since it found no node on demand, where none is looked for after that.
pub(super) const NOWHERE_ANNOTATION: &str = "assay/no-node";

/// The label by which Argo marks what has ended.
pub(super) const COMPLETED_LABEL: &str = "workflows.argoproj.io/completed";

/// The label of nodes, made by the node pools, that names their accelerator: `l4`, `h100`, or `cpu`.
pub(super) const GPU_LABEL: &str = "assay/gpu";

/// Parameters that a job hands over.
pub(super) const CAMPAIGN: &str = "campaign";
pub(super) const BATCH: &str = "batch";
pub(super) const CAPACITY: &str = "capacity";
pub(super) const NODE_SELECTOR: &str = "node-selector";

/// Letters of a campaign's id that names show.
const READABLE: usize = 24;

/// A campaign as a label and as the beginning of names. It has fewer characters than an id; the hash tells campaigns
/// apart that look the same then.
pub(super) fn campaign_label(campaign: &CampaignId) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let readable: String = campaign.as_str().chars().take(READABLE).map(allowed).collect();
    let readable = readable.trim_matches('-');
    format!("{readable}-{}", &hash_bytes(campaign.as_str().as_bytes())[..10])
}

/// The name of the nth job of a batch. Whoever submits the same job makes the same name, so that one of them is refused.
pub(super) fn name(batch: &BatchId, campaign: &CampaignId, nth: u32) -> String {
    format!("{}-b{}-{nth}", campaign_label(campaign), batch.index().unwrap_or(0))
}

/// Which job of its batch a workflow is, by its name; 0 for one that we did not name.
pub(super) fn nth(name: &str) -> u32 {
    name.rsplit_once('-').and_then(|(_, nth)| nth.parse().ok()).unwrap_or(0)
}

/// What a batch must find where it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Needs {
    pub place: JobPlace,
    gpus: u32,
    /// What its prices are of, where the machine matters.
    rent: Option<Rent>,
}

impl Needs {
    /// Of a manifest; or the engines of one that needs several, of which no image has more than one.
    pub fn of(manifest: &BatchManifest, gpus: u32) -> Result<Self, BTreeSet<Engine>> {
        let launches = manifest.launches.iter();
        let engines: BTreeSet<Engine> =
            launches.clone().map(|planned| planned.launch.framework.engine).collect();
        if engines.len() > 1 {
            return Err(engines);
        }
        let place = JobPlace::of_batch(manifest);
        if place.hardware.gpu_count() == 0 {
            return Ok(Self { place, gpus: 0, rent: None });
        }
        let rent = launches.clone().find_map(|planned| planned.rent.clone());
        Ok(Self { place, gpus, rent })
    }

    /// The labels of nodes that fit: those of the accelerator, and of the type that the price is of. Where a spec stated the
    /// price it is the type that we know one of: a larger one would cost more than anybody reckoned with.
    fn node_selector(&self, capacity: PriceKind) -> Value {
        let mut labels = json!({GPU_LABEL: self.place.accelerator().name()});
        let listed = self.rent.as_ref().and_then(|rent| rent.at(capacity).listed.as_ref());
        let listed = listed.map(|listing| listing.instance_type.as_str());
        if let Some(instance) = listed.or_else(|| known::instance_of(self.place.hardware, capacity)) {
            labels["node.kubernetes.io/instance-type"] = instance.into();
        }
        labels
    }
}

/// The repository of the image that a batch runs in, as `infra/images` and the stacks of AWS name it. What is measured
/// without an engine of its own runs where the bundled one is.
fn image(place: JobPlace) -> String {
    let engine = place.engine.unwrap_or(Engine::Simulated);
    format!("batch-runner-{}", engine.name().replace('.', "-"))
}

/// One job to submit.
pub(super) struct Submission<'a> {
    pub namespace: &'a str,
    pub template: &'a str,
    pub campaign: &'a CampaignId,
    pub batch: &'a BatchId,
    pub nth: u32,
    pub needs: Needs,
    /// What the hosts of the job are rented as, and no other.
    pub capacity: PriceKind,
    pub ledger_url: &'a str,
    pub objects_url: &'a str,
}

impl Submission<'_> {
    pub fn workflow(&self) -> Value {
        let image = image(self.needs.place);
        let parameters = [
            (CAMPAIGN, self.campaign.as_str()),
            (BATCH, self.batch.as_str()),
            (NODE_SELECTOR, &self.needs.node_selector(self.capacity).to_string()),
            ("gpus", &self.needs.gpus.to_string()),
            ("image", &image),
            (CAPACITY, self.capacity.name()),
            ("ledger", self.ledger_url),
            ("objects", self.objects_url),
        ]
        .map(|(name, value)| json!({"name": name, "value": value}));
        json!({
            "apiVersion": API_VERSION,
            "kind": "Workflow",
            "metadata": {
                "name": name(self.batch, self.campaign, self.nth),
                "namespace": self.namespace,
                "labels": {
                    CAMPAIGN_LABEL: campaign_label(self.campaign),
                    "app.kubernetes.io/managed-by": "assay",
                },
            },
            "spec": {
                "workflowTemplateRef": {"name": self.template},
                "arguments": {"parameters": parameters},
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_ones_own_changes_no_machine() {
        let hardware = "l4x2".parse().unwrap();
        let price = domain::HourlyPrice { on_demand: 2.0, spot: 1.0 };
        for rent in [known::rent_of(hardware), Some(Rent::stated(price)), None] {
            let needs = Needs { place: JobPlace::of(Engine::Vllm, hardware), gpus: 2, rent };
            let labels = needs.node_selector(PriceKind::Spot);
            assert_eq!(labels["node.kubernetes.io/instance-type"], "g6.12xlarge");
        }
    }

    #[test]
    fn names_are_labels_and_differ_where_ids_do() {
        let label = |id: &str| campaign_label(&id.parse().unwrap());
        assert!(label("demo-1.2").starts_with("demo-1-2-"));
        assert_ne!(label("demo-1.2"), label("demo-1-2"));
        let campaign: CampaignId = "x".repeat(80).parse().unwrap();
        let longest = name(&BatchId::new(&campaign, u32::MAX), &campaign, u32::MAX);
        // A pod's name adds that of its template and a hash; all of it may be 63 long.
        assert!(longest.len() <= 63, "{longest}");
        assert_eq!(nth(&longest), u32::MAX);
        assert_eq!(nth("somebody-elses"), 0);
    }
}
