//! An **instant** is stored as text in UTC with nine decimals: it loses nothing, sorts as it is, and can be
//! read by a person.

use chrono::{DateTime, SecondsFormat, Utc};

pub fn to_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

pub fn from_text(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|instant| instant.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_sorts() {
        let instants =
            [0, 1, 999_999_999, 1_000_000_000, 1_790_000_000_000_000_001].map(DateTime::from_timestamp_nanos);
        let texts = instants.map(to_text);
        assert!(texts.is_sorted());
        assert_eq!(texts.each_ref().map(|t| from_text(t).unwrap()), instants);
    }
}
