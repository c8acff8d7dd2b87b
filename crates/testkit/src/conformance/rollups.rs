//! What every keeper of rollups must do.

use chrono::{Days, NaiveDate};
use domain::result::Flag;
use domain::untold::{is_untold, untold};
use domain::{BenchmarkResult, Hosted, Metrics, Provenance, Provider, Statistic, Summary, UseCase};
use store::ports::rollups::{MeanAndBest, PublishedPlace, PublishedRanking};
use store::{ResultStore, Rollups};

use crate::fixtures::{at, result, summary};

/// Every promise, over a store of results that is empty.
///
/// # Panics
/// When one is broken.
pub async fn rollups(results: &dyn ResultStore, rollups: &dyn Rollups) {
    days_are_computed_when_they_have_results(results, rollups).await;
    late_results_are_in_their_day(results, rollups).await;
    what_other_tools_did_not_tell_is_in_no_mean(results, rollups).await;
    rankings_are_kept_by_revision(rollups).await;
}

/// The day of [`at`] 0.
fn first_day() -> NaiveDate {
    at(0).date_naive()
}

const DAY_S: i64 = 86_400;

fn with(campaign: &str, concurrency: u32, second: i64, ttft: f64) -> BenchmarkResult {
    let told = result(campaign, concurrency).measured_at(at(second));
    told.metrics(|m| m.ttft = Some(Summary { p90: ttft, ..summary(50.0) })).build()
}

async fn days_are_computed_when_they_have_results(results: &dyn ResultStore, rollups: &dyn Rollups) {
    assert_eq!(rollups.refresh_daily_stats().await.unwrap(), 0);
    assert_eq!(rollups.daily_stats(first_day()).await.unwrap(), []);

    let limited = result("days-c", 3)
        .measured_at(at(30))
        .flag(Flag::ClientLimited)
        .metrics(|m| m.ttft = Some(Summary { p90: 1.0, ..summary(50.0) }));
    let simulated = result("days-d", 1).measured_at(at(40)).provenance(Provenance::Simulated);
    let told = [
        with("days-a", 1, 0, 100.0),
        with("days-b", 1, 10, 200.0),
        with("days-b", 2, DAY_S - 1, 300.0),
        limited.build(),
        simulated.build(),
        with("days-e", 1, DAY_S, 50.0),
    ];
    assert_eq!(results.insert(&told).await.unwrap(), 6);
    assert_eq!(rollups.daily_stats(first_day()).await.unwrap(), [], "not before they are computed");
    assert_eq!(rollups.refresh_daily_stats().await.unwrap(), 2, "two days");
    assert_eq!(rollups.refresh_daily_stats().await.unwrap(), 0, "once");

    let stats = rollups.daily_stats(first_day()).await.unwrap();
    let told: Vec<_> = stats.iter().map(|s| (s.day, s.provenance, s.runs, s.configurations)).collect();
    let next = first_day() + Days::new(1);
    assert_eq!(
        told,
        [
            (first_day(), Provenance::Measured, 3, 2),
            (first_day(), Provenance::Simulated, 1, 1),
            (next, Provenance::Measured, 1, 1)
        ]
    );
    let first = &stats[0];
    assert_eq!(first.ttft_p90_ms, Some(MeanAndBest { mean: 200.0, best: 100.0 }));
    assert_eq!((first.hardware.as_str(), first.engine.as_str()), ("h100x1", "vllm"));
    assert_eq!(
        (first.use_case, first.model.to_string().as_str()),
        (UseCase::Chatbot, "llama-3.1-8b-instruct fp16")
    );
    assert_eq!(rollups.daily_stats(next).await.unwrap(), stats[2..]);
}

async fn late_results_are_in_their_day(results: &dyn ResultStore, rollups: &dyn Rollups) {
    results.insert(&[with("days-late", 1, 20, 20.0)]).await.unwrap();
    assert_eq!(rollups.refresh_daily_stats().await.unwrap(), 1);
    let stats = rollups.daily_stats(first_day()).await.unwrap();
    assert_eq!((stats[0].runs, stats[0].ttft_p90_ms.map(|ttft| ttft.best)), (4, Some(20.0)));
    assert_eq!(stats.len(), 3);
}

