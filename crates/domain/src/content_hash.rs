//! A **content hash** names a value by what it is: SHA-256 of its canonical JSON, shortened.
//!
//! Canonical JSON has sorted object keys, no white space and no absent fields, so that two runs, two
//! machines and two versions of this program give the same value the same name.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Hex digits kept of a hash. 64 bits: among 10 million values the chance that any two collide is 3e-6.
pub const HASH_HEX_DIGITS: usize = 16;

/// The canonical JSON of a value.
///
/// # Errors
/// When the value cannot be written as JSON, such as a map whose keys are not strings.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut tree = serde_json::to_value(value)?;
    sort_and_prune(&mut tree);
    serde_json::to_string(&tree)
}

/// The first [`HASH_HEX_DIGITS`] hex digits of the SHA-256 of a value's canonical JSON.
///
/// # Errors
/// As [`canonical_json`].
pub fn content_hash<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(hash_bytes(canonical_json(value)?.as_bytes()))
}

/// A hash that is under way: values that begin alike are hashed from where they part.
#[derive(Debug, Clone)]
pub(crate) struct Begun(Sha256);

impl Begun {
    pub(crate) fn with(text: &str) -> Self {
        Self(Sha256::new_with_prefix(text))
    }

    /// The hash of what was begun, followed by `rest`.
    pub(crate) fn ended_by(&self, rest: &str) -> String {
        shortened(&self.0.clone().chain_update(rest).finalize())
    }
}

/// The first [`HASH_HEX_DIGITS`] hex digits of the SHA-256 of some bytes.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> String {
    shortened(&Sha256::digest(bytes))
}

/// The whole SHA-256 of some bytes, 64 hex digits: what others compute too.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as hex digits in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    hex_digits(bytes).collect()
}

fn shortened(digest: &[u8]) -> String {
    hex_digits(digest).take(HASH_HEX_DIGITS).collect()
}

fn hex_digits(bytes: &[u8]) -> impl Iterator<Item = char> {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(move |b| [digit(b >> 4), digit(b & 15)])
}

fn sort_and_prune(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.sort_keys();
            map.values_mut().for_each(sort_and_prune);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(sort_and_prune),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_and_absent_fields_do_not_change_the_hash() {
        let a = json!({"b": 1, "a": {"y": null, "x": [1, 2]}});
        let b = json!({"a": {"x": [1, 2]}, "b": 1});
        assert_eq!(canonical_json(&a).unwrap(), r#"{"a":{"x":[1,2]},"b":1}"#);
        assert_eq!(content_hash(&a).unwrap(), content_hash(&b).unwrap());
    }

    #[test]
    fn the_hash_is_the_start_of_sha256() {
        // echo -n '' | sha256sum
        assert_eq!(hash_bytes(b""), "e3b0c44298fc1c14");
    }
}
