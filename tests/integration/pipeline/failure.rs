//! A campaign that fails before its jobs has a report and is told, whoever dies when.

use events::{CampaignFailed, Event, EventBody};
use store::campaigns::give_up;
use store::{CampaignState, ObjectKey, ReportForm};
use trigger_campaign::Repeat;

use super::{SPEC, Stage};

impl Stage {
    /// The events that are waiting.
    fn waiting(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    async fn has_report(&self, event: &Event) -> bool {
        let report = ObjectKey::report(event.campaign(), ReportForm::Html);
        self.objects.get(&report).await.unwrap().is_some()
    }
}

fn failure(event: &Event) -> &CampaignFailed {
    let EventBody::CampaignFailed(failed) = &event.body else { panic!("{event:?}") };
    failed
}

#[tokio::test]
async fn a_campaign_of_which_nothing_can_run_is_told_to_have_failed() {
    let mut stage = Stage::open().await;
    let spec = SPEC
        .replace("llama-3.1-8b-instruct", "llama-3.1-70b-instruct")
        .replace("[fp16, int4]", "[fp16]")
        .replace("[l4x1, h100x1]", "[l4x1]");
    stage.trigger_spec(&spec, Repeat::Continue).await;
    let requested = stage.waiting().remove(0);
    stage.deliver(&requested).await;
    let first = stage.waiting();
    assert!(failure(&first[0]).reason.starts_with("nothing in the matrix can run"), "{first:?}");
    // Who found it may have died before telling: told again, it is the same event.
    stage.deliver(&requested).await;
    let second = stage.waiting();
    assert_eq!((first.len(), second.len(), &first[0].id), (1, 1, &second[0].id));
    assert!(!stage.has_report(&first[0]).await);
    let record = stage.ledger.campaign(first[0].campaign()).await.unwrap().unwrap();
    assert!(record.end_is_untold);
    for event in first.iter().chain(&second) {
        stage.deliver(event).await;
    }
    assert!(stage.has_report(&first[0]).await);
    let record = stage.ledger.campaign(first[0].campaign()).await.unwrap().unwrap();
    assert!(!record.end_is_untold);
    assert!(stage.jobs().is_empty());
}

#[tokio::test]
async fn a_campaign_whose_event_was_given_up_is_told_to_have_failed() {
    let mut stage = Stage::open().await;
    stage.trigger().await;
    let requested = stage.waiting().remove(0);
    stage.deliver(&requested).await;
    let planned = stage.waiting().remove(0);
    assert!(matches!(planned.body, EventBody::MatrixGenerated(_)));
    let why = || "the plan is damaged".to_owned();
    give_up(stage.ledger.as_ref(), stage.bus.as_ref(), &planned, why(), stage.now).await.unwrap();
    let record = stage.ledger.campaign(planned.campaign()).await.unwrap().unwrap();
    assert_eq!((record.state, record.message), (CampaignState::Failed, Some(why())));
    let first = stage.waiting();
    assert_eq!((first.len(), failure(&first[0]).reason.as_str()), (1, &*why()));
    // Told again of what was given up, each tells it again.
    for event in [&requested, &planned] {
        stage.deliver(event).await;
        assert_eq!(stage.waiting()[0].id, first[0].id);
    }
    stage.deliver(&first[0]).await;
    assert!(stage.has_report(&first[0]).await);
    // What tells people is given up without an end: nobody else could be told.
    give_up(stage.ledger.as_ref(), stage.bus.as_ref(), &first[0], why(), stage.now).await.unwrap();
    assert!(stage.waiting().is_empty());
    // Asked for again it is not failed, and an old event does not make it so.
    stage.trigger().await;
    let again = stage.waiting().remove(0);
    stage.deliver(&first[0]).await;
    stage.deliver(&planned).await;
    assert!(stage.waiting().is_empty());
    stage.deliver(&again).await;
    assert!(matches!(stage.waiting()[0].body, EventBody::MatrixGenerated(_)));
}
