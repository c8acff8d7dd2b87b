//! Whether an attempt that failed is followed by another.

use serde_json::{Value, json};

use super::job::Attempt;

/// `retryStrategy` of a job.
#[derive(Debug, Clone)]
pub struct RetryStrategy {
    pub attempts: usize,
    evaluate_on_exit: Vec<Value>,
}

impl RetryStrategy {
    /// What `SubmitJob` asks for, or why it may not.
    pub fn read(asked: &Value) -> Result<Self, String> {
        let attempts = asked["attempts"].as_u64().unwrap_or(1);
        if !(1..=10).contains(&attempts) {
            return Err(format!("retryStrategy.attempts is {attempts}, and must be from 1 to 10"));
        }
        let conditions = asked["evaluateOnExit"].as_array().cloned().unwrap_or_default();
        if conditions.len() > 5 {
            return Err(format!("evaluateOnExit has {} entries, and may have 5", conditions.len()));
        }
        conditions.iter().try_for_each(check)?;
        Ok(Self { attempts: usize::try_from(attempts).unwrap_or(1), evaluate_on_exit: conditions })
    }

    pub fn told(&self) -> Value {
        json!({"attempts": self.attempts, "evaluateOnExit": self.evaluate_on_exit})
    }

    /// The first condition that fits decides; when none does, the job is retried.
    pub fn retries(&self, attempt: &Attempt) -> bool {
        let fits = |condition: &&Value| {
            let holds = |name: &str, value: Option<&str>| match condition[name].as_str() {
                None => true,
                Some(pattern) => value.is_some_and(|value| glob(pattern, value)),
            };
            let exit_code = attempt.exit_code.map(|code| code.to_string());
            holds("onStatusReason", Some(&attempt.status_reason))
                // A container without a reason has an empty one, which `*` fits.
                && holds("onReason", Some(attempt.reason.as_deref().unwrap_or_default()))
                && holds("onExitCode", exit_code.as_deref())
        };
        self.evaluate_on_exit.iter().find(fits).is_none_or(|condition| {
            condition["action"].as_str().is_some_and(|a| a.eq_ignore_ascii_case("RETRY"))
        })
    }
}

/// A pattern may have one `*`, at its end.
fn glob(pattern: &str, value: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == value, |start| value.starts_with(start))
}

fn check(condition: &Value) -> Result<(), String> {
    let text = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == ':' || c.is_whitespace();
    let digit = |c: char| c.is_ascii_digit();
    let allowed: [(&str, &dyn Fn(char) -> bool); 3] =
        [("onStatusReason", &text), ("onReason", &text), ("onExitCode", &digit)];
    for (name, allows) in allowed {
        let pattern = condition[name].as_str().unwrap_or_default();
        if !pattern.strip_suffix('*').unwrap_or(pattern).chars().all(allows) {
            return Err(format!("{name} `{pattern}` has characters that a pattern may not have"));
        }
    }
    match condition["action"].as_str() {
        Some(action) if ["RETRY", "EXIT"].contains(&action.to_uppercase().as_str()) => Ok(()),
        other => Err(format!("evaluateOnExit has the action {other:?}")),
    }
}
