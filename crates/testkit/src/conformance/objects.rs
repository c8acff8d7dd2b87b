//! What every objects store must do.

use domain::{BatchId, CampaignId};
use futures::future::join_all;
use store::{ObjectKey, Objects};

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

async fn a_reader_sees_whole_objects(objects: &dyn Objects, campaign: &CampaignId) {
    let key = ObjectKey::report(campaign);
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