async fn what_other_tools_did_not_tell_is_in_no_mean(results: &dyn ResultStore, rollups: &dyn Rollups) {
    let day = first_day() + Days::new(10);
    let told = |concurrency, metrics: fn(&mut Metrics)| {
        let result = result("days-imported", concurrency).measured_at(at(10 * DAY_S));
        result.provenance(Provenance::Imported).metrics(metrics)
    };
    let without = told(1, |m| {
        (m.ttft, m.e2e, m.total_tps, m.rps) = (None, None, untold(), untold());
        m.tpot = Some(Summary { p90: untold(), min: untold(), ..summary(12.0) });
    });
    let others = told(2, |m| m.ttft = Some(summary(1.0))).flag(Flag::OtherDefinition);
    let stored = [without.build(), others.build()];
    assert_eq!(results.insert(&stored).await.unwrap(), 2);
    let read = results.of_campaign(&stored[0].campaign).await.unwrap();
    let read = read.iter().find(|r| r.run_id == stored[0].run_id).unwrap();
    assert!(read.metrics.ttft.is_none() && is_untold(&read.metrics.rps));
    assert_eq!(read.metrics.tpot.as_ref().and_then(|tpot| tpot.known(Statistic::P90)), None);
    rollups.refresh_daily_stats().await.unwrap();
    let stats = rollups.daily_stats(day).await.unwrap();
    assert_eq!((stats[0].runs, stats[0].ttft_p90_ms, stats[0].tpot_p90_ms), (2, None, None));

    // One number alone is the mean.
    results.insert(&[told(3, |_| ()).build()]).await.unwrap();
    rollups.refresh_daily_stats().await.unwrap();
    let stats = rollups.daily_stats(day).await.unwrap();
    assert_eq!((stats[0].runs, stats[0].ttft_p90_ms), (3, Some(MeanAndBest { mean: 75.0, best: 75.0 })));
}

fn ranking(shape: &str, best_first: &[&BenchmarkResult]) -> PublishedRanking {
    let entries = best_first.iter().zip([0.9, 0.5, 0.1]).map(|(result, score)| PublishedPlace {
        config_id: result.config_id.clone(),
        model: result.configuration.serving.offered(),
        run_id: result.run_id.clone(),
        score,
        on_pareto_front: score > 0.4,
        probability_first: (score > 0.8).then_some(0.75),
    });
    PublishedRanking {
        use_case: UseCase::Chatbot,
        shape: shape.to_owned(),
        provenance: Provenance::Measured,
        entries: entries.collect(),
    }
}

async fn rankings_are_kept_by_revision(rollups: &dyn Rollups) {
    let [mut a, b] = [result("ranked", 1).build(), result("ranked", 2).build()];
    let model = "gpt-4o".parse().unwrap();
    a.configuration.serving = Hosted { model, provider: Provider::Openai }.into();
    let before = [ranking("512>128", &[&a, &b]), ranking("512>128, 64 shared", &[&b])];
    rollups.publish_rankings(3, &before, at(0)).await.unwrap();
    assert_eq!(rollups.rankings(3).await.unwrap(), before);
    assert_eq!(rollups.rankings(2).await.unwrap(), []);

    // The best place of each model version.
    let suits = rollups.suitabilities().await.unwrap();
    let told: Vec<_> = suits.iter().map(|s| (s.model.to_string(), s.best_place, s.best_score)).collect();
    let version = |r: &BenchmarkResult| r.configuration.serving.offered().to_string();
    let mut expected = vec![(version(&a), 1, 0.9), (version(&b), 1, 0.9)];
    expected.sort_by(|x, y| x.0.cmp(&y.0));
    assert_eq!(told, expected);

    // Published again, and a later revision; the earlier one stays.
    rollups.publish_rankings(3, &before[..1], at(1)).await.unwrap();
    assert_eq!(rollups.rankings(3).await.unwrap(), before[..1]);
    let after = [ranking("512>128", &[&b])];
    rollups.publish_rankings(4, &after, at(2)).await.unwrap();
    assert_eq!(rollups.rankings(3).await.unwrap(), before[..1]);
    assert_eq!(rollups.rankings(4).await.unwrap(), after);
    let suits = rollups.suitabilities().await.unwrap();
    assert_eq!(suits.len(), 1);
    assert_eq!(
        (&suits[0].model, &suits[0].best_config_id),
        (&b.configuration.serving.offered(), &b.config_id)
    );
    // One that is told late changes nothing about it.
    rollups.publish_rankings(2, &before, at(3)).await.unwrap();
    assert_eq!(rollups.suitabilities().await.unwrap(), suits);
}
