//! A **listing** is what a source has at one revision: files with their lengths and checksums, of which an engine needs some.

use std::fmt;

use domain::content_hash::hex;
use domain::weights_address::is_relative_path;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::FetchError;

/// What the bytes of a file must come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    /// SHA-256 in hexadecimal digits.
    Sha256(String),
    /// The name that git gives to a file: SHA-1 of a header and its bytes, in hexadecimal digits. Hubs have no other for
    /// small files.
    GitBlob(String),
}

impl Checksum {
    /// Whether it is one: it becomes the name of a file.
    fn is_sound(&self) -> bool {
        let (digits, length) = match self {
            Self::Sha256(digits) => (digits, 64),
            Self::GitBlob(digits) => (digits, 40),
        };
        digits.len() == length && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(digits) => write!(f, "sha256-{digits}"),
            Self::GitBlob(digits) => write!(f, "git-{digits}"),
        }
    }
}

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteFile {
    /// Its path within the source, with slashes.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// What its bytes must come to.
    pub checksum: Checksum,
}

/// What a source has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The source, as a person would call it.
    pub place: String,
    /// The commit of a hub. None where the source knows no revisions.
    pub commit: Option<String>,
    /// Its files, by path.
    pub files: Vec<RemoteFile>,
}

/// Endings of weights that are there once more as safetensors.
const OTHER_FORMATS: [&str; 9] =
    [".bin", ".pt", ".pth", ".h5", ".msgpack", ".onnx", ".ot", ".tflite", ".gguf"];

impl Listing {
    /// The files that an engine needs: one with its parts, or all but what is there again in another form.
    ///
    /// # Errors
    /// When there are none, or a path or a checksum is none.
    pub fn needed(mut self, file: Option<&str>) -> Result<Self, FetchError> {
        let safetensors = |path: &str| path.ends_with(".safetensors");
        let at_top = |path: &str| !path.contains('/');
        let has_safetensors = self.files.iter().any(|f| at_top(&f.path) && safetensors(&f.path));
        let has_shards = self
            .files
            .iter()
            .any(|f| at_top(&f.path) && safetensors(&f.path) && !f.path.starts_with("consolidated"));
        self.files.retain(|f| match file {
            Some(file) => is_part_of(&f.path, file),
            None if !has_safetensors => true,
            None => {
                let again = OTHER_FORMATS.iter().any(|ending| f.path.ends_with(ending))
                    || (safetensors(&f.path) && !at_top(&f.path))
                    || (has_shards && at_top(&f.path) && f.path.starts_with("consolidated"));
                !again
            }
        });
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        if self.files.is_empty() {
            let what = file.map_or_else(|| "no files".to_owned(), |file| format!("no file {file}"));
            return Err(FetchError::refused(&self.place, format!("has {what}"), "correct `artifacts`"));
        }
        match self.files.iter().find(|f| !is_relative_path(&f.path) || !f.checksum.is_sound()) {
            Some(f) => {
                let problem = format!("lists {:?} with a path or a checksum that is none", f.path);
                Err(FetchError::refused(&self.place, problem, "ask whoever runs it"))
            }
            None => Ok(self),
        }
    }

    /// What the files come to, in hexadecimal digits: the same wherever they are from.
    #[must_use]
    pub fn content(&self) -> String {
        let mut hash = Sha256::new();
        for RemoteFile { path, bytes, checksum } in &self.files {
            hash.update(format!("{path}\0{bytes}\0{checksum}\n"));
        }
        hex(&hash.finalize())
    }
}

/// Whether a file is the wanted one, or of the same model in parts: `m-00001-of-00003.gguf` has two more.
fn is_part_of(path: &str, wanted: &str) -> bool {
    let stem = |path: &str| {
        let (rest, count) = path.strip_suffix(".gguf")?.rsplit_once("-of-")?;
        let (stem, number) = rest.rsplit_once('-')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (is_number(number) && is_number(count)).then(|| (stem.to_owned(), count.to_owned()))
    };
    path == wanted || stem(wanted).is_some_and(|of| stem(path) == Some(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(paths: &[&str]) -> Listing {
        let file = |path: &&str| RemoteFile {
            path: (*path).to_owned(),
            bytes: 1,
            checksum: Checksum::Sha256("0".repeat(64)),
        };
        Listing { place: "the hub".to_owned(), commit: None, files: paths.iter().map(file).collect() }
    }

    fn needed(paths: &[&str], file: Option<&str>) -> Vec<String> {
        listing(paths).needed(file).unwrap().files.into_iter().map(|f| f.path).collect()
    }

    #[test]
    fn weights_that_are_there_twice_are_fetched_once() {
        let all = [
            "model-1-of-2.safetensors",
            "model-2-of-2.safetensors",
            "consolidated.safetensors",
            "pytorch_model.bin",
            "original/a.pth",
            "metal/model.safetensors",
            "onnx/model.onnx",
            "config.json",
            "1_Pooling/config.json",
        ];
        assert_eq!(
            needed(&all, None),
            ["1_Pooling/config.json", "config.json", "model-1-of-2.safetensors", "model-2-of-2.safetensors"]
        );
        assert_eq!(needed(&["pytorch_model.bin"], None), ["pytorch_model.bin"]);
        assert_eq!(needed(&["consolidated.safetensors", "params.json"], None).len(), 2);
    }

    #[test]
    fn a_file_comes_with_its_further_parts() {
        let all =
            ["q4/m-00001-of-00002.gguf", "q4/m-00002-of-00002.gguf", "q8.gguf", "q4/n-00001-of-00002.gguf"];
        assert_eq!(needed(&all, Some(all[0])), all[..2]);
        assert_eq!(needed(&all, Some("q8.gguf")), ["q8.gguf"]);
        let told = listing(&all).needed(Some("q2.gguf")).unwrap_err().to_string();
        assert_eq!(told, "the hub has no file q2.gguf; correct `artifacts`");
    }

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_refused() {
        let told = listing(&["../m.bin"]).needed(None).unwrap_err().to_string();
        assert!(told.contains("a path or a checksum that is none"), "{told}");
    }

    #[test]
    fn the_content_is_that_of_the_files_and_not_of_their_place() {
        let [mut one, other] = [listing(&["a"]), listing(&["b"])];
        assert_ne!(one.content(), other.content());
        let content = one.content();
        one.place = "a bucket".to_owned();
        assert_eq!(one.content(), content);
    }
}
