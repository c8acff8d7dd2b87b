//! A **weights address** says where weights are kept: on a hub, in a bucket, or where the engine finds them by itself.
//!
//! | written | meaning |
//! |---|---|
//! | `hf:OWNER/NAME` | a repository of the hub at its branch `main` |
//! | `hf:OWNER/NAME@REVISION` | at a branch, a tag or, best, a commit |
//! | `hf:OWNER/NAME@REVISION/FILE.gguf` | one file of it, as llama.cpp takes them; its further parts come with it |
//! | `s3://BUCKET/PREFIX` | everything under a prefix |
//! | `s3://BUCKET/PREFIX/FILE.gguf` | one file, with its further parts |
//! | anything else | a path of the runner's machine, or a name that the engine looks up itself |

use std::str::FromStr;

/// Where weights are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WeightsAddress {
    /// A repository of a hub.
    Hub {
        /// `OWNER/NAME`, or the name alone of the oldest ones.
        repository: String,
        /// A branch, a tag or a commit; `main` where none is written.
        revision: String,
        /// One file instead of all.
        file: Option<String>,
    },
    /// Objects of a bucket.
    Bucket {
        /// The bucket.
        bucket: String,
        /// What their keys begin with, without a slash at its ends.
        prefix: String,
        /// One file under it instead of all.
        file: Option<String>,
    },
    /// Nothing that we fetch: the engine is given the text as it is.
    AsItIs(String),
}

/// A text that means to be an address and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no address of weights; write {expected}")]
pub struct BadWeightsAddress {
    text: String,
    expected: &'static str,
}

const HUB: &str = "hf:OWNER/NAME, hf:OWNER/NAME@REVISION or hf:OWNER/NAME@REVISION/FILE.gguf";
const BUCKET: &str = "s3://BUCKET/PREFIX or s3://BUCKET/PREFIX/FILE.gguf";
/// How files end that are models by themselves.
const WHOLE_MODEL: &str = ".gguf";

impl FromStr for WeightsAddress {
    type Err = BadWeightsAddress;

    fn from_str(text: &str) -> Result<Self, BadWeightsAddress> {
        let bad = |expected| BadWeightsAddress { text: text.to_owned(), expected };
        if let Some(rest) = text.strip_prefix("hf:") {
            return hub(rest).ok_or_else(|| bad(HUB));
        }
        match text.strip_prefix("s3://") {
            Some(rest) => bucket(rest).ok_or_else(|| bad(BUCKET)),
            None => Ok(Self::AsItIs(text.to_owned())),
        }
    }
}

fn hub(rest: &str) -> Option<WeightsAddress> {
    let (repository, revision, file) = match rest.split_once('@') {
        None => (rest, "main", None),
        Some((repository, rest)) => match rest.split_once('/') {
            None => (repository, rest, None),
            Some((revision, file)) => (repository, revision, Some(file)),
        },
    };
    let mut names = repository.split('/');
    let is_repository = names.clone().count() <= 2 && names.all(is_name);
    let is_file = file.is_none_or(|file| file.ends_with(WHOLE_MODEL) && is_relative_path(file));
    (is_repository && is_name(revision) && is_file).then(|| WeightsAddress::Hub {
        repository: repository.to_owned(),
        revision: revision.to_owned(),
        file: file.map(str::to_owned),
    })
}

fn bucket(rest: &str) -> Option<WeightsAddress> {
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let key = key.trim_end_matches('/');
    if !is_name(bucket) || !(key.is_empty() || is_relative_path(key)) {
        return None;
    }
    let (prefix, file) = match key.ends_with(WHOLE_MODEL) {
        false => (key, None),
        true => match key.rsplit_once('/') {
            Some((prefix, file)) => (prefix, Some(file)),
            None => ("", Some(key)),
        },
    };
    Some(WeightsAddress::Bucket {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        file: file.map(str::to_owned),
    })
}

/// Whether a text names something on a hub or a bucket: letters, digits, dots, hyphens and underscores.
fn is_name(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !matches!(text, "" | "." | "..") && text.chars().all(ok)
}

/// Whether a text is a path within a folder that stays in it, whatever machine it is read on.
#[must_use]
pub fn is_relative_path(text: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    text.split('/').all(is_part) && !text.contains(['\\', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_hub(repository: &str, revision: &str, file: Option<&str>) -> WeightsAddress {
        let [repository, revision] = [repository, revision].map(str::to_owned);
        WeightsAddress::Hub { repository, revision, file: file.map(str::to_owned) }
    }

    fn in_bucket(prefix: &str, file: Option<&str>) -> WeightsAddress {
        let (bucket, prefix) = ("b".to_owned(), prefix.to_owned());
        WeightsAddress::Bucket { bucket, prefix, file: file.map(str::to_owned) }
    }

    #[test]
    fn every_form_is_understood() {
        for (text, address) in [
            ("hf:o/n", on_hub("o/n", "main", None)),
            ("hf:gpt2", on_hub("gpt2", "main", None)),
            ("hf:o/n@v1.0", on_hub("o/n", "v1.0", None)),
            ("hf:o/n@main/q/m-Q4.gguf", on_hub("o/n", "main", Some("q/m-Q4.gguf"))),
            ("s3://b", in_bucket("", None)),
            ("s3://b/a/c/", in_bucket("a/c", None)),
            ("s3://b/a/m.gguf", in_bucket("a", Some("m.gguf"))),
            ("s3://b/m.gguf", in_bucket("", Some("m.gguf"))),
            ("o/n", WeightsAddress::AsItIs("o/n".to_owned())),
            ("/models/m", WeightsAddress::AsItIs("/models/m".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(address), "{text}");
        }
    }

    #[test]
    fn what_leads_out_of_its_place_is_none() {
        for text in [
            "hf:",
            "hf:o/n/m",
            "hf:o/..",
            "hf:o/n@",
            "hf:o/n@main/",
            "hf:o/n@main/../m.gguf",
            "hf:o/n@main/a.txt",
            "hf:o n",
            "s3://",
            "s3:///a",
            "s3://b/../c",
            "s3://b//c",
            "s3://b/a\\b",
        ] {
            let told = text.parse::<WeightsAddress>().unwrap_err().to_string();
            assert!(
                told.contains("write hf:OWNER/NAME") || told.contains("write s3://BUCKET"),
                "{text}: {told}"
            );
        }
    }
}
