//! The **API of Kubernetes**, as far as jobs need it: lists, creations and merge patches of one kind of object.
//!
//! Every call is one that may be made twice, so that it is tried again when it was throttled or not answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use store::StoreError;
use ureq::Agent;
use ureq::http::{Method, Request};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use crate::aws::{Place, back_off};
use crate::system_tls::system_tls;

/// Longest that one try of a call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Tries of a call.
const ATTEMPTS: u32 = 4;

/// The bound of the first wait between two tries.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Most objects of one page of a list.
const PAGE: u32 = 250;

/// Longest answer that is read, in bytes: a page of workflows with all that Argo notes of them.
const LONGEST_ANSWER: u64 = 64 << 20;

/// Where a pod finds who it is: a token, which is renewed while the pod runs, and the certificate of the API.
pub const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Where the API is and how it is asked.
#[derive(Debug, Clone)]
pub struct KubernetesConfig {
    /// Its address, such as `https://10.0.0.1:443`.
    pub server: String,
    /// A folder with `token`, and with `ca.crt` unless the machine trusts the server.
    pub credentials: PathBuf,
}

impl KubernetesConfig {
    /// That of the pod that this process runs in; `None` outside of a cluster.
    #[must_use]
    pub fn of_pod() -> Option<Self> {
        let told = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (host, port) = (told("KUBERNETES_SERVICE_HOST")?, told("KUBERNETES_SERVICE_PORT")?);
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Some(Self { server: format!("https://{host}:{port}"), credentials: SERVICE_ACCOUNT.into() })
    }
}

/// A collection of objects of one kind in one namespace.
#[derive(Debug, Clone)]
pub(super) struct Collection {
    config: KubernetesConfig,
    /// From the root of the API: `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL`.
    path: String,
    agent: Agent,
    place: Place,
}

/// What became of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    Now,
    /// There was one of that name.
    Before,
}

/// What became of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patched {
    Now,
    /// It is another version than the one that was asked for.
    Changed,
    /// There is none of that name any more.
    Gone,
}

/// An answer: its status, and what it says.
struct Answer {
    status: u16,
    body: Value,
}

impl Collection {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When the certificate of the API cannot be read.
    pub fn new(config: KubernetesConfig, path: String, place: Place) -> Result<Self, StoreError> {
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .tls_config(tls(&config, &place)?)
            .build()
            .new_agent();
        Ok(Self { config, path, agent, place })
    }

    /// All that have these labels.
    pub async fn list(&self, selector: &str) -> Result<Vec<Value>, StoreError> {
        let (mut items, mut next) = (Vec::new(), String::new());
        loop {
            let query = format!("?labelSelector={}&limit={PAGE}{next}", escaped(selector));
            let mut answer = self.call(Method::GET, &query, None).await?;
            match answer.status {
                200 => {}
                // The list that we were in the middle of is too old: from its beginning, then.
                410 if !next.is_empty() => {
                    (items, next) = (Vec::new(), String::new());
                    continue;
                }
                _ => return Err(self.refusal(&answer)),
            }
            if let Value::Array(page) = answer.body["items"].take() {
                items.extend(page);
            }
            match answer.body["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => next = format!("&continue={}", escaped(token)),
                _ => return Ok(items),
            }
        }
    }

    pub async fn create(&self, object: &Value) -> Result<Created, StoreError> {
        let answer = self.call(Method::POST, "", Some(object)).await?;
        match (answer.status, answer.body["reason"].as_str()) {
            (200..=202, _) => Ok(Created::Now),
            (409, Some("AlreadyExists")) => Ok(Created::Before),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// Merges a patch into an object. One that has a `metadata.resourceVersion` is for that version alone.
    pub async fn patch(&self, name: &str, patch: &Value) -> Result<Patched, StoreError> {
        let answer = self.call(Method::PATCH, &format!("/{name}"), Some(patch)).await?;
        match answer.status {
            200 => Ok(Patched::Now),
            404 => Ok(Patched::Gone),
            409 => Ok(Patched::Changed),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn call(&self, method: Method, rest: &str, body: Option<&Value>) -> Result<Answer, StoreError> {
        let url = format!("{}{}{rest}", self.config.server.trim_end_matches('/'), self.path);
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut failed = self.place.unavailable("it was not asked");
        for send in 0..ATTEMPTS {
            back_off(FIRST_WAIT, send).await;
            let (agent, request) = (self.agent.clone(), self.request(&method, &url, body.clone())?);
            let asked = tokio::task::spawn_blocking(move || ask(&agent, request)).await;
            match asked.map_err(|error| self.place.other(error))? {
                Ok(answer) if answer.status == 429 || answer.status >= 500 => {
                    failed = self.place.unavailable(format!("HTTP {}, {}", answer.status, said(&answer)));
                }
                Ok(answer) => return Ok(answer),
                Err(error) => failed = self.place.unavailable(error),
            }
        }
        Err(failed)
    }

    fn request(&self, method: &Method, url: &str, body: String) -> Result<Request<String>, StoreError> {
        // Read each time: the token of a pod is another one after an hour.
        let file = self.config.credentials.join("token");
        let token = std::fs::read_to_string(&file).map_err(|error| {
            self.place.refused(
                format!("{} cannot be read: {error}", file.display()),
                "give the pod a service account whose token is mounted",
            )
        })?;
        let kind = match *method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", token.trim()))
            .header("accept", "application/json")
            .header("content-type", kind)
            .body(body)
            // The text of the error may quote the token.
            .map_err(|_| self.place.refused("its address or the token is malformed", "correct them"))
    }

    fn refusal(&self, answer: &Answer) -> StoreError {
        match answer.status {
            401 => self.place.refused(
                "HTTP 401",
                "mount the token of a service account that the cluster knows, and let it be renewed",
            ),
            403 => self.place.refused(
                said(answer),
                "allow it in the Role of the service account (infra/kubernetes/base/workflows/rbac.yaml)",
            ),
            404 => self.place.missing(format!(
                "such kind of object or namespace ({}); install Argo Workflows, or mend the address",
                said(answer)
            )),
            status => self.place.other(format!("{} (HTTP {status})", said(answer))),
        }
    }
}

/// What the API said of a call. It quotes names, and no token.
fn said(answer: &Answer) -> String {
    answer.body["message"].as_str().unwrap_or("no reason was given").to_owned()
}

fn ask(agent: &Agent, request: Request<String>) -> Result<Answer, ureq::Error> {
    let mut answer = agent.run(request)?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string()?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or_default() })
}

/// Trusts the certificate of the cluster, which signs its own, and where there is none what the machine trusts.
fn tls(config: &KubernetesConfig, place: &Place) -> Result<TlsConfig, StoreError> {
    let file = config.credentials.join("ca.crt");
    let pem = match std::fs::read(&file) {
        Ok(pem) => pem,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(system_tls()),
        Err(error) => {
            let detail = format!("{} cannot be read: {error}", file.display());
            return Err(place.refused(detail, "mount the certificate of the cluster"));
        }
    };
    let roots: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if roots.is_empty() {
        let detail = format!("{} holds no certificate", file.display());
        return Err(place.refused(detail, "mount the certificate of the cluster"));
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

/// For a query: selectors and tokens of lists have signs that separate its parts.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte.into()),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_one_value_of_a_query() {
        assert_eq!(escaped("assay/campaign=a-1,!x"), "assay%2Fcampaign%3Da-1%2C%21x");
    }
}
