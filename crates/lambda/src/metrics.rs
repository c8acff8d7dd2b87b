//! **Metrics** of a function: one line for each invocation in CloudWatch's embedded format, which CloudWatch counts when it
//! reads the log. <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Failure;

/// Where the metrics are, and what alarms are set on.
pub const NAMESPACE: &str = "Assay";

/// What became of what an invocation told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Handled, or of no interest.
    pub handled: u32,
    /// Failed, so that they come again.
    pub failed: u32,
    /// Given up, so that their campaigns are marked failed.
    pub given_up: u32,
}

impl Counts {
    /// The line of a function, by the name that Lambda gives it.
    #[must_use]
    pub fn line(self, function: &str, at: DateTime<Utc>) -> String {
        let metric = |name: &str| json!({"Name": name, "Unit": "Count"});
        json!({
            "_aws": {"Timestamp": at.timestamp_millis(), "CloudWatchMetrics": [{
                "Namespace": NAMESPACE, "Dimensions": [["function"]],
                "Metrics": [metric("handled"), metric("failed"), metric("given_up")],
            }]},
            "function": function, "handled": self.handled, "failed": self.failed, "given_up": self.given_up,
        })
        .to_string()
    }

    /// Counts a message; `true` when something of it was given up.
    pub(crate) fn count(&mut self, message: &Result<bool, Failure>) {
        match message {
            Ok(false) => self.handled += 1,
            Ok(true) => self.given_up += 1,
            Err(_) => self.failed += 1,
        }
    }

    /// Writes the line where Lambda reads it. Somewhere else, as in tests, nobody counts.
    pub(crate) fn tell(self) {
        if let Ok(function) = std::env::var("AWS_LAMBDA_FUNCTION_NAME") {
            let line = self.line(&function, Utc::now());
            // A line that could not be written is one that is not counted.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let counts = Counts { handled: 8, failed: 1, given_up: 1 };
        let line: Value =
            serde_json::from_str(&counts.line("assay-x", DateTime::from_timestamp_millis(7).unwrap()))
                .unwrap();
        assert_eq!(line["_aws"]["Timestamp"], 7);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            (&directive["Namespace"], &directive["Dimensions"]),
            (&json!("Assay"), &json!([["function"]]))
        );
        assert_eq!(line["function"], "assay-x");
        let names: Vec<_> =
            directive["Metrics"].as_array().unwrap().iter().map(|metric| &metric["Name"]).collect();
        assert_eq!(names, ["handled", "failed", "given_up"]);
        assert!(
            names.iter().all(|name| line[name.as_str().unwrap()].is_u64()),
            "each has its number: {line}"
        );
    }
}
