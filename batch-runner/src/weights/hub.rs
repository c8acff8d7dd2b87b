//! A **hub** keeps repositories of weights, as Hugging Face's does and its mirrors.
//!
//! | question | answer |
//! |---|---|
//! | `/api/models/REPOSITORY/revision/REVISION` | `sha`: the commit that the revision is at now |
//! | `/api/models/REPOSITORY/tree/COMMIT?recursive=true` | files with their length and `oid`, git's name for them; large ones with SHA-256 in `lfs.oid`. A header `link` leads to the next page. |
//! | `/REPOSITORY/resolve/COMMIT/PATH` | the file, mostly by way of a redirect |
//!
//! The branch is turned into a commit first, so that a listing and its files are of one revision.

use async_trait::async_trait;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::listing::{Checksum, Listing, RemoteFile};
use super::web::{Web, WebAnswer};
use super::{FetchError, Reading, WeightsSource};
use crate::api_key::ApiKey;

/// Environment variable with the hub's address.
pub const ENDPOINT_VARIABLE: &str = "HF_ENDPOINT";
/// Environment variable with the key for it.
pub const TOKEN_VARIABLE: &str = "HF_TOKEN";
/// Environment variable with the file that has that key instead, as hub and engines know it.
pub const TOKEN_FILE_VARIABLE: &str = "HF_TOKEN_PATH";
/// The hub that is asked unless told otherwise.
const USUAL_ENDPOINT: &str = "https://huggingface.co";
/// Most pages of a listing: 1,000 files each.
const MAX_PAGES: usize = 100;

/// A hub.
#[derive(Debug, Clone)]
pub struct Hub {
    endpoint: String,
    token: Option<ApiKey>,
}

/// A repository of a hub at a revision.
pub struct Repository<'a> {
    hub: &'a Hub,
    name: &'a str,
    revision: &'a str,
    /// As a person would call it.
    place: String,
}

#[derive(Deserialize)]
struct Revision {
    sha: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    oid: String,
    #[serde(default)]
    size: u64,
    path: String,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    oid: String,
    size: u64,
}

impl Hub {
    /// A hub by its address; `https://`, or `http://` for this machine alone: checksums come the same way as the weights.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn new(endpoint: &str, token: Option<ApiKey>) -> Result<Self, FetchError> {
        let endpoint = endpoint.trim_end_matches('/');
        let uri: Option<http::Uri> = endpoint.parse().ok();
        let is_sound = uri.is_some_and(|uri| match uri.scheme_str() {
            Some("https") => uri.host().is_some(),
            Some("http") => matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]")),
            _ => false,
        });
        if !is_sound || endpoint.contains(['?', '#', '@']) {
            let mend = "write https://HOST (http:// for localhost alone)";
            return Err(FetchError::refused(
                ENDPOINT_VARIABLE,
                format!("is `{endpoint}`, no address of a hub"),
                mend,
            ));
        }
        Ok(Self { endpoint: endpoint.to_owned(), token })
    }

    /// The hub of the environment, with its key.
    ///
    /// # Errors
    /// When a variable holds something else.
    pub fn of_environment() -> Result<Self, FetchError> {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, FetchError> {
        let set = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let (variable, token) = match set(TOKEN_VARIABLE) {
            Some(token) => (TOKEN_VARIABLE, Some(token)),
            // A file that is not there or empty is no key: one may be mounted where no weights need any.
            None => {
                let text = set(TOKEN_FILE_VARIABLE).and_then(|path| std::fs::read_to_string(path).ok());
                (TOKEN_FILE_VARIABLE, text.filter(|text| !text.trim().is_empty()))
            }
        };
        let unusable = || {
            let mend = "write the key alone: only visible ASCII characters are allowed";
            FetchError::refused(variable, "holds no key", mend.to_owned())
        };
        let token = token.map(|text| ApiKey::new(text.trim()).ok_or_else(unusable)).transpose()?;
        Self::new(set(ENDPOINT_VARIABLE).as_deref().unwrap_or(USUAL_ENDPOINT), token)
    }

    /// A repository at a branch, a tag or a commit.
    #[must_use]
    pub fn repository<'a>(&'a self, name: &'a str, revision: &'a str) -> Repository<'a> {
        Repository { hub: self, name, revision, place: format!("{name}@{revision} of {}", self.endpoint) }
    }
}

impl Repository<'_> {
    async fn get(&self, url: &str, from: u64) -> Result<WebAnswer, FetchError> {
        let web = Web { place: &self.place, endpoint: &self.hub.endpoint, key: self.hub.token.as_ref() };
        let answer = web.get(url, from).await?;
        match answer.status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(answer),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FetchError::refused(
                &self.place,
                format!("may not be read with our key (HTTP {})", answer.status.as_u16()),
                format!("accept its licence there, and set {TOKEN_VARIABLE} to a key that may read it"),
            )),
            StatusCode::NOT_FOUND => Err(FetchError::refused(
                &self.place,
                "is not there",
                "correct the name or the revision in `artifacts`",
            )),
            status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
                Err(FetchError::unavailable(&self.place, format!("HTTP {}", status.as_u16())))
            }
            status if status.is_server_error() => {
                Err(FetchError::unavailable(&self.place, format!("HTTP {}", status.as_u16())))
            }
            status => Err(FetchError::refused(
                &self.place,
                format!("answers HTTP {}", status.as_u16()),
                format!("check {ENDPOINT_VARIABLE}"),
            )),
        }
    }

    /// An answer as JSON, with its headers.
    async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<(T, HeaderMap), FetchError> {
        let answer = self.get(url, 0).await?;
        let headers = answer.headers.clone();
        let body = answer.whole(&self.place).await?;
        let told = serde_json::from_slice(&body).map_err(|error| {
            FetchError::refused(
                &self.place,
                format!("answers something else than a hub does ({error})"),
                format!("check {ENDPOINT_VARIABLE}"),
            )
        })?;
        Ok((told, headers))
    }
}

