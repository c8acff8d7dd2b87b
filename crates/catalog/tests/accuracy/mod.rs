//! Results with an accuracy.

use domain::BenchmarkResult;
use domain::fidelity::{Agreement, Fidelity, Loss};
use domain::metrics::Interval;
use domain::task_accuracy::{Score, TaskAccuracy, TaskScores};

/// The result of a launch that answered a share of some questions well.
pub fn with_tasks(mut result: BenchmarkResult, questions: &str, share: f64) -> BenchmarkResult {
    let score = Score { metric: "acc".to_owned(), filter: "none".to_owned(), value: share, stderr: None };
    result.task_accuracy = Some(TaskAccuracy {
        harness: "lm_eval 0.4.13".to_owned(),
        questions: questions.to_owned(),
        tasks: vec![TaskScores {
            task: "t".parse().unwrap(),
            version: None,
            hash: None,
            shots: None,
            questions: 100,
            of: 100,
            scores: vec![score],
        }],
        object: "tasks/x.json".to_owned(),
    });
    result
}

/// The result of a launch of whose tokens a share comes before the first that differs from the unquantised model's.
pub fn with_fidelity(mut result: BenchmarkResult, share: f64) -> BenchmarkResult {
    let agreement = |until_divergence| Agreement {
        until_divergence,
        tokens: until_divergence,
        exact: until_divergence,
        mean_tokens_until_divergence: 64.0 * until_divergence,
    };
    let loss = Loss {
        agreement: 0.0,
        agreement_ci95: Interval { low: 0.0, high: 0.0 },
        kept_by_floor_only: 0,
        kept_by_own_only: 0,
        p_value: 1.0,
    };
    result.fidelity =
        Some(Fidelity { prompts: 40, agreement: agreement(share), floor: agreement(0.98), loss });
    result
}
