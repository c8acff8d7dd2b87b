//! Commands on campaigns whose ledger and bus are on AWS, from a machine that has nothing else of them.

use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use cloud::aws::Aws;
use cloud::dynamodb::DynamoLedger;
use cloud::event_bridge::{SqsQueue, Subscription, subscribe};
use events::{Event, EventBody};
use store::{CampaignState, Ledger};
use testkit::fixtures::campaign_record;
use testkit::services::PrivateMinistack;
use tokio::runtime::Runtime;

use crate::bench::{Bench, Ended};

const SUBSCRIPTION: Subscription = Subscription {
    bus: "events",
    queue: "told",
    detail_types: &["campaign.held.v1", "campaign.requested.v1"],
    visibility: Duration::from_secs(30),
    max_receipts: 3,
};

struct Installation {
    bench: Bench,
    services: PrivateMinistack,
    runtime: Runtime,
    ledger: DynamoLedger,
    queue: SqsQueue,
}

impl Installation {
    /// With one campaign that runs, `demo`.
    fn new() -> Self {
        let services = PrivateMinistack::start();
        let runtime = Runtime::new().unwrap();
        let (ledger, queue) = runtime.block_on(async {
            let aws = Aws::emulator(&services.url()).await;
            let ledger = DynamoLedger::new(&aws, "ledger");
            ledger.create_table().await.unwrap();
            let campaign = store::CampaignRecord { state: CampaignState::Running, ..campaign_record("demo") };
            ledger.create_campaign(&campaign).await.unwrap();
            subscribe(&aws, &SUBSCRIPTION).await.unwrap();
            (ledger, SqsQueue::find(&aws, "told").await.unwrap())
        });
        Self { bench: Bench::new(), services, runtime, ledger, queue }
    }

    fn campaign(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.arg("--data").arg(self.bench.data()).args(["--ledger", "dynamodb://ledger", "campaign"]);
        command.args(arguments).env("AWS_ENDPOINT_URL", self.services.url()).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        self.bench.spawn(command).end()
    }

    fn state(&self) -> CampaignState {
        let id = "demo".parse().unwrap();
        self.runtime.block_on(self.ledger.campaign(&id)).unwrap().unwrap().state
    }

    /// What the functions were told since this was asked.
    fn told(&self) -> Vec<EventBody> {
        let told: RefCell<Vec<EventBody>> = RefCell::default();
        let hear = async |event: &Event| {
            told.borrow_mut().push(event.body.clone());
            Ok::<_, String>(())
        };
        self.runtime.block_on(self.queue.deliver(Duration::from_secs(5), hear)).unwrap();
        told.into_inner()
    }
}

#[test]
fn a_campaign_on_aws_is_looked_at_paused_and_resumed_from_an_empty_folder() {
    let there = Installation::new();
    let listed = there.campaign(&["list", "--json"]).assert_code(0).json();
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&"demo".into(), &"running".into()));
    let shown = there.campaign(&["show", "--json", "demo"]).assert_code(0).json();
    assert_eq!(shown["state"], "running");

    // Without the bus nobody would hear of it.
    let alone = there.campaign(&["pause", "demo"]);
    alone.assert_error(1, &["nobody runs campaigns of dynamodb://ledger", "--bus eventbridge://BUS"]);
    assert_eq!(there.state(), CampaignState::Running);

    let bus = ["--bus", "eventbridge://events"];
    there.campaign(&[&["pause", "demo"], &bus[..]].concat()).assert_code(0);
    assert_eq!(there.state(), CampaignState::Paused);
    assert!(matches!(there.told()[..], [EventBody::CampaignHeld(_)]));
    there.campaign(&[&["resume", "demo"], &bus[..]].concat()).assert_code(0);
    assert_eq!(there.state(), CampaignState::Requested);
    assert!(matches!(there.told()[..], [EventBody::CampaignRequested(_)]));
    assert!(!there.bench.data().exists(), "nothing of it is kept here");
}
