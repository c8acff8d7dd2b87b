//! What every keeper of telemetry must do.

use chrono::TimeDelta;
use domain::RunId;
use store::Telemetry;
use store::ports::telemetry::{Sample, Source};

use crate::fixtures::{at, result};

/// Every promise. Samples lie around `at(0)`, so a store that forgets by itself must not do so yet.
///
/// # Panics
/// When one is broken.
pub async fn telemetry(store: &dyn Telemetry) {
    let [run, other] = ["telemetry-a", "telemetry-b"].map(|c| result(c, 1).build().run_id);
    assert_eq!(store.insert_samples(&[]).await.unwrap(), 0);
    assert_eq!(store.samples(&run).await.unwrap(), []);

    let sample = |run: &RunId, source, device, metric: &str, second: i64, value| Sample {
        run_id: run.clone(),
        source,
        device,
        metric: metric.to_owned(),
        at: at(second) + TimeDelta::microseconds(1),
        value,
    };
    let told = [
        sample(&run, Source::Client, 0, "cpu", 0, 0.5),
        sample(&run, Source::Engine, 0, "running", 0, 16.0),
        sample(&run, Source::Gpu, 0, "power_w", 0, 300.0),
        sample(&run, Source::Gpu, 0, "power_w", 1, 310.0),
        sample(&run, Source::Gpu, 1, "power_w", 0, 290.0),
    ];
    let mut reversed = told.to_vec();
    reversed.reverse();
    assert_eq!(store.insert_samples(&reversed[..3]).await.unwrap(), 3);
    assert_eq!(store.insert_samples(&reversed).await.unwrap(), 2, "only what is new");
    assert_eq!(store.insert_samples(&[sample(&other, Source::Gpu, 0, "power_w", 5, 1.0)]).await.unwrap(), 1);
    assert_eq!(store.samples(&run).await.unwrap(), told);

    // The first telling wins.
    store.insert_samples(&[Sample { value: 7.0, ..told[0].clone() }]).await.unwrap();
    assert_eq!(store.samples(&run).await.unwrap(), told);

    store.forget_samples(at(1)).await.unwrap();
    assert_eq!(store.samples(&run).await.unwrap(), told[3..4]);
    assert_eq!(store.samples(&other).await.unwrap().len(), 1);
}
