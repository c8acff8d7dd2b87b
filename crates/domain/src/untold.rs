//! **Untold** is a number that another tool did not tell: `NaN` in memory, so that whatever is reckoned from it is none
//! either, and absent in JSON. Our own runner tells every number.

/// A number that nobody told.
#[must_use]
pub const fn untold() -> f64 {
    f64::NAN
}

/// Whether nobody told it.
#[must_use]
pub const fn is_untold(number: &f64) -> bool {
    number.is_nan()
}

/// A number, where it was told.
#[must_use]
pub fn told(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Statistic, Summary};

    #[test]
    fn what_was_not_told_is_absent_and_stays_so() {
        let text = r#"{"count":3,"mean":1.5,"p50":1.0,"p99":2.0}"#;
        let read: Summary = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!((read.known(Statistic::P99), read.known(Statistic::P90)), (Some(2.0), None));
        assert_eq!((told(1.0), told(untold())), (Some(1.0), None));
        assert!(serde_json::from_str::<Summary>(r#"{"count":3,"mean":null}"#).is_err(), "null is no number");
    }
}