#[async_trait]
impl WeightsSource for Repository<'_> {
    async fn list(&self) -> Result<Listing, FetchError> {
        let Self { hub, name, revision, .. } = self;
        let of_model = format!("{}/api/models/{name}", hub.endpoint);
        let (Revision { sha }, _) = self.json(&format!("{of_model}/revision/{revision}")).await?;
        let mut files = Vec::new();
        let mut page = Some(format!("{of_model}/tree/{sha}?recursive=true"));
        for _ in 0..MAX_PAGES {
            let Some(url) = page else { break };
            let (entries, headers): (Vec<Entry>, _) = self.json(&url).await?;
            files.extend(entries.into_iter().filter(|entry| entry.kind == "file").map(RemoteFile::from));
            page = next_page(&headers);
        }
        Ok(Listing { place: self.place.clone(), commit: Some(sha), files })
    }

    async fn read(&self, listing: &Listing, file: &RemoteFile, from: u64) -> Result<Reading, FetchError> {
        let commit = listing.commit.as_deref().unwrap_or(self.revision);
        let path = encoded(&file.path);
        let answer =
            self.get(&format!("{}/{}/resolve/{commit}/{path}", self.hub.endpoint, self.name), from).await?;
        // A server need not know how to begin in the middle.
        let from = match answer.status {
            StatusCode::PARTIAL_CONTENT if begins_at(&answer.headers, from) => from,
            StatusCode::PARTIAL_CONTENT => {
                return Err(FetchError::unavailable(&self.place, "it sent another part than was asked for"));
            }
            _ => 0,
        };
        Ok(Reading { from, chunks: Box::new(answer.body) })
    }
}

impl From<Entry> for RemoteFile {
    fn from(Entry { oid, size, path, lfs, .. }: Entry) -> Self {
        match lfs {
            Some(lfs) => Self { path, bytes: lfs.size, checksum: Checksum::Sha256(lfs.oid) },
            None => Self { path, bytes: size, checksum: Checksum::GitBlob(oid) },
        }
    }
}

/// Whether `content-range: bytes FROM-TO/ALL` begins where it should.
fn begins_at(headers: &HeaderMap, from: u64) -> bool {
    let range = headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let begin = range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-'));
    begin.is_some_and(|(begin, _)| begin.parse() == Ok(from))
}

/// The address in `link: <ADDRESS>; rel="next"`.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get(header::LINK)?.to_str().ok()?;
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    Some(next.split_once('<')?.1.split_once('>')?.0.to_owned())
}

/// A path as part of an address.
fn encoded(path: &str) -> String {
    use std::fmt::Write;
    path.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                text.push(byte.into());
            }
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_hub_is_safe_or_on_this_machine() {
        for good in ["https://huggingface.co", "https://mirror.example/hf/", "http://127.0.0.1:8000"] {
            assert!(Hub::new(good, None).is_ok(), "{good}");
        }
        for bad in ["http://mirror.example", "huggingface.co", "", "https://", "https://a@b", "ftp://a"] {
            let told = Hub::new(bad, None).err().unwrap().to_string();
            assert!(
                told.starts_with("HF_ENDPOINT is") && told.contains("write https://HOST"),
                "{bad}: {told}"
            );
        }
    }

    #[test]
    fn a_key_is_in_a_variable_or_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hf-token");
        let found = |token: Option<&str>| {
            let path = file.display().to_string();
            Hub::of(|name| match name {
                TOKEN_VARIABLE => token.map(str::to_owned),
                TOKEN_FILE_VARIABLE => Some(path.clone()),
                _ => None,
            })
            .map(|hub| hub.token)
        };
        assert_eq!(found(None).unwrap(), None, "the file is not there");
        std::fs::write(&file, "\n").unwrap();
        assert_eq!(found(Some(" ")).unwrap(), None);
        std::fs::write(&file, "hf_file\n").unwrap();
        assert_eq!(found(None).unwrap(), ApiKey::new("hf_file"));
        assert_eq!(found(Some("hf_variable")).unwrap(), ApiKey::new("hf_variable"));
        std::fs::write(&file, "two words").unwrap();
        let told = found(None).unwrap_err().to_string();
        assert!(told.contains("HF_TOKEN_PATH") && !told.contains("words"), "{told}");
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let mut headers = HeaderMap::new();
        assert_eq!(next_page(&headers), None);
        let links = r#"<https://h/a>; rel="first", <https://h/b?cursor=x>; rel="next""#;
        headers.insert(header::LINK, links.parse().unwrap());
        assert_eq!(next_page(&headers).as_deref(), Some("https://h/b?cursor=x"));
    }

    #[test]
    fn paths_are_written_as_addresses_want_them() {
        assert_eq!(encoded("a b/ü#.json"), "a%20b/%C3%BC%23.json");
    }
}
