//! **serve-api** is the HTTP API: campaigns, the catalogue and recommendations.
//!
//! Answers come from the catalogue as it was published last, in memory; from the results themselves where none was. While
//! a newer one is being read, or the stores are away, the last snapshot is served with a `Warning` header.

mod access;
mod answers;
mod context;
mod kept_file;
mod layers;
mod openapi;
mod parameters;
mod problem;
mod router;
mod routes;
mod settings;
mod snapshot;
mod trigger_by_upload;

pub use access::{Access, ApiKey, Jwks, JwtConfig, NewKey, Scope, read_keys};
pub use context::{CampaignTrigger, Context, PublishedBySchedule, Publishing, TriggerError};
pub use layers::measure::Measures;
pub use layers::most_bytes::MostBytes;
pub use layers::rate_limit::RateLimit;
pub use problem::{Kind, Problem};
pub use router::router;
pub use settings::{BadSettings, Settings, Stated, Streams};
pub use snapshot::CurrentSnapshot;
pub use trigger_by_upload::TriggerByUpload;
