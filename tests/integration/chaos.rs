//! The **chaos test**: a campaign of 200 configurations on the simulated engine, dispatched through our fake of AWS Batch, with
//! its runners killed at 40 random moments, its database and its cache restarted twice, and every event delivered twice and in
//! a random order. Results are in PostgreSQL, ledger and objects on emulators of DynamoDB and S3. In the end the store holds
//! what an undisturbed run leaves, each result once.

mod deliveries;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{BenchmarkResult, RunId};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use store::{BatchState, CampaignState};

use world::World;

/// 20 launches with 10 loads each, in eight batches.
const SPEC: &str = "
name: chaos
models: [llama-3.1-8b-instruct]
quantisations: [fp16, int4]
hardware: [h100x1, h100x2, h100x4, h100x8, h200x1, h200x2, h200x4, h200x8, a100-80gbx4, a100-80gbx8]
frameworks: [simulated]
workloads:
  - {name: short, use_case: chatbot, input_tokens: 16, output_tokens: 4, concurrency: [1, 2, 3, 4, 5], requests: 20, warm_up: 1}
  - {name: long, use_case: qa, input_tokens: 64, output_tokens: 6, concurrency: [1, 2, 3, 4, 5], requests: 20, warm_up: 1}
parallel_jobs: 8
";

const CONFIGURATIONS: usize = 200;
const KILLS: usize = 40;
const RESTARTS: usize = 2;
const SEED: u64 = 20_261_126;

/// A batch is given up after so many jobs in a row without an outcome, as is promised, so that none is killed once more
/// before it has one.
const KILLS_WITHOUT_OUTCOME: u32 = track_progress::MAX_FRUITLESS_JOBS - 1;

/// What the world does to a running job.
#[derive(Debug, Clone, Copy)]
enum Blow {
    /// The runner's process is killed, as by the kernel when memory runs out.
    Process,
    /// The host is gone, without a notice.
    Host,
    /// The spot instance is taken back, with a notice.
    Reclaim,
}

#[tokio::test(flavor = "multi_thread")]
async fn after_chaos_the_store_holds_what_an_undisturbed_run_leaves() {
    let undisturbed = World::start(SEED).await;
    let campaign = undisturbed.trigger(SPEC).await;
    undisturbed.until_published(&campaign).await;
    let expected = results(&undisturbed, &campaign).await;
    assert_eq!(expected.len(), CONFIGURATIONS);
    drop(undisturbed);

    let mut world = World::start(SEED).await;
    assert_eq!(world.trigger(SPEC).await, campaign);
    disturb(&mut world, &campaign).await;
    world.until_published(&campaign).await;

    let found = results(&world, &campaign).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (run, result) in &found {
        assert_eq!(what_was_asked(result), what_was_asked(&expected[run]), "{run}");
    }
    let ended = world.ledger.campaign(&campaign).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.message), (CampaignState::Completed, None));
    let mut attempts = 0;
    for batch in world.ledger.batches(&campaign).await.unwrap() {
        assert_eq!(batch.state, BatchState::Finished, "{batch:?}");
        assert_eq!(world.ledger.checkpoints(&batch.id).await.unwrap().len(), batch.trials as usize);
        attempts += batch.attempt;
    }
    let lost: Vec<f64> = found.values().map(|r| r.charged.lost_s).filter(|s| *s > 0.0).collect();
    assert!(!lost.is_empty(), "what was lost is charged");
    assert_eq!(world.raw_records(&campaign).await, CONFIGURATIONS);
    let published = world.published().await;
    assert_eq!(published.len(), CONFIGURATIONS, "the catalogue has all of it");
    println!("{attempts} attempts; {} trials lost {:.1} s of work", lost.len(), lost.iter().sum::<f64>());
}

/// Kills runners when random numbers of trials have an outcome, and restarts database and cache on the way.
async fn disturb(world: &mut World, campaign: &domain::CampaignId) {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut moments: Vec<usize> = (0..KILLS).map(|_| random.random_range(0..CONFIGURATIONS - 20)).collect();
    moments.sort_unstable();
    let mut fruitless: BTreeMap<String, (usize, u32)> = BTreeMap::new();
    for (kill, moment) in moments.into_iter().enumerate() {
        if kill % (KILLS / (RESTARTS + 1)) == KILLS / (RESTARTS + 1) - 1 {
            world.restart_database_and_cache().await;
        }
        world.until_outcomes(campaign, moment).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
        let (job, batch) = loop {
            let running = world.running_jobs(campaign).await;
            let outcomes = world.outcomes_by_batch(campaign).await;
            let in_danger = world.batches_with_a_last_try(campaign).await;
            let candidates: Vec<&(String, String)> = running
                .iter()
                .filter(|(_, batch)| {
                    let (seen, kills) = fruitless.get(batch).copied().unwrap_or_default();
                    !in_danger.contains(batch) && (outcomes[batch] > seen || kills < KILLS_WITHOUT_OUTCOME)
                })
                .collect();
            if let Some(chosen) = candidates.get(random.random_range(0..candidates.len().max(1))) {
                let (job, batch) = (*chosen).clone();
                let now = outcomes[&batch];
                let entry = fruitless.entry(batch.clone()).or_default();
                *entry = if now > entry.0 { (now, 1) } else { (entry.0, entry.1 + 1) };
                break (job, batch);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let blow = [Blow::Process, Blow::Host, Blow::Reclaim][random.random_range(0..3)];
        tracing::info!(?blow, %job, %batch);
        match blow {
            Blow::Process => world.batch.kill_process(&job),
            Blow::Host => world.batch.lose_host(&job),
            Blow::Reclaim => world.batch.reclaim_host(&job),
        }
    }
}

async fn results(world: &World, campaign: &domain::CampaignId) -> BTreeMap<RunId, BenchmarkResult> {
    let all = world.stores.results.of_campaign(campaign).await.unwrap();
    let count = all.len();
    let by_run: BTreeMap<RunId, BenchmarkResult> = all.into_iter().map(|r| (r.run_id.clone(), r)).collect();
    assert_eq!(by_run.len(), count, "each result once");
    by_run
}

/// A result without what was measured, which is never the same twice.
fn what_was_asked(result: &BenchmarkResult) -> Value {
    json!({
        "batch": result.batch, "trial": result.trial, "configuration": result.configuration,
        "config_id": result.config_id, "provenance": result.provenance, "seed": result.seed, "slo": result.slo,
        "rent": result.rent, "output_tokens": result.counts.mean_output_tokens(),
        "failures": result.counts.failures(), "engine_version": result.environment.engine_version,
        "raw_records": result.raw_records, "token_source": result.token_source,
    })
}
