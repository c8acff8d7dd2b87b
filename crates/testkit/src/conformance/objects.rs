//! What every objects store must do.

use domain::{BatchId, CampaignId, ConfigId, RunId};
use futures::future::join_all;
use store::{ObjectKey, ObjectPrefix, Objects};

use super::RACERS;

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn objects(objects: &dyn Objects) {
    let campaign: CampaignId = "conformance".parse().expect("a campaign id");

    let spec = ObjectKey::spec(&campaign);
    assert_eq!(objects.get(&spec).await.unwrap(), None);
    objects.put(&spec, b"first").await.unwrap();
    objects.put(&spec, b"second").await.unwrap();
    assert_eq!(objects.get(&spec).await.unwrap().as_deref(), Some(&b"second"[..]));
    assert!(!objects.put_if_absent(&spec, b"third").await.unwrap());
    assert_eq!(objects.get(&spec).await.unwrap().as_deref(), Some(&b"second"[..]));

    // Any bytes, none included.
    let plan = ObjectKey::plan(&campaign);
    assert!(objects.put_if_absent(&plan, b"").await.unwrap());
    assert_eq!(objects.get(&plan).await.unwrap().as_deref(), Some(&b""[..]));
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
    objects.put(&plan, &bytes).await.unwrap();
    assert_eq!(objects.get(&plan).await.unwrap(), Some(bytes));

    one_racer_wins(objects, &campaign).await;
    keys_are_listed_by_prefix(objects, &campaign).await;
    large_objects_are_kept(objects, &campaign).await;
    a_reader_sees_whole_objects(objects, &campaign).await;
}

async fn one_racer_wins(objects: &dyn Objects, campaign: &CampaignId) {
    let key = ObjectKey::manifest(campaign, &BatchId::new(campaign, 0));
    let contents: Vec<String> = (0..RACERS).map(|racer| format!("racer {racer}")).collect();
    let puts = contents.iter().map(|content| objects.put_if_absent(&key, content.as_bytes()));
    let won: Vec<bool> = join_all(puts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).expect("the winner");
    assert_eq!(objects.get(&key).await.unwrap().as_deref(), Some(contents[winner].as_bytes()));
}

async fn keys_are_listed_by_prefix(objects: &dyn Objects, campaign: &CampaignId) {
    let other: CampaignId = format!("{campaign}2").parse().expect("a campaign id");
    let batch = |campaign, index| ObjectKey::manifest(campaign, &BatchId::new(campaign, index));
    for key in [batch(campaign, 10), batch(campaign, 9), batch(&other, 0), ObjectKey::rankings()] {
        objects.put(&key, b"listed").await.unwrap();
    }
    let manifests = objects.list(&ObjectPrefix::manifests(campaign)).await.unwrap();
    assert_eq!(manifests, [batch(campaign, 0), batch(campaign, 10), batch(campaign, 9)], "as text");
    let everything = objects.list(&ObjectPrefix::campaign(campaign)).await.unwrap();
    assert_eq!(everything[..3], manifests);
    assert_eq!(everything[3..], [ObjectKey::plan(campaign), ObjectKey::spec(campaign)]);
    assert_eq!(objects.list(&ObjectPrefix::raw_records(campaign)).await.unwrap(), []);
}

/// Above the size at which stores write in parts, and no multiple of any part.
async fn large_objects_are_kept(objects: &dyn Objects, campaign: &CampaignId) {
    let config_id: ConfigId = "00ff00ff00ff00ff".parse().expect("a config id");
    let trial = |trial| ObjectKey::raw_records(campaign, &RunId::new(campaign, &config_id, trial));
    let large: Vec<u8> = (0..251_u8).cycle().take((33 << 20) + 1).collect();
    objects.put(&trial(1), &large).await.unwrap();
    assert!(objects.get(&trial(1)).await.unwrap().as_ref() == Some(&large), "it is not what was put");
    assert!(!objects.put_if_absent(&trial(1), b"small").await.unwrap());

    let contested = trial(2);
    let others: Vec<Vec<u8>> = (1..=3_u8).map(|racer| vec![racer; 17 << 20]).collect();
    let won = join_all(others.iter().map(|other| objects.put_if_absent(&contested, other))).await;
    let won: Vec<bool> = won.into_iter().map(Result::unwrap).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    let winner = won.iter().position(|won| *won).expect("the winner");
    assert!(
        objects.get(&contested).await.unwrap().as_ref() == Some(&others[winner]),
        "it is not the winner's"
    );
    assert!(!objects.put_if_absent(&contested, &large).await.unwrap());
    let raw = objects.list(&ObjectPrefix::raw_records(campaign)).await.unwrap();
    assert_eq!(raw, [trial(1), contested]);
}

async fn a_reader_sees_whole_objects(objects: &dyn Objects, campaign: &CampaignId) {
    let key = ObjectKey::report(campaign, store::ReportForm::Json);
    let versions: Vec<Vec<u8>> = (0..8_u8).map(|version| vec![version; 100_000]).collect();
    objects.put(&key, &versions[0]).await.unwrap();
    let writes = join_all(versions.iter().map(|version| objects.put(&key, version)));
    let reads = join_all((0..RACERS).map(|_| objects.get(&key)));
    let (written, read) = futures::join!(writes, reads);
    written.into_iter().for_each(Result::unwrap);
    for object in read {
        assert!(versions.contains(&object.unwrap().expect("it is there")), "half an object was read");
    }
}
