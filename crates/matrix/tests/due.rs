//! What a second campaign over the same matrix still has to run.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{ConfigId, Engine};
use matrix::{Due, Freshness, Measured, due::due, plan};

use common::{campaign, spec};

fn now() -> DateTime<Utc> {
    "2026-01-31T00:00:00Z".parse().unwrap()
}

#[test]
fn only_what_is_new_or_stale_is_due() {
    let full = plan(&spec(""), &campaign());
    let with = |engine: Engine| {
        full.feasible.iter().filter(|f| f.configuration.launch.framework.engine == engine).count() as u64
    };
    let all = full.feasible.len() as u64;

    let mut nothing_known = full.clone();
    let counts = due(&mut nothing_known, &Freshness::default(), |_| None);
    assert_eq!(counts, Due { new: all, ..Due::default() });
    assert_eq!(nothing_known, full);

    // vLLM was measured yesterday, by two versions; TGI last year; the others never.
    let engine_of: BTreeMap<ConfigId, Engine> =
        full.feasible.iter().map(|f| (f.id.clone(), f.configuration.launch.framework.engine)).collect();
    let measured = |id: &ConfigId| {
        let (age, version) = match engine_of.get(id)? {
            Engine::Vllm => (1, if id.as_str() < "8" { "0.11.0" } else { "0.10.0" }),
            Engine::Tgi => (400, "3.3.0"),
            _ => return None,
        };
        Some(Measured { at: now() - TimeDelta::days(age), engine_version: Some(version.to_owned()) })
    };
    let freshness = Freshness {
        since: Some(now() - TimeDelta::days(90)),
        versions: BTreeMap::from([(Engine::Vllm, "0.11.0".to_owned())]),
    };
    let mut left = full.clone();
    let counts = due(&mut left, &freshness, measured);
    assert_eq!(counts.new, with(Engine::Lmdeploy) + with(Engine::Sglang));
    assert_eq!(counts.stale, with(Engine::Tgi));
    assert_eq!(counts.other_version + counts.fresh, with(Engine::Vllm));
    assert!(counts.other_version > 0 && counts.fresh > 0);
    assert_eq!(left.feasible.len() as u64, all - counts.fresh);
    assert_eq!((left.total, &left.infeasible), (full.total - counts.fresh, &full.infeasible));
    // Without a wish for versions or age, any result will do.
    let counts = due(&mut full.clone(), &Freshness::default(), measured);
    assert_eq!((counts.fresh, counts.new), (with(Engine::Vllm) + with(Engine::Tgi), all - counts.fresh));
}
